// RFC 9293 figure 5 as data: the states of a connection and the edges between them.
//
// The list below *is* the diagram. The static_asserts under it say that it is deterministic, that
// every state can be reached and left, and that TIME-WAIT has exactly its three entries. enter()
// in tcp/enter.hpp is the only writer of a state, and it consults this list. docs/teardown.md shows
// the same list as a picture, and a test compares the two.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lastack::tcp {

enum class State : std::uint8_t {
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
};

inline constexpr std::size_t kStateCount = 11;

/// What made a connection change its state.
enum class Cause : std::uint8_t {
    PassiveOpen,     // LISTEN
    ActiveOpen,      // SYN sent
    SynArrived,      // SYN without ACK
    SynAckArrived,   // SYN with an acceptable ACK
    AckOfSyn,        // an ACK of our SYN
    Close,           // CLOSE or SHUT_WR, by the application
    FinArrived,      // the peer's FIN, in order
    AckOfFin,        // an ACK of our FIN
    FinAndAckOfFin,  // a FIN in the segment that acknowledges ours
    TwoMsl,          // the 2MSL timer
    Reset,           // RST arrived
    Abort,           // we give it up: abort, close with unread text, no memory, ICMP
    Timeout,         // retransmissions, user timeout, FIN-WAIT-2 timeout
    Reopen,          // a new SYN for a connection in TIME-WAIT, or an open of our own
    Return,          // the reopening SYN was an old one: back to TIME-WAIT
    OwnReset,        // we have reset it, and wait as who closes does (RFC 9293 3.5.2, M-16)
};

inline constexpr std::size_t kCauseCount = 16;

struct Edge {
    State from;
    Cause cause;
    State to;
};

inline constexpr std::array kDiagram{
    // Opening
    Edge{State::Closed, Cause::PassiveOpen, State::Listen},
    Edge{State::Closed, Cause::ActiveOpen, State::SynSent},
    Edge{State::Listen, Cause::SynArrived, State::SynReceived},
    Edge{State::Listen, Cause::Close, State::Closed},
    Edge{State::SynSent, Cause::SynArrived, State::SynReceived},
    Edge{State::SynSent, Cause::SynAckArrived, State::Established},
    Edge{State::SynSent, Cause::Close, State::Closed},
    Edge{State::SynReceived, Cause::AckOfSyn, State::Established},
    Edge{State::SynReceived, Cause::Close, State::FinWait1},
    // Releasing
    Edge{State::Established, Cause::Close, State::FinWait1},
    Edge{State::Established, Cause::FinArrived, State::CloseWait},
    Edge{State::CloseWait, Cause::Close, State::LastAck},
    Edge{State::FinWait1, Cause::AckOfFin, State::FinWait2},
    Edge{State::FinWait1, Cause::FinArrived, State::Closing},
    Edge{State::FinWait1, Cause::FinAndAckOfFin, State::TimeWait},
    Edge{State::FinWait2, Cause::FinArrived, State::TimeWait},
    Edge{State::Closing, Cause::AckOfFin, State::TimeWait},
    Edge{State::LastAck, Cause::AckOfFin, State::Closed},
    Edge{State::TimeWait, Cause::TwoMsl, State::Closed},
    // Reopening (RFC 9293 3.6.1, MAY-2)
    Edge{State::TimeWait, Cause::Reopen, State::Closed},
    Edge{State::SynReceived, Cause::Return, State::TimeWait},
    // Waiting after a reset of our own: off by default (RFC 9293 3.5.2)
    Edge{State::Closed, Cause::OwnReset, State::TimeWait},
    // Resets, aborts and timeouts
    Edge{State::SynSent, Cause::Reset, State::Closed},
    Edge{State::SynReceived, Cause::Reset, State::Closed},
    Edge{State::Established, Cause::Reset, State::Closed},
    Edge{State::FinWait1, Cause::Reset, State::Closed},
    Edge{State::FinWait2, Cause::Reset, State::Closed},
    Edge{State::CloseWait, Cause::Reset, State::Closed},
    Edge{State::Closing, Cause::Reset, State::Closed},
    Edge{State::LastAck, Cause::Reset, State::Closed},
    Edge{State::TimeWait, Cause::Reset, State::Closed},
    Edge{State::SynSent, Cause::Abort, State::Closed},
    Edge{State::SynReceived, Cause::Abort, State::Closed},
    Edge{State::Established, Cause::Abort, State::Closed},
    Edge{State::FinWait1, Cause::Abort, State::Closed},
    Edge{State::FinWait2, Cause::Abort, State::Closed},
    Edge{State::CloseWait, Cause::Abort, State::Closed},
    Edge{State::Closing, Cause::Abort, State::Closed},
    Edge{State::LastAck, Cause::Abort, State::Closed},
    Edge{State::TimeWait, Cause::Abort, State::Closed},
    Edge{State::SynSent, Cause::Timeout, State::Closed},
    Edge{State::SynReceived, Cause::Timeout, State::Closed},
    Edge{State::Established, Cause::Timeout, State::Closed},
    Edge{State::FinWait1, Cause::Timeout, State::Closed},
    Edge{State::FinWait2, Cause::Timeout, State::Closed},
    Edge{State::CloseWait, Cause::Timeout, State::Closed},
    Edge{State::Closing, Cause::Timeout, State::Closed},
    Edge{State::LastAck, Cause::Timeout, State::Closed},
};

