// The wheel's geometry: which slot a tick is filed in, and when that slot's time comes.
//
//     level   a slot is          slots   reaches          a slot of the next level covers
//     0       1 tick, 1 ms       1024    1.0 s            512 of these
//     1       2^9, 512 ms         512    4.4 minutes      256
//     2       2^17, 131 s         512    18.6 hours       256
//     3       2^25, 9.3 hours      64    24.5 days
//
// A timer is filed in the lowest level that reaches it, counted in whole slots from the present
// one, and the slots go round: so 2MSL of four minutes is always one level up, not sometimes two,
// and never waits behind a boundary that happens to lie between. What is beyond all reach is filed
// in the farthest slot, to be filed again when that is met.
//
// Every level has at least twice the slots that a slot of the next one covers. So the next slot of
// a level can be emptied into those below while the present one is still running.
#pragma once

#include <array>
#include <cstdint>

#include "time/instant.hpp"

namespace lastack::time {

struct Level {
    unsigned shift;       // a slot is 2^shift ticks
    std::uint32_t slots;  // a power of two
    std::uint32_t first;  // its first slot among all

    constexpr Tick block(Tick tick) const { return tick >> shift; }
    constexpr std::uint32_t slot(Tick tick) const {
        return first + (static_cast<std::uint32_t>(block(tick)) & (slots - 1));
    }
};

inline constexpr unsigned kLevelCount = 4;
inline constexpr std::array<Level, kLevelCount> kLevels = {{
    {0, 1'024, 0},
    {9, 512, 1'024},
    {17, 512, 1'536},
    {25, 64, 2'048},
}};
inline constexpr std::uint32_t kSlotCount = 2'112;

/// Where a timer's entry goes.
struct Filing {
    std::uint32_t level;
    std::uint32_t slot;
    Tick met;  // when it is met there: not after the tick it was made for
};

/// For a `tick` not before `now`. The slot that `now` lies in is taken at level 0 only.
constexpr Filing filing_for(Tick tick, Tick now) {
    for (std::uint32_t i = 0; i < kLevelCount; ++i) {
        const Level& level = kLevels[i];
        if (level.block(tick) - level.block(now) >= level.slots) continue;
        return {i, level.slot(tick), level.block(tick) << level.shift};
    }
    const Level& last = kLevels[kLevelCount - 1];
    const Tick met = (last.block(now) + last.slots - 1) << last.shift;
    return {kLevelCount - 1, last.slot(met), met};
}

static_assert([] {
    std::uint32_t slots = 0;
    for (std::uint32_t i = 0; i < kLevelCount; ++i) {
        const Level& level = kLevels[i];
        if (level.first != slots || (level.slots & (level.slots - 1)) != 0) return false;
        slots += level.slots;
        if (i + 1 == kLevelCount) break;
        if (level.slots < 2U << (kLevels[i + 1].shift - level.shift)) return false;
    }
    return slots == kSlotCount;
}());
// An entry is met less than 2^31 ticks from now, so 32 bits of that tick tell it.
static_assert(std::uint64_t{kLevels[3].slots} << kLevels[3].shift <= std::uint64_t{1} << 31);

}  // namespace lastack::time
