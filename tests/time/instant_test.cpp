#include "time/instant.hpp"

#include <gtest/gtest.h>

namespace lastack::time {
namespace {

using namespace std::chrono_literals;

TEST(Instant, LiesInTheTickThatHasBegun) {
    EXPECT_EQ(tick_of(Instant(0ns)), 0U);
    EXPECT_EQ(tick_of(Instant(999'999ns)), 0U);
    EXPECT_EQ(tick_of(Instant(1ms)), 1U);
    EXPECT_EQ(tick_of(Instant(24h)), 86'400'000U);
}

TEST(Instant, ADeadlineIsRoundedUpToATickSoThatNothingFiresEarly) {
    EXPECT_EQ(tick_not_before(Instant(0ns)), 0U);
    EXPECT_EQ(tick_not_before(Instant(1ns)), 1U);
    EXPECT_EQ(tick_not_before(Instant(1ms)), 1U);
    EXPECT_EQ(tick_not_before(Instant(1ms + 1ns)), 2U);
}

TEST(Instant, StartOfATickIsTheFirstInstantInIt) {
    const Tick tick = 1'234'567'890'123;
    EXPECT_EQ(tick_of(start_of(tick)), tick);
    EXPECT_EQ(tick_of(start_of(tick) - 1ns), tick - 1);
    EXPECT_EQ(tick_not_before(start_of(tick)), tick);
}

}  // namespace
}  // namespace lastack::time
