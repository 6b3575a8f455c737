#include "worker/clock.hpp"

#include <gtest/gtest.h>

namespace lastack::worker {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t kHz = 2'500'000'000;

TEST(TickScale, ASecondOfTicksIsASecondAtAnyFrequency) {
    for (const std::uint64_t hz : {std::uint64_t{10'000'000}, std::uint64_t{1'000'000'000}, kHz,
                                   std::uint64_t{2'893'202'418}, std::uint64_t{5'300'000'000}}) {
        const nanoseconds second = TickScale(hz).duration(hz);
        EXPECT_LE(std::abs(second.count() - 1'000'000'000), 1) << hz;
    }
}

TEST(TickScale, AYearIsRightToTheMicrosecond) {
    constexpr std::uint64_t kSeconds = 365 * 24 * 3600;
    const nanoseconds year = TickScale(2'893'202'418).duration(kSeconds * 2'893'202'418);
    const auto wanted = static_cast<std::int64_t>(kSeconds) * 1'000'000'000;
    EXPECT_LE(std::abs(year.count() - wanted), 10'000'000) << "3e-10 of a year";
}

TEST(TickScale, NeverRunsBackwards) {
    const TickScale scale(kHz);
    for (std::uint64_t tick = 0; tick < 1000; ++tick) {
        EXPECT_LE(scale.duration(tick), scale.duration(tick + 1));
    }
}

TEST(TickClock, StartsAtItsFirstTick) {
    TickClock clock(kHz, 1'000'000);
    EXPECT_EQ(clock.at(1'000'000), TickClock::kStart);
    EXPECT_EQ(clock.at(1'000'000 + kHz), TickClock::kStart + std::chrono::seconds(1));
}

TEST(TickClock, StandsStillWhereTheCounterStepsBack) {
    TickClock clock(kHz, 0);
    const time::Instant later = clock.at(kHz);
    EXPECT_EQ(clock.at(kHz / 2), later);
    EXPECT_EQ(clock.at(kHz), later);
    EXPECT_GT(clock.at(kHz + 100), later);
}

TEST(TickClock, ATickBeforeTheFirstIsTheStart) {
    TickClock clock(kHz, 1'000'000);
    EXPECT_EQ(clock.instant(5), TickClock::kStart);
}

}  // namespace
}  // namespace lastack::worker
