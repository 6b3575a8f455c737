// What arm() has only noted: the wheel answers as if all of it had been done at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "time/wheel.hpp"
#include "wheel_host.hpp"

namespace lastack::time {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// More than are ever noted.
constexpr std::uint32_t kMany = 100;

TEST(WheelSettle, WhatIsArmedIsKnownAtOnce) {
    WheelHost host(kMany);
    for (std::uint32_t id = 0; id < kMany; ++id) {
        host.wheel.arm(id, at(200 - id));
        EXPECT_TRUE(host.wheel.armed(id));
        EXPECT_EQ(host.wheel.deadline(id), at(200 - id));
        EXPECT_EQ(host.wheel.armed_count(), id + 1);
        EXPECT_EQ(host.wheel.next_deadline(), at(200 - id));
        EXPECT_FALSE(host.wheel.has_due(at(199 - id)));
        EXPECT_TRUE(host.wheel.has_due(at(200 - id)));
        EXPECT_EQ(host.wheel.backlog(at(203 - id)), 3ms);
    }
}

TEST(WheelSettle, ATimerArmedAgainAndAgainCountsOnce) {
    WheelHost host(2);
    host.wheel.arm(1, at(5'000));
    for (Tick tick = 1'000; tick > 1'000 - kMany; --tick) {
        host.wheel.arm(0, at(tick));
        host.wheel.arm(0, at(tick));
        EXPECT_EQ(host.wheel.armed_count(), 2U);
    }
    EXPECT_THAT(host.fire_all(at(1'000 - kMany)), IsEmpty());
    EXPECT_THAT(host.fire_all(at(1'001 - kMany)), ElementsAre(0U));
    EXPECT_EQ(host.wheel.armed_count(), 1U);
}

TEST(WheelSettle, WhatIsCancelledRightAwayHasNeverHadAnEntry) {
    WheelHost host(1);
    host.wheel.arm(0, at(10));
    host.wheel.cancel(0);
    EXPECT_FALSE(host.wheel.armed(0));
    EXPECT_EQ(host.wheel.armed_count(), 0U);
    EXPECT_EQ(host.wheel.next_deadline(), std::nullopt);
    EXPECT_THAT(host.fire_all(at(10)), IsEmpty());
    EXPECT_EQ(host.wheel.statistics().entries_filed, 0U);
    EXPECT_FALSE(host.wheel.has_due(at(100'000)));
}

TEST(WheelSettle, ATimerMovedNearerSeveralTimesIsMovedOnce) {
    WheelHost host(1);
    host.wheel.arm(0, at(1'000));
    EXPECT_THAT(host.fire_all(at(1)), IsEmpty());
    for (const Tick tick : {900U, 800U, 700U}) host.wheel.arm(0, at(tick));
    EXPECT_THAT(host.fire_all(at(699)), IsEmpty());
    EXPECT_EQ(host.wheel.statistics().entries_moved, 1U);
    EXPECT_THAT(host.fire_all(at(700)), ElementsAre(0U));
}

TEST(WheelSettle, ATimerMovedNearerAndAwayAgainStaysWhereItIs) {
    WheelHost host(1);
    host.wheel.arm(0, at(1'000));
    EXPECT_THAT(host.fire_all(at(1)), IsEmpty());
    host.wheel.arm(0, at(500));
    host.wheel.arm(0, at(1'000));
    EXPECT_THAT(host.fire_all(at(999)), IsEmpty());
    EXPECT_EQ(host.wheel.statistics().entries_moved, 0U);
    EXPECT_THAT(host.fire_all(at(1'000)), ElementsAre(0U));
}

TEST(WheelSettle, ManyOfOneSlotAreMovedInOneGo) {
    WheelHost host(2 * kMany);
    for (std::uint32_t id = 0; id < 2 * kMany; ++id) host.wheel.arm(id, at(5'000));
    for (std::uint32_t id = 0; id < 2 * kMany; id += 2) host.wheel.arm(id, at(50 + id));
    for (std::uint32_t id = 0; id < 2 * kMany; id += 2) {
        EXPECT_THAT(host.fire_all(at(49 + id)), IsEmpty());
        EXPECT_THAT(host.fire_all(at(50 + id)), ElementsAre(id));
    }
    EXPECT_EQ(host.fire_all(at(5'000)).size(), kMany);
}

TEST(WheelSettle, WhatFireArmsAndCancelsIsCountedRight) {
    WheelHost host(kMany);
    host.wheel.arm(0, at(10));
    host.wheel.arm(1, at(10));
    host.wheel.cancel(1);  // its entry, if it has one, is met while it is armed anew
    host.wheel.advance(at(10), 100, [&](std::uint32_t) {
        for (std::uint32_t id = 1; id < kMany; ++id) host.wheel.arm(id, at(20));
        for (std::uint32_t id = 1; id < kMany; id += 2) host.wheel.cancel(id);
        EXPECT_EQ(host.wheel.armed_count(), (kMany - 1) / 2);
    });
    EXPECT_EQ(host.wheel.armed_count(), (kMany - 1) / 2);
    EXPECT_THAT(host.fire_all(at(19)), IsEmpty());
    EXPECT_EQ(host.fire_all(at(20)).size(), (kMany - 1) / 2);
    EXPECT_EQ(host.wheel.armed_count(), 0U);
}

// ---- the two pieces of a deadline ----

TEST(WheelDeadline, MovesOverTheEdgeOf32Bits) {
    constexpr Tick kEdge = Tick{1} << 32;
    WheelHost host(3, at(kEdge - 100));
    host.wheel.arm(0, at(kEdge - 1));
    host.wheel.arm(1, at(kEdge));
    host.wheel.arm(2, at(kEdge - 1));
    EXPECT_THAT(host.fire_all(at(kEdge - 50)), IsEmpty());
    host.wheel.arm(1, at(kEdge - 2));
    host.wheel.arm(2, at(kEdge));
    EXPECT_EQ(host.wheel.deadline(2), at(kEdge));
    EXPECT_THAT(host.fire_all(at(kEdge - 3)), IsEmpty());
    EXPECT_THAT(host.fire_all(at(kEdge - 2)), ElementsAre(1U));
    EXPECT_THAT(host.fire_all(at(kEdge - 1)), ElementsAre(0U));
    EXPECT_THAT(host.fire_all(at(kEdge)), ElementsAre(2U));
}

TEST(WheelDeadline, MayBeTheFarthestTickThereIs) {
    const Tick farthest = tick_of(Instant::max());
    WheelHost host(1);
    host.wheel.arm(0, at(farthest));
    EXPECT_EQ(host.wheel.deadline(0), at(farthest));
    EXPECT_THAT(host.fire_all(at(farthest - 1)), IsEmpty());
    EXPECT_TRUE(host.wheel.armed(0));
    EXPECT_THAT(host.fire_all(at(farthest)), ElementsAre(0U));
}

TEST(WheelDeadline, AFarthestInstantIsNotTakenForNone) {
    WheelHost host(1);
    host.wheel.arm(0, Instant::max());
    EXPECT_TRUE(host.wheel.armed(0));
    EXPECT_EQ(host.wheel.armed_count(), 1U);
    EXPECT_THAT(host.fire_all(at(tick_of(Instant::max()))), IsEmpty());
    EXPECT_TRUE(host.wheel.armed(0));
}

}  // namespace
}  // namespace lastack::time
