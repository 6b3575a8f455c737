// The worker's clock: the CPU's time stamp counter, as an Instant.
//
// ns = ticks * multiplier / 2^56, in 128 bits: right to 3e-10, without a
// division. The counter is read once per turn. Where it steps back (a virtual machine that moved),
// time stands still instead.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/assert.hpp"
#include "time/instant.hpp"

namespace lastack::worker {

/// Ticks of a counter to nanoseconds.
class TickScale {
  public:
    /// `hz`: ticks per second, at least 10 MHz, so that the multiplier fits.
    explicit constexpr TickScale(std::uint64_t hz)
        : multiplier_(static_cast<std::uint64_t>(
              ((static_cast<unsigned __int128>(1'000'000'000) << kShift) + hz - 1) / hz)) {
        LA_ASSERT(hz >= 10'000'000);
    }

    constexpr time::Duration duration(std::uint64_t ticks) const {
        const auto product = static_cast<unsigned __int128>(ticks) * multiplier_;
        return time::Duration(static_cast<time::Duration::rep>(product >> kShift));
    }

  private:
    static constexpr unsigned kShift = 56;
    std::uint64_t multiplier_;
};

/// Readings of a counter as Instants that never go back.
class TickClock {
  public:
    /// `first_tick` becomes kStart.
    TickClock(std::uint64_t hz, std::uint64_t first_tick) : scale_(hz), first_(first_tick) {}

    /// Not the epoch itself, so that an Instant in the past of a young process exists.
    static constexpr time::Instant kStart{std::chrono::hours(1)};

    time::Instant at(std::uint64_t tick) {
        latest_ = std::max(latest_, instant(tick));
        return latest_;
    }

    /// The same without remembering: any thread.
    time::Instant instant(std::uint64_t tick) const {
        return tick < first_ ? kStart : kStart + scale_.duration(tick - first_);
    }

  private:
    TickScale scale_;
    std::uint64_t first_;
    time::Instant latest_ = kStart;
};

}  // namespace lastack::worker
