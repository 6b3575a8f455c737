#include "time/wheel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <type_traits>

#include "wheel_host.hpp"

namespace lastack::time {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(Wheel, StartsWithNothingArmed) {
    WheelHost host(4);
    EXPECT_EQ(host.wheel.armed_count(), 0U);
    EXPECT_FALSE(host.wheel.armed(3));
    EXPECT_EQ(host.wheel.next_deadline(), std::nullopt);
    EXPECT_FALSE(host.wheel.has_due(at(1'000'000)));
    EXPECT_THAT(host.fire_all(at(1'000'000)), IsEmpty());
}

TEST(Wheel, C_3_FiresAtTheFirstTickNotBeforeTheDeadlineAndNeverEarly) {
    WheelHost host(1);
    host.wheel.arm(0, at(10, 1ns));
    EXPECT_EQ(host.wheel.deadline(0), at(11));
    EXPECT_THAT(host.fire_all(at(10, 999'999ns)), IsEmpty());
    EXPECT_TRUE(host.wheel.armed(0));
    EXPECT_THAT(host.fire_all(at(11)), ElementsAre(0U));
    EXPECT_FALSE(host.wheel.armed(0));
    EXPECT_THAT(host.fire_all(at(100'000)), IsEmpty());
}

TEST(Wheel, FiresInTheOrderOfDeadlinesHoweverLateItIsCalled) {
    WheelHost host(5);
    host.wheel.arm(0, at(70'000));
    host.wheel.arm(1, at(3));
    host.wheel.arm(2, at(300));
    host.wheel.arm(3, at(20'000'000));
    host.wheel.arm(4, at(299));
    EXPECT_THAT(host.fire_all(at(30'000'000)), ElementsAre(1U, 4U, 2U, 0U, 3U));
}

TEST(Wheel, ADeadlineThatHasPassedIsDueAtTheNextTick) {
    WheelHost host(2, at(500));
    host.wheel.arm(0, at(3));
    host.wheel.arm(1, at(500));
    EXPECT_EQ(host.wheel.deadline(0), at(501));
    EXPECT_EQ(host.wheel.deadline(1), at(501));
    EXPECT_THAT(host.fire_all(at(500)), IsEmpty());
    EXPECT_THAT(host.fire_all(at(501)), UnorderedElementsAre(0U, 1U));
}

TEST(Wheel, ACancelledTimerDoesNotFireAndMayBeArmedAgain) {
    WheelHost host(2);
    host.wheel.arm(0, at(10));
    host.wheel.arm(1, at(10));
    host.wheel.cancel(0);
    host.wheel.cancel(0);
    EXPECT_EQ(host.wheel.armed_count(), 1U);
    EXPECT_THAT(host.fire_all(at(10)), ElementsAre(1U));
    host.wheel.arm(0, at(12));
    EXPECT_THAT(host.fire_all(at(12)), ElementsAre(0U));
}

TEST(Wheel, ADeadlineCanBeMovedBothWays) {
    WheelHost host(3);
    host.wheel.arm(0, at(1'000));
    host.wheel.arm(1, at(1'000));
    host.wheel.arm(2, at(1'000));
    host.wheel.arm(0, at(5));
    host.wheel.arm(1, at(100'000));
    EXPECT_THAT(host.fire_all(at(4)), IsEmpty());
    EXPECT_THAT(host.fire_all(at(5)), ElementsAre(0U));
    EXPECT_THAT(host.fire_all(at(1'000)), ElementsAre(2U));
    EXPECT_THAT(host.fire_all(at(99'999)), IsEmpty());
    EXPECT_THAT(host.fire_all(at(100'000)), ElementsAre(1U));
}

TEST(Wheel, ANowBeforeTheLastOneDoesNothing) {
    WheelHost host(1);
    host.fire_all(at(100));
    host.wheel.arm(0, at(101));
    EXPECT_THAT(host.fire_all(at(50)), IsEmpty());
    EXPECT_THAT(host.fire_all(at(101)), ElementsAre(0U));
}

// ---- boundaries of levels ----

class WheelBoundary : public testing::TestWithParam<std::tuple<Tick, Tick>> {
  protected:
    Tick start = std::get<0>(GetParam());
    Tick deadline = start + std::get<1>(GetParam());
    WheelHost host{1, at(start)};
};

TEST_P(WheelBoundary, C_3_TheTickBeforeFiresNothingAndTheTickFires) {
    host.wheel.arm(0, at(deadline));
    EXPECT_THAT(host.fire_all(at(deadline - 1, 999'999ns)), IsEmpty());
    EXPECT_EQ(host.wheel.next_deadline(), at(deadline));
    EXPECT_THAT(host.fire_all(at(deadline)), ElementsAre(0U));
}

TEST_P(WheelBoundary, OneCallFarTooLateFiresItOnce) {
    host.wheel.arm(0, at(deadline));
    EXPECT_THAT(host.fire_all(at(deadline * 3 + 12'345)), ElementsAre(0U));
}

TEST_P(WheelBoundary, SleepingUntilTheNextDeadlineArrivesInAFewSteps) {
    host.wheel.arm(0, at(deadline));
    std::vector<std::uint32_t> fired;
    int steps = 0;
    for (; fired.empty() && steps < 40; ++steps) {
        const Instant next = host.wheel.next_deadline().value();
        ASSERT_LE(next, at(deadline));
        fired = host.fire_all(next);
    }
    // One step per level below the one it was filed in; ranges of 24 days come on top.
    EXPECT_LE(steps, 5 + static_cast<int>((deadline - start) >> 31));
    EXPECT_THAT(fired, ElementsAre(0U));
}

constexpr Tick kDay = 86'400'000;

INSTANTIATE_TEST_SUITE_P(
    Levels, WheelBoundary,
    testing::Combine(testing::Values(Tick{0}, Tick{1}, Tick{511}, Tick{512}, Tick{(1 << 17) - 1},
                                     Tick{(1 << 25) - 1}, Tick{1} << 25, (Tick{1} << 31) - 1,
                                     Tick{1} << 31, (Tick{1} << 32) - 2, Tick{1} << 32,
                                     Tick{123'456'789'012}),
                     testing::Values(Tick{1}, Tick{2}, Tick{511}, Tick{512}, Tick{1'023},
                                     Tick{1'024}, Tick{1'025}, Tick{1 << 17}, Tick{(1 << 18) - 513},
                                     Tick{(1 << 18) - 512}, Tick{1 << 18}, Tick{(1 << 25) - 1},
                                     Tick{1 << 25}, Tick{(1 << 26) - 1}, Tick{1 << 26},
                                     Tick{(1 << 26) + 1}, Tick{63} << 25, Tick{64} << 25,
                                     (Tick{1} << 31) - 1, (Tick{1} << 31) + 1, 30 * kDay,
                                     (Tick{1} << 32) + 1, 400 * kDay)));

// ---- what fire() may do ----

TEST(WheelFire, ATimerIsDisarmedBeforeItsCallAndMayArmItselfForNow) {
    WheelHost host(1);
    host.wheel.arm(0, at(10));
    int calls = 0;
    const auto again = [&](std::uint32_t id) {
        EXPECT_FALSE(host.wheel.armed(id));
        ++calls;
        host.wheel.arm(id, at(1'000));
    };
    EXPECT_EQ(host.wheel.advance(at(1'000), 100, again), 1U);
    EXPECT_EQ(host.wheel.deadline(0), at(1'001));
    EXPECT_EQ(host.wheel.advance(at(1'000), 100, again), 0U);
    EXPECT_EQ(host.wheel.advance(at(1'001), 100, again), 1U);
    EXPECT_EQ(calls, 2);
}

TEST(WheelFire, ATimerThatArmsItselfForThePastCannotKeepAnAdvanceBusy) {
    WheelHost host(1);
    host.wheel.arm(0, at(1));
    const auto past = [&](std::uint32_t id) { host.wheel.arm(id, at(0)); };
    EXPECT_EQ(host.wheel.advance(at(1'000'000), 100, past), 1U);
}

TEST(WheelFire, WhatItCancelsInTheSameTickDoesNotFire) {
    WheelHost host(40);
    for (std::uint32_t id = 0; id < 40; ++id) host.wheel.arm(id, at(10));
    std::vector<std::uint32_t> fired;
    host.wheel.advance(at(10), 100, [&](std::uint32_t id) {
        fired.push_back(id);
        for (std::uint32_t other = 0; other < 40; ++other) host.wheel.cancel(other);
    });
    EXPECT_EQ(fired.size(), 1U);
    EXPECT_EQ(host.wheel.armed_count(), 0U);
}

TEST(WheelFire, WhatItArmsAgainInTheSameTickFiresAtItsNewTimeOnly) {
    WheelHost host(40);
    for (std::uint32_t id = 0; id < 40; ++id) host.wheel.arm(id, at(10));
    std::vector<std::uint32_t> fired;
    host.wheel.advance(at(10), 100, [&](std::uint32_t id) {
        fired.push_back(id);
        for (std::uint32_t other = 0; other < 40; ++other) host.wheel.arm(other, at(12));
    });
    EXPECT_EQ(fired.size(), 1U);
    EXPECT_THAT(host.fire_all(at(11)), IsEmpty());
    EXPECT_EQ(host.fire_all(at(12)).size(), 40U);
}

TEST(WheelFire, ItMayMoveATimerOfALaterTickToBeforeIt) {
    WheelHost host(40);
    for (std::uint32_t id = 0; id < 39; ++id) host.wheel.arm(id, at(10));
    host.wheel.arm(39, at(90'000));
    host.wheel.advance(at(10), 100, [&](std::uint32_t) { host.wheel.arm(39, at(15)); });
    EXPECT_THAT(host.fire_all(at(14)), IsEmpty());
    EXPECT_THAT(host.fire_all(at(15)), ElementsAre(39U));
}

TEST(WheelFire, SoonNamesTimersBeforeTheyFire) {
    WheelHost host(100);
    for (std::uint32_t id = 0; id < 100; ++id) host.wheel.arm(id, at(10));
    std::vector<bool> named(100);
    int unnamed = 0;
    host.wheel.advance(
        at(10), 1'000, [&](std::uint32_t id) { unnamed += named[id] ? 0 : 1; },
        [&](std::uint32_t id) { named[id] = true; });
    EXPECT_EQ(unnamed, 0);
}

// ---- state ----

TEST(WheelState, ACopyOfMemoryIsASnapshot) {
    static_assert(std::is_trivially_copyable_v<Wheel>);
    WheelHost host(1'000);
    for (std::uint32_t id = 0; id < 1'000; ++id) host.wheel.arm(id, at(id % 7 * 300));

    const auto bytes = host.memory.bytes();
    const std::vector<std::byte> arena(bytes.begin(), bytes.end());
    const Wheel wheel = host.wheel;
    const auto first = host.fire_all(at(5'000));
    ASSERT_EQ(first.size(), 1'000U);

    std::memcpy(bytes.data(), arena.data(), arena.size());
    host.wheel = wheel;
    EXPECT_EQ(host.fire_all(at(5'000)), first);
}

TEST(WheelState, ATinyWheelTakesAFewKibibytes) {
    base::Arena measuring;
    Wheel(measuring, 16, at(0));
    EXPECT_LE(measuring.used_bytes(), 11U * 1024);
}

TEST(WheelState, AMillionTimersTakeLessThan21BytesEach) {
    base::Arena measuring;
    Wheel(measuring, 1'000'000, at(0));
    EXPECT_LE(measuring.used_bytes(), 21'000'000U);
}

TEST(WheelDeathTest, AnIdBeyondTheCapacityIsADefect) {
    WheelHost host(4);
    EXPECT_DEATH(host.wheel.arm(4, at(1)), "id < capacity_");
    EXPECT_DEATH(host.wheel.deadline(0), "armed");
}

}  // namespace
}  // namespace lastack::time
