// A conversation as a story: its steps in order, with both sides' states, and a verdict.
//
// Our own states are facts, from the trace. The peer's are inferred, by walking the same diagram
// (tcp/state.hpp) for the peer: what it sent is what it did, what we sent is what it met. Two rules
// keep the inference honest:
//
//  - A SYN or FIN of ours counts as arrived only where a later segment of the peer's acknowledges
//    it. One that we had to send again counts for nothing.
//  - Where a FIN of the peer's that does not acknowledge ours comes first, the two crossed: ours
//    met the peer after it had sent its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "control/ladder/event.hpp"

namespace lastack::control::ladder {

/// One row of the picture.
struct Step {
    enum class Kind : std::uint8_t { received, sent, note };

    std::chrono::nanoseconds since_start{};
    Kind kind = Kind::note;
    std::string_view note;  ///< What happened without a segment.
    wire::TcpFlags flags;
    std::uint32_t seq = 0;  ///< Relative: the side's SYN is 0.
    std::uint32_t ack = 0;  ///< Relative to the other side's SYN.
    std::uint32_t text_bytes = 0;
    bool again = false;              ///< All of it was sent before.
    bool unanswered = false;         ///< A SYN or FIN that no later segment acknowledges in time.
    std::optional<tcp::State> own;   ///< Our state from here on, where it changes.
    std::optional<tcp::State> peer;  ///< The peer's, inferred, where it changes.
};

/// What happened, for people.
struct Verdict {
    enum class Side : std::uint8_t { nobody, own, peer, both };
    enum class Ending : std::uint8_t {
        open,         ///< No FIN and no RST in the trace.
        half_closed,  ///< One FIN, and the other side goes on.
        releasing,    ///< Two FINs, and not all of both acknowledged.
        released,     ///< Both FINs sent and acknowledged.
        reset,        ///< By `reset_by`.
        refused,      ///< Our SYN, or the peer's, was answered by RST.
        given_up,     ///< Our timers ended it.
    };

    Ending ending = Ending::open;
    Side first_closer = Side::nobody;
    Side reset_by = Side::nobody;
    unsigned release_segments = 0;  ///< 3 or 4, of `released`; repetitions not counted.
    unsigned sent_again = 0;        ///< Segments of either side that were repetitions.
    unsigned fins_sent_again = 0;
    Side time_wait = Side::nobody;                                 ///< Where TIME-WAIT was entered.
    std::optional<std::chrono::nanoseconds> own_time_wait_lasted;  ///< Where its end was seen.
};

struct Story {
    Endpoint local;
    Endpoint remote;
    bool whole = false;  ///< From the first SYN on.
    tcp::State own_at_start = tcp::State::Closed;
    std::optional<tcp::State> peer_at_start;  ///< nullopt: nothing tells.
    std::vector<Step> steps;
    Verdict verdict;
};

/// `conversation` must have at least one event.
Story tell(const Conversation& conversation);

}  // namespace lastack::control::ladder
