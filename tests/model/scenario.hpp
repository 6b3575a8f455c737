// A scenario: what two applications may do, what the network may do to segments, and how often.
//
// Everything that may happen next is tried at every state, within these bounds. An application may
// make its calls in any order and at any moment, each at most once (send: `sends` times); what it
// must do in the end, to close, it always may.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace lastack::model {

inline constexpr unsigned kInFlight = 3;  // segments, each way

struct Program {
    bool connects = false;
    bool listens = false;
    std::uint8_t sends = 0;      // of one byte each
    bool may_shut_down = false;  // SHUT_WR
    bool may_abort = false;
    bool calls_early = false;    // before the connection is open, too
    bool closes_at_fin = false;  // in on_peer_closed itself, so that the FIN merges with the ACK
    bool reads = true;           // false: leaves all text unread
    bool keep_alive = false;
    bool waits_for_fin = false;  // closes only after the peer has

    bool operator==(const Program&) const = default;
};

struct Bounds {
    std::uint8_t losses = 2;
    std::uint8_t duplicates = 1;
    /// Each timer of each end may fire once while segments are in flight: so many of them in all.
    /// On an empty wire, where nothing else can move things on, time always passes.
    std::uint8_t races = 1;
};

/// A fault put into the world on purpose, to see that the checks find it.
enum class Fault : std::uint8_t {
    None,
    NoReAckInTimeWait,  // what TIME-WAIT answers never leaves
    FinLost,            // frames with FIN are lost, always
    FinLostForEver,     // the same, and nobody counts retransmissions
    NoTimer,            // no timer of the second end ever fires
    ShortTimeWait,      // MSL is 29 s where 30 s is agreed
    TextChanged,        // the first byte of a text, behind the checksum's back
    BufferKept,         // one reference too many on a received frame
    StateWritten,       // a record moves against the diagram
};

struct Scenario {
    std::string name;
    std::array<Program, 2> programs{};
    Bounds bounds{};
    bool begins_open = false;  // ESTABLISHED both, nothing in flight
    bool orderly = false;      // nobody may see a reset, a refusal or a timeout
    /// No application lets fin_timeout or 2MSL pass before it calls close().
    bool prompt = false;
    bool timestamps = false;
    bool segments_outlive_msl = false;  // 2MSL and fin_timeout race what is in flight, too
    Fault fault = Fault::None;
};

}  // namespace lastack::model
