// One event of a connection's life: a segment that came or went, or a change of our own state.
//
// The ladder's own type, filled from the daemon's trace (or from a capture, which knows no states
// of ours). Events of one list are in the order in which they happened.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "lastack/endpoint.hpp"
#include "tcp/state.hpp"
#include "wire/seq.hpp"
#include "wire/tcp.hpp"

namespace lastack::control::ladder {

struct Event {
    enum class Kind : std::uint8_t { received, sent, changed };

    std::chrono::nanoseconds at{};  ///< On any clock; only differences matter.
    Endpoint local;
    Endpoint remote;
    Kind kind = Kind::received;
    tcp::State before = tcp::State::Closed;  ///< Ours; for `sent` both are the state it left in.
    tcp::State after = tcp::State::Closed;
    tcp::Cause cause = tcp::Cause::Close;  ///< For `changed`.
    wire::TcpFlags flags;
    wire::Seq seq;
    wire::Seq ack;
    std::uint32_t text_bytes = 0;
    std::uint16_t window = 0;

    bool is_segment() const { return kind != Kind::changed; }
    /// How many sequence numbers it uses: text, and one each for SYN and FIN (RFC 9293 3.4).
    std::uint32_t length() const {
        return text_bytes + (flags.syn() ? 1U : 0U) + (flags.fin() ? 1U : 0U);
    }
    wire::Seq end() const { return seq + length(); }
    /// It carries nothing that `earlier`, of the same direction, did not carry. A SYN,ACK is more
    /// than a SYN: it says that the other side's has arrived.
    bool repeats(const Event& earlier) const {
        return length() > 0 && seq.at_or_after(earlier.seq) && end().at_or_before(earlier.end()) &&
               (!flags.syn() || flags.ack() == earlier.flags.ack());
    }
    /// It acknowledges everything before `number`.
    bool acknowledges(wire::Seq number) const { return flags.ack() && ack.at_or_after(number); }
};

/// All events of one connection, from its first segment or, where that is lost, from wherever the
/// trace begins.
struct Conversation {
    std::vector<Event> events;

    /// It begins with a SYN.
    bool whole() const;
};

/// Takes a list of events apart by endpoints and, where a tuple was used again, by connection.
/// In the order of their first events.
std::vector<Conversation> split(const std::vector<Event>& events);

}  // namespace lastack::control::ladder
