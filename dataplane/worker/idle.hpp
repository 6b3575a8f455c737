// What a worker does when a turn found nothing to do.
//
//     busy       goes round again at once
//     adaptive   |-- spin --|-- pause --|-- sleep, up to 100 us at a time ...
//                0          20 us       50 us since there was work
//
// A sleep ends before the next deadline. It gives the CPU away, which a machine with fewer CPUs
// than busy threads needs: there a polling worker only delays the peer it waits for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "time/instant.hpp"

namespace lastack::worker {

enum class IdleStep : std::uint8_t { Spin, Pause, Sleep };

struct IdleAdvice {
    IdleStep step = IdleStep::Spin;
    time::Duration sleep{0};  // for Sleep
};

class IdlePolicy {
  public:
    enum class Mode : std::uint8_t { Busy, Adaptive };

    static constexpr time::Duration kSpinFor = std::chrono::microseconds(20);
    static constexpr time::Duration kPauseUntil = std::chrono::microseconds(50);
    static constexpr time::Duration kLongestSleep = std::chrono::microseconds(100);
    // A shorter sleep takes longer than it lasts.
    static constexpr time::Duration kShortestSleep = std::chrono::microseconds(5);

    IdlePolicy(Mode mode, time::Instant now) : mode_(mode), last_work_(now) {}

    /// After a turn at `now`: what to do before the next one.
    IdleAdvice after_turn(time::Instant now, bool worked, std::optional<time::Instant> deadline) {
        if (worked) last_work_ = now;
        if (worked || mode_ == Mode::Busy) return {};
        const time::Duration idle_for = now - last_work_;
        if (idle_for < kSpinFor) return {};
        time::Duration sleep = kLongestSleep;
        if (deadline) sleep = std::min(sleep, *deadline - now);
        if (idle_for < kPauseUntil || sleep < kShortestSleep) return {.step = IdleStep::Pause};
        return {.step = IdleStep::Sleep, .sleep = sleep};
    }

  private:
    Mode mode_;
    time::Instant last_work_;
};

}  // namespace lastack::worker
