// What a Stack tells about itself: rows for listings, events of the trace, state gauges.
// Plain values; they cross to the control plane by copy.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "lastack/endpoint.hpp"
#include "lastack/options.hpp"
#include "tcp/state.hpp"
#include "time/instant.hpp"
#include "wire/seq.hpp"
#include "wire/tcp.hpp"

namespace lastack::stack {

/// The timer that runs next, as `ss -o` names it; Guard has no name there.
enum class TimerName : std::uint8_t { Off, On, KeepAlive, TimeWait, Persist, FinWait2, Guard };

/// One connection, half-open connection, TIME-WAIT record or listener.
struct ConnectionRow {
    Endpoint local;
    Endpoint remote;  // unspecified for a listener
    tcp::State state = tcp::State::Closed;
    bool orphan = false;  // the application has closed its handle
    std::uint32_t receive_queue_bytes = 0;
    std::uint32_t send_queue_bytes = 0;  // sent and not acknowledged, plus not yet sent
    TimerName timer = TimerName::Off;
    std::uint32_t timer_remaining_ms = 0;
    std::uint32_t retransmits = 0;
};

/// Where a listing goes on. A fresh one starts it; `done` says that it is complete.
struct ListCursor {
    std::uint8_t pool = 0;
    std::uint32_t index = 0;
    bool done = false;
};

/// Which records a listing is to show. What is not said is any.
struct ListFilter {
    static constexpr std::uint16_t bit_of(tcp::State state) {
        return static_cast<std::uint16_t>(1U << static_cast<unsigned>(state));
    }

    std::uint16_t states = 0xffff;           // bit_of() each
    std::optional<AddressOptions> local{};   // the network of our address
    std::optional<AddressOptions> remote{};  // the peer's; a listener's peer is unspecified
    std::optional<std::uint16_t> local_port{};
    std::optional<std::uint16_t> remote_port{};
};

/// One segment or state change, as it was.
struct TraceEvent {
    enum class Kind : std::uint8_t { Received, Sent, Changed };
    std::uint64_t number = 0;  // counts all events of the core; gaps were overwritten
    time::Instant at{};
    Endpoint local;
    Endpoint remote;
    Kind kind = Kind::Received;
    tcp::State before = tcp::State::Closed;  // for Sent: both are the state when it was made
    tcp::State after = tcp::State::Closed;
    tcp::Cause cause = tcp::Cause::Close;  // for Changed
    wire::TcpFlags flags;
    wire::Seq seq;
    wire::Seq ack;
    std::uint32_t text_bytes = 0;
    std::uint16_t window = 0;
};

/// Records per state, and transitions per edge, of one core.
struct StateGauges {
    std::array<std::uint32_t, tcp::kStateCount> count{};
};

/// Where memory went (records and buffers), for `show memory` and the conservation check (J-36).
struct PoolUse {
    const char* name;
    std::uint32_t record_bytes;
    std::uint32_t capacity;
    std::uint32_t in_use;
};

}  // namespace lastack::stack
