// A wheel with memory of its own, and what it fired.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/arena.hpp"
#include "tests/support/arena_memory.hpp"
#include "time/wheel.hpp"

namespace lastack::time {

/// The instant `ticks` and a bit after the clock's start.
constexpr Instant at(Tick ticks, Duration more = Duration(0)) {
    return start_of(ticks) + more;
}

struct WheelHost {
    explicit WheelHost(std::uint32_t capacity, Instant start = at(0))
        : memory([&](base::Arena& measuring) { Wheel(measuring, capacity, start); }),
          arena(memory.bytes()),
          wheel(arena, capacity, start) {}

    /// Fires everything due at `now`; returns the ids in the order they fired.
    std::vector<std::uint32_t> fire_all(Instant now) {
        std::vector<std::uint32_t> fired;
        while (wheel.has_due(now)) {
            wheel.advance(now, 64, [&](std::uint32_t id) { fired.push_back(id); });
        }
        wheel.advance(now, 64, [&](std::uint32_t id) { fired.push_back(id); });
        return fired;
    }

    /// How many entries the wheel has handled since its start.
    std::uint64_t handled() const {
        const WheelStatistics& s = wheel.statistics();
        return s.fired + s.entries_refiled + s.entries_dropped;
    }

    test::ArenaMemory memory;
    base::Arena arena;
    Wheel wheel;
};

}  // namespace lastack::time
