// What surrounds the protocol while it works on one record: the time, the configuration, and where
// it counts and keeps things. Handed down by stack/; the protocol has no other window to the world.
#pragma once

#include <cstdint>

#include "base/counters.hpp"
#include "tcp/config.hpp"
#include "tcp/enter.hpp"
#include "tcp/piece_list.hpp"
#include "tcp/reassembly.hpp"
#include "tcp/scoreboard.hpp"
#include "time/instant.hpp"

namespace lastack::tcp {

struct Env {
    const Config& config;
    base::Counters& counters;
    StateBook& states;
    PieceStore pieces;
    base::Pool<Run>& runs;
    base::Pool<SackedRun>& sacked;
    time::Instant now{};

    /// The low half of the current tick. Differences of two are right for 24 days either way.
    std::uint32_t now_ms() const { return static_cast<std::uint32_t>(time::tick_of(now)); }
    /// The first tick by which `wait_ms` have passed: a timer armed for it is never early.
    std::uint32_t after_ms(std::uint32_t wait_ms) const {
        return static_cast<std::uint32_t>(
            time::tick_not_before(now + std::chrono::milliseconds(wait_ms)));
    }
    /// The age of a time stamp is told in seconds: in milliseconds it would begin anew after 49
    /// days, and an idle connection looks young again (RFC 7323 5.5).
    std::uint32_t now_s() const {
        return static_cast<std::uint32_t>(now.time_since_epoch() / std::chrono::seconds(1));
    }
    std::uint32_t now_us() const {
        return static_cast<std::uint32_t>(now.time_since_epoch().count() / 1000);
    }
    void count(base::Counter counter, std::uint64_t amount = 1) { counters.add(counter, amount); }
};

using base::Counter;

/// RFC 7323 5.5: a TS.Recent of 24 days ago says nothing any more.
constexpr std::uint32_t kStampTooOldS = 24U * 24 * 3600;

/// The tick `a` lies before `b`: serial, as for sequence numbers.
constexpr bool ms_before(std::uint32_t a, std::uint32_t b) {
    return static_cast<std::int32_t>(a - b) < 0;
}

}  // namespace lastack::tcp
