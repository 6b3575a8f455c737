#include "wire/seq.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <type_traits>

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

// Against arithmetic that cannot wrap: `ahead` is how far b lies ahead of a, less than half a
// circle.
TEST(Seq, F_1_every_question_is_answered_modulo_2_to_the_32) {
    test::Random random(test::seed_or(1));
    for (int i = 0; i < 20'000; ++i) {
        const auto number = i % 4 == 0 ? kOrigins[random() % std::size(kOrigins)]
                                       : test::any<std::uint32_t>(random);
        const std::uint32_t ahead = i % 3 == 0 ? static_cast<std::uint32_t>(i % 5)
                                               : test::any<std::uint32_t>(random) % kHalf;
        const Seq a(number), b = a + ahead;
        const auto expected = (std::uint64_t{number} + ahead) % (std::uint64_t{1} << 32);
        ASSERT_EQ(b.value(), expected);
        ASSERT_EQ(a.before(b), ahead > 0);
        ASSERT_EQ(b.after(a), ahead > 0);
        ASSERT_EQ(b.before(a), false);
        ASSERT_EQ(a.at_or_before(b), true);
        ASSERT_EQ(b.at_or_before(a), ahead == 0);
        ASSERT_EQ(a.distance(b), ahead);
        ASSERT_EQ(later(a, b), b);
        ASSERT_EQ(earlier(a, b), a);
        const std::uint32_t size = test::any<std::uint32_t>(random);
        ASSERT_EQ(b.in_window(a, size), ahead < size);
    }
}

// Without an order of their own, numbers cannot be compared by accident.
template <class T>
concept HasAnOrder = requires(T a, T b) {
    a < b;
}
|| requires(T a, T b) {
    a > b;
}
|| requires(T a, T b) {
    a <= b;
}
|| requires(T a, T b) {
    a <=> b;
};
static_assert(HasAnOrder<std::uint32_t> && !HasAnOrder<Seq>);

// Half the circle apart: whoever asks either way gets the same answer, so nothing can be told.
TEST(Seq, F_2_at_exactly_half_the_circle_neither_comes_first) {
    for (const std::uint32_t origin : kOrigins) {
        const Seq a(origin), b = a + kHalf;
        EXPECT_EQ(a.before(b), b.before(a));
        EXPECT_EQ(a.after(b), b.after(a));
        EXPECT_EQ(a.distance(b), b.distance(a));
        EXPECT_FALSE(b.in_window(a, 1U << 30)) << "no window is as large";
    }
}

// 32 bits before the subtraction and after it: no narrower number comes in, no wider one goes out.
TEST(Seq, F_3_numbers_and_distances_are_32_bits_wide_everywhere) {
    static_assert(sizeof(Seq) == 4);
    static_assert(std::is_same_v<decltype(Seq().value()), std::uint32_t>);
    static_assert(std::is_same_v<decltype(Seq().distance(Seq())), std::uint32_t>);
    static_assert(!std::is_convertible_v<std::uint16_t, Seq>);
    static_assert(!std::is_convertible_v<int, Seq> && !std::is_convertible_v<std::uint64_t, Seq>);
    static_assert(!std::is_convertible_v<Seq, std::int64_t>);
    const std::uint16_t one = 1;  // of an int's rank: as a difference it would be -1 and order so
    EXPECT_EQ(Seq(0) - one, Seq(0xffff'ffff));
    EXPECT_TRUE((Seq(0) - one).before(Seq(0)));
    EXPECT_EQ(Seq(one).distance(Seq(0)), 0xffff'ffffU);
    EXPECT_TRUE(Seq(0xffff'fff0).before(Seq(0x10))) << "widened to 64 bits it would come after";
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
