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
};

TEST_F(PathMtuTest, I_10_knows_nothing_at_first) {
    EXPECT_EQ(paths_.of(kFar, kNow), PathMtu::kUnknown);
}

TEST_F(PathMtuTest, I_10_what_was_said_holds_for_that_destination_only) {
    paths_.learn(kFar, 1'006, kNow);
    EXPECT_EQ(paths_.of(kFar, kNow), 1'006);
    EXPECT_EQ(paths_.of({kFar.value + 1}, kNow), PathMtu::kUnknown);
}

TEST_F(PathMtuTest, H_36_is_believed_for_ten_minutes) {
    paths_.learn(kFar, 1'006, kNow);
    EXPECT_EQ(paths_.of(kFar, kNow + 10min - 1ns), 1'006);
    EXPECT_EQ(paths_.of(kFar, kNow + 10min), PathMtu::kUnknown);
}

TEST_F(PathMtuTest, I_10_many_destinations_displace_each_other_and_no_slot_is_out_of_bounds) {
    for (std::uint32_t i = 0; i < 100'000; ++i) paths_.learn({i}, 600, kNow);
    EXPECT_EQ(paths_.of({99'999}, kNow), 600);
    EXPECT_EQ(paths_.of({0}, kNow), PathMtu::kUnknown);
}

}  // namespace
}  // namespace lastack::ip
