#include "wire/seq.hpp"

#include <gtest/gtest.h>

#include "tests/support/seed.hpp"
#include "tests/wire/octets.hpp"

namespace lastack::wire {
namespace {

constexpr std::uint32_t kHalf = 0x8000'0000;

// Every question is asked around several origins, for the circle has no first number (F-24).
constexpr std::uint32_t kOrigins[] = {0, 1, 1000, kHalf - 1, kHalf, 0xffff'ffff};

TEST(Seq, before_and_after_look_half_the_circle_ahead) {
    for (const std::uint32_t origin : kOrigins) {
        const Seq a(origin);
        EXPECT_FALSE(a.before(a));
        EXPECT_TRUE(a.at_or_before(a));
        EXPECT_TRUE(a.at_or_after(a));
        EXPECT_TRUE(a.before(a + 1));
        EXPECT_TRUE((a + 1).after(a));
        EXPECT_FALSE((a + 1).at_or_before(a));
        EXPECT_TRUE(a.before(a + (kHalf - 1)));
        EXPECT_TRUE(a.after(a + (kHalf + 1)));
    }
}

TEST(Seq, distance_counts_forward_only) {
    for (const std::uint32_t origin : kOrigins) {
        const Seq a(origin);
        EXPECT_EQ(a.distance(a), 0U);
        EXPECT_EQ(a.distance(a + 5), 5U);
        EXPECT_EQ((a + 5).distance(a), 0xffff'fffbU);
        EXPECT_EQ(a.distance(a - 1), 0xffff'ffffU);
    }
}

TEST(Seq, a_window_holds_its_first_number_and_not_the_one_behind_its_last) {
    for (const std::uint32_t origin : kOrigins) {
        const Seq first(origin);
        EXPECT_FALSE(first.in_window(first, 0));
        EXPECT_FALSE((first - 1).in_window(first, 100));
        EXPECT_TRUE(first.in_window(first, 100));
        EXPECT_TRUE((first + 99).in_window(first, 100));
        EXPECT_FALSE((first + 100).in_window(first, 100));
    }
}

TEST(Seq, the_later_and_the_earlier_of_two_are_told_across_the_wrap) {
    const Seq a(0xffff'fff0), b(0x10);
    EXPECT_EQ(later(a, b), b);
    EXPECT_EQ(later(b, a), b);
    EXPECT_EQ(earlier(a, b), a);
    EXPECT_EQ(earlier(b, a), a);
}

TEST(Seq, adding_and_subtracting_undo_each_other) {
    test::Random random(test::seed_or(16));
    for (int i = 0; i < 1000; ++i) {
        const Seq a(test::any<std::uint32_t>(random));
        const auto count = test::any<std::uint32_t>(random);
        EXPECT_EQ(a + count - count, a);
        EXPECT_EQ(a.distance(a + count), count);
        Seq moved = a;
        moved += count;
        EXPECT_EQ(moved, a + count);
    }
}

}  // namespace
}  // namespace lastack::wire
