#include "time/geometry.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/seed.hpp"

namespace lastack::time {
namespace {

TEST(Geometry, AnEntryIsMetInTimeInASlotThatIsNotThePresentOne) {
    std::mt19937_64 random(test::seed_or(20'261'125));
    for (int i = 0; i < 200'000; ++i) {
        const Tick now = random() >> random() % 40 >> 24;
        const Tick tick = now + (random() >> random() % 64 >> 24);
        const Filing filing = filing_for(tick, now);
        ASSERT_LE(filing.met, tick);
        ASSERT_LT(filing.met - std::min(filing.met, now), Tick{1} << 31);
        ASSERT_EQ(filing.slot, kLevels[filing.level].slot(filing.met));
        if (filing.level == 0) {
            ASSERT_EQ(filing.met, tick);
        } else {
            ASSERT_GT(filing.met, now);
            ASSERT_NE(filing.slot, kLevels[filing.level].slot(now));
        }
    }
}

TEST(Geometry, EachLevelReachesAsFarAsItsTableSays) {
    for (const Tick now : {Tick{0}, Tick{511}, Tick{1} << 33}) {
        EXPECT_EQ(filing_for(now + 1'023, now).level, 0U);
        EXPECT_EQ(filing_for(now + 1'024, now).level, 1U);
        EXPECT_EQ(filing_for(now + 261'000, now).level, 1U);  // 4.35 minutes
        EXPECT_EQ(filing_for(now + 262'144, now).level, 2U);
        EXPECT_EQ(filing_for(now + 66'900'000, now).level, 2U);  // 18.58 hours
        EXPECT_EQ(filing_for(now + 67'108'864, now).level, 3U);
        EXPECT_EQ(filing_for(now + 2'113'929'000, now).level, 3U);  // 24.47 days
    }
}

TEST(Geometry, WhatTheNextSlotOfALevelHoldsIsInReachOfTheLevelsBelow) {
    for (std::uint32_t i = 1; i < kLevelCount; ++i) {
        const Tick width = Tick{1} << kLevels[i].shift;
        for (const Tick now : {Tick{0}, width - 1, 7 * width + width / 3}) {
            const Tick next = (kLevels[i].block(now) + 1) << kLevels[i].shift;
            EXPECT_LT(filing_for(next, now).level, i);
            EXPECT_LT(filing_for(next + width - 1, now).level, i);
        }
    }
}

}  // namespace
}  // namespace lastack::time
