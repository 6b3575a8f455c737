// What routers have said of paths: one destination, ten minutes, and no longer.

#include "ip/path_mtu.hpp"

#include <gtest/gtest.h>

#include "tests/support/arena_memory.hpp"

namespace lastack::ip {
namespace {

using namespace std::chrono_literals;

constexpr wire::Ipv4Address kFar{0xc613'0001};
constexpr time::Instant kNow{1h};

class PathMtuTest : public testing::Test {
  protected:
    test::ArenaMemory memory_{[](base::Arena& arena) { PathMtu measured(arena); }};
    base::Arena arena_{memory_.bytes()};
    PathMtu paths_{arena_};

    static constexpr std::uint16_t kNothing = 0;
    std::uint16_t said_of(wire::Ipv4Address destination, time::Instant now = kNow) const {
        const auto word = paths_.of(destination, now);
        return word ? word->mtu_bytes : kNothing;
    }
};

TEST_F(PathMtuTest, I_10_knows_nothing_at_first) {
    EXPECT_EQ(said_of(kFar), kNothing);
}

TEST_F(PathMtuTest, I_10_what_was_said_holds_for_that_destination_only) {
    paths_.learn(kFar, 1'006, kNow);
    EXPECT_EQ(said_of(kFar), 1'006);
    EXPECT_EQ(said_of({kFar.value + 1}), kNothing);
}

TEST_F(PathMtuTest, H_36_is_believed_for_ten_minutes) {
    paths_.learn(kFar, 1'006, kNow);
    EXPECT_EQ(said_of(kFar, kNow + 10min - 1ns), 1'006);
    EXPECT_EQ(said_of(kFar, kNow + 10min), kNothing);
}

TEST_F(PathMtuTest, H_36_who_takes_it_over_is_told_how_long_it_is_still_believed) {
    paths_.learn(kFar, 1'006, kNow);
    EXPECT_EQ(paths_.of(kFar, kNow)->believed, 10min);
    EXPECT_EQ(paths_.of(kFar, kNow + 9min)->believed, 1min);
}

TEST_F(PathMtuTest, I_10_many_destinations_displace_each_other_and_no_slot_is_out_of_bounds) {
    for (std::uint32_t i = 0; i < 100'000; ++i) paths_.learn({i}, 600, kNow);
    EXPECT_EQ(said_of({99'999}), 600);
    EXPECT_EQ(said_of({0}), kNothing);
}

}  // namespace
}  // namespace lastack::ip
