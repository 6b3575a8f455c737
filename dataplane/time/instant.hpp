// Instants and durations on a clock that cannot be read.
//
// The pure core is told what time it is; it never asks. So the clock below has no now(), and a test
// that wants a day to pass adds a day.
#pragma once

#include <chrono>
#include <cstdint>

namespace lastack::time {

/// Monotonic nanoseconds since an arbitrary start. Without now(): readers of a real clock live in
/// worker/, and hand an Instant down.
struct Clock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::nanoseconds;
    using time_point = std::chrono::time_point<Clock>;
    static constexpr bool is_steady = true;
};

using Duration = Clock::duration;
using Instant = Clock::time_point;

/// The wheel's unit: one millisecond since the clock's start, 64 bits.
using Tick = std::uint64_t;

inline constexpr Duration kTick = std::chrono::milliseconds(1);

/// The tick that `instant` lies in.
constexpr Tick tick_of(Instant instant) {
    return static_cast<Tick>(instant.time_since_epoch() / kTick);
}

/// The first tick that is not before `deadline`: a timer armed for it never fires early.
constexpr Tick tick_not_before(Instant deadline) {
    return static_cast<Tick>((deadline.time_since_epoch() + kTick - Duration(1)) / kTick);
}

/// The instant at which `tick` begins.
constexpr Instant start_of(Tick tick) {
    return Instant(kTick * static_cast<Duration::rep>(tick));
}

}  // namespace lastack::time
