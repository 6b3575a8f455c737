// How much the wheel does, counted in slots and entries rather than in time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "time/wheel.hpp"
#include "wheel_host.hpp"

namespace lastack::time {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Tick kHour = 3'600'000;

TEST(WheelWork, AnIdleHourInOneCallVisitsNoMoreSlotsThanThereAreLevels) {
    WheelHost host(1);
    host.wheel.arm(0, at(25 * kHour));
    EXPECT_THAT(host.fire_all(at(kHour)), IsEmpty());
    EXPECT_LE(host.wheel.statistics().slots_visited, 4U);
    EXPECT_THAT(host.fire_all(at(24 * kHour)), IsEmpty());
    EXPECT_LE(host.wheel.statistics().slots_visited, 4U);
    EXPECT_THAT(host.fire_all(at(25 * kHour)), ElementsAre(0U));
    EXPECT_LE(host.wheel.statistics().slots_visited, 4U);
}

TEST(WheelWork, IdleTicksOneByOneVisitNoSlot) {
    WheelHost host(1);
    host.wheel.arm(0, at(60'000));
    const auto none = [](std::uint32_t) {};
    for (Tick tick = 1; tick < 59'000; ++tick) host.wheel.advance(at(tick), 64, none);
    EXPECT_EQ(host.wheel.statistics().slots_visited, 0U);
}

TEST(WheelWork, ArmingForLaterAgainAndAgainTouchesNoSlot) {
    WheelHost host(1);
    host.wheel.arm(0, at(200));
    for (Tick tick = 1; tick < 190; ++tick) {
        host.wheel.advance(at(tick), 64, [](std::uint32_t) {});
        host.wheel.arm(0, at(tick + 200));
    }
    const WheelStatistics& s = host.wheel.statistics();
    EXPECT_EQ(s.entries_filed, 1U);
    EXPECT_EQ(s.entries_moved, 0U);
    EXPECT_EQ(s.entries_refiled, 0U);
    EXPECT_EQ(s.slots_visited, 0U);

    EXPECT_THAT(host.fire_all(at(388)), IsEmpty());
    EXPECT_THAT(host.fire_all(at(389)), ElementsAre(0U));
    EXPECT_LE(s.entries_refiled, 2U);
}

TEST(WheelWork, ArmingAndCancellingAnIdForeverKeepsOneEntry) {
    WheelHost host(1);
    for (Tick tick = 0; tick < 1'000; ++tick) {
        host.wheel.arm(0, at(100'000 + tick));
        host.wheel.cancel(0);
    }
    EXPECT_EQ(host.wheel.statistics().entries_filed, 1U);
    EXPECT_EQ(host.wheel.next_deadline(), std::nullopt);
    EXPECT_THAT(host.fire_all(at(200'000)), IsEmpty());
    EXPECT_EQ(host.wheel.statistics().entries_dropped, 1U);
    EXPECT_FALSE(host.wheel.has_due(at(1'000'000)));
}

TEST(WheelWork, ATimerIsFiledAgainAtMostOncePerLevel) {
    WheelHost host(1);
    host.wheel.arm(0, at((Tick{3} << 25) + (5 << 17) + (7 << 9) + 9));
    host.fire_all(at(Tick{4} << 25));
    EXPECT_EQ(host.wheel.statistics().entries_refiled, 3U);
}

// What is still wanted, in calls of `at_most`, with every call's work checked against its bound.
std::uint64_t drain_in_bounded_calls(WheelHost& host, Instant now, std::uint32_t at_most) {
    std::uint64_t total = 0;
    while (host.wheel.has_due(now)) {
        const std::uint64_t before = host.handled();
        const std::uint32_t fired = host.wheel.advance(now, at_most, [](std::uint32_t) {});
        EXPECT_LE(fired, at_most);
        EXPECT_LE(host.handled() - before, std::uint64_t{at_most} * Wheel::kEntriesPerTimer);
        EXPECT_GT(host.handled(), before);
        total += fired;
    }
    return total;
}

TEST(WheelWork, H_7_AMillionTimersOfOneTickNeverExceedACallsBudget) {
    constexpr std::uint32_t kTimers = 1'000'000;
    WheelHost host(kTimers);
    for (std::uint32_t id = 0; id < kTimers; ++id) host.wheel.arm(id, at(60'000));
    EXPECT_EQ(host.wheel.armed_count(), kTimers);
    EXPECT_EQ(drain_in_bounded_calls(host, at(59'999, 999'999ns), 256), 0U);
    EXPECT_EQ(drain_in_bounded_calls(host, at(60'000), 256), kTimers);
    EXPECT_EQ(host.wheel.armed_count(), 0U);
}

TEST(WheelWork, MovingTimersDownALevelCountsAsWork) {
    constexpr std::uint32_t kTimers = 10'000;
    WheelHost host(kTimers);
    for (std::uint32_t id = 0; id < kTimers; ++id) host.wheel.arm(id, at(1'600 + id % 200));
    // At tick 1536 their slot is due, but none of them.
    EXPECT_EQ(host.wheel.advance(at(1'536), 100, [](std::uint32_t) {}), 0U);
    EXPECT_EQ(host.handled(), 400U);
    EXPECT_TRUE(host.wheel.has_due(at(1'536)));
    EXPECT_EQ(drain_in_bounded_calls(host, at(2'000), 100), kTimers);
}

TEST(WheelWork, TheNextSlotIsEmptiedWhileThereIsTimeSoThatNobodyWaitsWhenItBegins) {
    constexpr std::uint32_t kTimers = 10'000;
    WheelHost host(kTimers + 1);
    for (std::uint32_t id = 0; id < kTimers; ++id) host.wheel.arm(id, at(1'600 + id % 200));
    const auto none = [](std::uint32_t) {};
    // 100 a call, in the 512 ticks before the slot begins and not sooner.
    host.wheel.advance(at(1'023), 100, none);
    EXPECT_EQ(host.handled(), 0U);
    for (Tick tick = 1'024; tick < 1'500; ++tick) {
        const std::uint64_t before = host.handled();
        EXPECT_EQ(host.wheel.advance(at(tick), 100, none), 0U);
        EXPECT_LE(host.handled() - before, 100U);
    }
    EXPECT_EQ(host.handled(), kTimers);

    host.wheel.arm(kTimers, at(1'536));
    std::vector<std::uint32_t> fired;
    host.wheel.advance(at(1'536), 1, [&](std::uint32_t id) { fired.push_back(id); });
    EXPECT_THAT(fired, ElementsAre(kTimers));
}

TEST(WheelWork, ABusyCallMovesNothingAheadAndAnIdleOneDoes) {
    WheelHost host(200, at(511));
    for (std::uint32_t id = 0; id < 100; ++id) host.wheel.arm(id, at(1'100));
    for (std::uint32_t id = 100; id < 200; ++id) host.wheel.arm(id, at(1'600));
    const auto none = [](std::uint32_t) {};
    EXPECT_EQ(host.wheel.advance(at(1'100), 100, none), 100U);
    EXPECT_EQ(host.handled(), 100U);
    EXPECT_EQ(host.wheel.advance(at(1'100), 60, none), 0U);
    EXPECT_EQ(host.handled(), 160U);
}

// Four minutes and more of 2MSL, armed at whatever moment, are one level up: one move, one firing.
TEST(WheelWork, C_3_TimeWaitOfFourMinutesIsMovedOnceWheneverItBegan) {
    for (Tick start = 0; start < 400'000; start += 9'973) {
        WheelHost host(1, at(start));
        host.wheel.arm(0, at(start + 240'000));
        EXPECT_THAT(host.fire_all(at(start + 239'999)), IsEmpty());
        EXPECT_THAT(host.fire_all(at(start + 240'000)), ElementsAre(0U));
        EXPECT_EQ(host.wheel.statistics().entries_refiled, 1U) << start;
    }
}

TEST(WheelWork, CancelledTimersCountAsWorkToo) {
    constexpr std::uint32_t kTimers = 10'000;
    WheelHost host(kTimers);
    for (std::uint32_t id = 0; id < kTimers; ++id) host.wheel.arm(id, at(100));
    for (std::uint32_t id = 0; id < kTimers; ++id) host.wheel.cancel(id);
    EXPECT_EQ(drain_in_bounded_calls(host, at(100), 100), 0U);
    // The last few were cancelled before they had an entry.
    EXPECT_EQ(host.wheel.statistics().entries_dropped, host.wheel.statistics().entries_filed);
    EXPECT_GT(host.wheel.statistics().entries_dropped, kTimers - 100);
}

TEST(WheelWork, BacklogSaysHowLateTheEarliestLeftoverIs) {
    WheelHost host(100);
    for (std::uint32_t id = 0; id < 100; ++id) host.wheel.arm(id, at(10));
    EXPECT_EQ(host.wheel.backlog(at(9)), 0ms);
    EXPECT_EQ(host.wheel.advance(at(10), 60, [](std::uint32_t) {}), 60U);
    EXPECT_TRUE(host.wheel.has_due(at(10)));
    EXPECT_EQ(host.wheel.backlog(at(15)), 5ms);
    EXPECT_EQ(host.wheel.next_deadline(), at(10));
    EXPECT_EQ(host.wheel.advance(at(15), 60, [](std::uint32_t) {}), 40U);
    EXPECT_EQ(host.wheel.backlog(at(15)), 0ms);
}

TEST(WheelWork, ABudgetOfNothingDoesNothing) {
    WheelHost host(1);
    host.wheel.arm(0, at(10));
    EXPECT_EQ(host.wheel.advance(at(20), 0, [](std::uint32_t) {}), 0U);
    EXPECT_TRUE(host.wheel.has_due(at(20)));
    EXPECT_THAT(host.fire_all(at(20)), ElementsAre(0U));
}

TEST(WheelWork, TheSmallestBudgetGetsThereInTheEnd) {
    WheelHost host(3);
    host.wheel.arm(0, at(100'000));
    host.wheel.arm(1, at(100'000));
    host.wheel.arm(2, at(100'256));
    EXPECT_EQ(drain_in_bounded_calls(host, at(200'000), 1), 3U);
}

}  // namespace
}  // namespace lastack::time
