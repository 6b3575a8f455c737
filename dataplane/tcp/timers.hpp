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

// The first two are those of every connection: their deadlines lie first, on the hot lines
// (tcb.hpp).
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

// All of it public, for the Tcb's layout is asserted, and offsetof wants that; deadlines and their
// bits are for the functions alone.
struct Timers {
    // How often these have run out in a row, without an answer.
    std::uint8_t retransmits = 0;
    std::uint8_t persist_probes = 0;
    std::uint8_t keep_alive_probes = 0;

    std::uint8_t armed_bits = 0;
    std::array<std::uint32_t, kTimerCount> deadlines_ms{};

    /// As far as the deadline of DelayedAck.
    static constexpr std::size_t kHotBytes = 12;

    void arm(Timer timer, std::uint32_t deadline_ms) {
        deadlines_ms[index(timer)] = deadline_ms;
        armed_bits = static_cast<std::uint8_t>(armed_bits | bit(timer));
    }
    void disarm(Timer timer) { armed_bits = static_cast<std::uint8_t>(armed_bits & ~bit(timer)); }
    void disarm_all() { armed_bits = 0; }
    bool armed(Timer timer) const { return (armed_bits & bit(timer)) != 0; }
    std::uint32_t deadline_ms(Timer timer) const { return deadlines_ms[index(timer)]; }
    bool due(Timer timer, std::uint32_t now_ms) const {
        return armed(timer) && !ms_before(now_ms, deadline_ms(timer));
    }

    struct Next {
        Timer timer;
        std::uint32_t deadline_ms;
    };
    std::optional<Next> earliest() const {
        if (armed_bits == 0) return std::nullopt;
        auto first = static_cast<std::size_t>(std::countr_zero(armed_bits));
        for (unsigned left = armed_bits & (armed_bits - 1U); left != 0; left &= left - 1) {
            const auto i = static_cast<std::size_t>(std::countr_zero(left));
            if (ms_before(deadlines_ms[i], deadlines_ms[first])) first = i;
        }
        return Next{static_cast<Timer>(first), deadlines_ms[first]};
    }

  private:
    static constexpr std::size_t index(Timer timer) { return static_cast<std::size_t>(timer); }
    static constexpr std::uint8_t bit(Timer timer) {
        return static_cast<std::uint8_t>(1U << index(timer));
    }
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
