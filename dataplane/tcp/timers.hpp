// The timers of one connection. The core's wheel holds one entry for the earliest of them; the
// record's own deadlines decide what is due (32-bit ticks of 1 ms, serial comparison).
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "tcp/env.hpp"

namespace lastack::tcp {

enum class Timer : std::uint8_t {
    Retransmit,  // something is outstanding
    DelayedAck,
    Persist,  // nothing is outstanding, and the window keeps something from being sent
    KeepAlive,
    PathMtu,  // what a router said of the path is forgotten (H-36)
    Guard,    // the longest stay in this state (tcp/guard.hpp)
    Linger,   // the application waits for our FIN's acknowledgment (D-14)
};

inline constexpr std::size_t kTimerCount = 7;

class Timers {
  public:
    void arm(Timer timer, std::uint32_t deadline_ms) {
        deadline_ms_[index(timer)] = deadline_ms;
        armed_ = static_cast<std::uint8_t>(armed_ | bit(timer));
    }
    void disarm(Timer timer) { armed_ = static_cast<std::uint8_t>(armed_ & ~bit(timer)); }
    void disarm_all() { armed_ = 0; }
    bool armed(Timer timer) const { return (armed_ & bit(timer)) != 0; }
    std::uint32_t deadline_ms(Timer timer) const { return deadline_ms_[index(timer)]; }
    bool due(Timer timer, std::uint32_t now_ms) const {
        return armed(timer) && !ms_before(now_ms, deadline_ms(timer));
    }

    struct Next {
        Timer timer;
        std::uint32_t deadline_ms;
    };
    std::optional<Next> earliest() const {
        if (armed_ == 0) return std::nullopt;
        auto first = static_cast<std::size_t>(std::countr_zero(armed_));
        for (unsigned left = armed_ & (armed_ - 1U); left != 0; left &= left - 1) {
            const auto i = static_cast<std::size_t>(std::countr_zero(left));
            if (ms_before(deadline_ms_[i], deadline_ms_[first])) first = i;
        }
        return Next{static_cast<Timer>(first), deadline_ms_[first]};
    }

  private:
    static constexpr std::size_t index(Timer timer) { return static_cast<std::size_t>(timer); }
    static constexpr std::uint8_t bit(Timer timer) {
        return static_cast<std::uint8_t>(1U << index(timer));
    }

    std::uint8_t armed_ = 0;
    std::array<std::uint32_t, kTimerCount> deadline_ms_{};
};

/// When an answer to something invalid last left (E-9). A flag, for no tick means "never" (F-9).
struct AnswerStamp {
    std::uint32_t at_ms = 0;
    bool set = false;

    /// At most one answer per `limit_ms`; claims it where it is granted.
    bool claim(std::uint32_t now_ms, std::uint32_t limit_ms) {
        // The time since is not negative, so unsigned: serial comparison would limit an answer of
        // 25 days ago for the next 25.
        if (set && now_ms - at_ms < limit_ms) return false;
        at_ms = now_ms;
        set = true;
        return true;
    }
};

}  // namespace lastack::tcp
