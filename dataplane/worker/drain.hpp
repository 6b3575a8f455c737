// The end of a run, as a small machine: running, draining, flushing, ended.
//
//     running --stop()--> draining --all closed, or patience over--> flushing --sent--> ended
//         \                   \--second stop()--------------------/
//          \--second stop()------------------------------------/
//
// Draining lets open connections finish; what is left when patience ends is reset. Flushing gives
// those last segments a moment to leave. TIME-WAIT is not waited for: it would last a minute, and
// nobody would be there to answer for it.
//
// request() only writes atomics: from any thread, and from a signal handler. The rest is the
// worker's.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "time/instant.hpp"

namespace lastack::worker {

class Drain {
  public:
    enum class Phase : std::uint8_t { Running, Draining, Flushing, Ended };

    /// What the worker has to do because the phase has changed.
    enum class Action : std::uint8_t { None, BeginDrain, AbortRest };

    struct Facts {
        bool connections_left = false;
        bool frames_left = false;
    };

    static constexpr time::Duration kFlushFor = std::chrono::milliseconds(100);

    void request(std::chrono::milliseconds patience) {
        if (requests_.load(std::memory_order_relaxed) == 0) {
            patience_ms_.store(patience.count(), std::memory_order_relaxed);
        }
        requests_.fetch_add(1, std::memory_order_release);
    }

    /// Once per turn.
    Action step(time::Instant now, const Facts& facts) {
        const std::uint32_t requests = requests_.load(std::memory_order_acquire);
        switch (phase()) {
            case Phase::Running:
                if (requests == 0) return Action::None;
                deadline_ns_.store(
                    (now + std::chrono::milliseconds(patience_ms_.load(std::memory_order_relaxed)))
                        .time_since_epoch()
                        .count(),
                    std::memory_order_relaxed);
                enter(Phase::Draining);
                return Action::BeginDrain;
            case Phase::Draining:
                if (facts.connections_left && requests < 2 && now < deadline()) return Action::None;
                flush_until_ = now + kFlushFor;
                enter(Phase::Flushing);
                return facts.connections_left ? Action::AbortRest : Action::None;
            case Phase::Flushing:
                if (!facts.frames_left || now >= flush_until_) enter(Phase::Ended);
                return Action::None;
            case Phase::Ended:
                return Action::None;
        }
        return Action::None;
    }

    /// Any thread.
    Phase phase() const { return phase_.load(std::memory_order_acquire); }
    bool requested() const { return requests_.load(std::memory_order_relaxed) != 0; }
    /// When patience ends; meaningful while draining.
    time::Instant deadline() const {
        return time::Instant(time::Duration(deadline_ns_.load(std::memory_order_relaxed)));
    }

  private:
    void enter(Phase phase) { phase_.store(phase, std::memory_order_release); }

    std::atomic<std::uint32_t> requests_{0};
    std::atomic<std::int64_t> patience_ms_{0};
    std::atomic<std::int64_t> deadline_ns_{0};
    std::atomic<Phase> phase_{Phase::Running};
    time::Instant flush_until_{};
};

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

}  // namespace lastack::worker