/// The diagram by state and cause: a place in kDiagram, or kNoEdge.
inline constexpr std::uint8_t kNoEdge = 0xff;
inline constexpr auto kEdges = [] {
    static_assert(kDiagram.size() < kNoEdge);
    std::array<std::array<std::uint8_t, kCauseCount>, kStateCount> edges{};
    for (auto& causes : edges) causes.fill(kNoEdge);
    for (std::size_t i = 0; i < kDiagram.size(); ++i) {
        const Edge& edge = kDiagram[i];
        edges[static_cast<std::size_t>(edge.from)][static_cast<std::size_t>(edge.cause)] =
            static_cast<std::uint8_t>(i);
    }
    return edges;
}();

/// Where `cause` leads from `from`; nullptr where the diagram has no such edge.
constexpr const Edge* find_edge(State from, Cause cause) {
    const std::uint8_t place =
        kEdges[static_cast<std::size_t>(from)][static_cast<std::size_t>(cause)];
    return place == kNoEdge ? nullptr : &kDiagram[place];
}

/// RFC 9293's spelling.
constexpr std::string_view name(State state) {
    switch (state) {
        case State::Closed:
            return "CLOSED";
        case State::Listen:
            return "LISTEN";
        case State::SynSent:
            return "SYN-SENT";
        case State::SynReceived:
            return "SYN-RECEIVED";
        case State::Established:
            return "ESTABLISHED";
        case State::FinWait1:
            return "FIN-WAIT-1";
        case State::FinWait2:
            return "FIN-WAIT-2";
        case State::CloseWait:
            return "CLOSE-WAIT";
        case State::Closing:
            return "CLOSING";
        case State::LastAck:
            return "LAST-ACK";
        case State::TimeWait:
            return "TIME-WAIT";
    }
    return "?";
}

constexpr std::string_view name(Cause cause) {
    switch (cause) {
        case Cause::PassiveOpen:
            return "passive open";
        case Cause::ActiveOpen:
            return "active open";
        case Cause::SynArrived:
            return "SYN arrived";
        case Cause::SynAckArrived:
            return "SYN,ACK arrived";
        case Cause::AckOfSyn:
            return "ACK of SYN";
        case Cause::Close:
            return "close";
        case Cause::FinArrived:
            return "FIN arrived";
        case Cause::AckOfFin:
            return "ACK of FIN";
        case Cause::FinAndAckOfFin:
            return "FIN with ACK of FIN";
        case Cause::TwoMsl:
            return "2MSL";
        case Cause::Reset:
            return "reset";
        case Cause::Abort:
            return "abort";
        case Cause::Timeout:
            return "timeout";
        case Cause::Reopen:
            return "reopen";
        case Cause::Return:
            return "return";
        case Cause::OwnReset:
            return "reset sent";
    }
    return "?";
}

namespace diagram_check {

constexpr bool deterministic() {
    for (std::size_t i = 0; i < kDiagram.size(); ++i) {
        for (std::size_t j = i + 1; j < kDiagram.size(); ++j) {
            if (kDiagram[i].from == kDiagram[j].from && kDiagram[i].cause == kDiagram[j].cause) {
                return false;
            }
        }
    }
    return true;
}

constexpr bool reachable_and_leavable() {
    std::array<bool, kStateCount> seen{};
    seen[static_cast<std::size_t>(State::Closed)] = true;
    for (std::size_t round = 0; round < kStateCount; ++round) {
        for (const Edge& edge : kDiagram) {
            if (seen[static_cast<std::size_t>(edge.from)]) {
                seen[static_cast<std::size_t>(edge.to)] = true;
            }
        }
    }
    for (std::size_t state = 0; state < kStateCount; ++state) {
        bool leavable = false;
        for (const Edge& edge : kDiagram) {
            if (edge.from == static_cast<State>(state) && edge.to != edge.from) leavable = true;
        }
        if (!seen[state] || !leavable) return false;
    }
    return true;
}

/// Orderly entries: what RFC 9293's figure shows, the return from a bad reopen and the wait after a
/// reset aside (C-1, C-11, C-35).
constexpr std::size_t time_wait_entries() {
    std::size_t count = 0;
    for (const Edge& edge : kDiagram) {
        const bool aside = edge.cause == Cause::Return || edge.cause == Cause::OwnReset;
        if (edge.to == State::TimeWait && !aside) ++count;
    }
    return count;
}

static_assert(deterministic(), "one cause leads from a state to one state");
static_assert(reachable_and_leavable(), "no state is an island or a trap");
static_assert(time_wait_entries() == 3, "C-1: FIN-WAIT-1, FIN-WAIT-2 and CLOSING lead there");
static_assert(find_edge(State::LastAck, Cause::TwoMsl) == nullptr, "C-1: LAST-ACK never does");

}  // namespace diagram_check

}  // namespace lastack::tcp
