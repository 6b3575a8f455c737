// A connection as an application sees it: a handle, calls on it, and the events it brings.
//
// A service derives from Handler, and is told what happens to its connections. All events of a core
// are called on that core's own thread, one at a time, between receiving and transmitting; all
// calls on a Connection are made from that thread, inside an event or not. Nothing here blocks.
//
// The life of a connection:
//
//     listen ... on_open ---\      on_data, on_writable ...     /- on_peer_closed (half-close)
//     connect ... on_open ---+-> ESTABLISHED -------------------+
//                                                               \- shutdown_write, close, abort
//                                                                                |
//                             on_closed(reason): exactly once, the last event <--/
//
// on_closed comes for every connection that was opened, and for every connect() that failed later.
// After it has returned the handle is stale. A stale handle is refused and counted, never followed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "lastack/endpoint.hpp"

namespace lastack {

class Core;
class Connection;

using Bytes = std::span<const std::byte>;

/// Why a connection is over.
enum class CloseReason : std::uint8_t {
    orderly,       ///< Our FIN was acknowledged; and the peer's came, unless we had closed.
    reset,         ///< The peer sent RST.
    refused,       ///< The peer answered our SYN with RST.
    timed_out,     ///< Retransmissions, probes, the user timeout or a guard gave up.
    unreachable,   ///< The network said so while we were opening, or as we then gave up.
    aborted,       ///< abort(), or a close() that had to reset, or a limit of ours ended it.
    no_resources,  ///< No memory for it.
    shut_down,     ///< The process stops.
    /// Option::linger_ms passed after close(), and our FIN is not acknowledged yet. The connection
    /// is not reset: it goes on without an owner, as after a close() without linger.
    linger_expired,
};

/// "orderly", "reset", ...
std::string_view name(CloseReason reason);

/// What a sockets programmer would call it: ECONNRESET, ETIMEDOUT, ...; 0 for orderly. A
/// connection's own take_error() can say more: which ICMP error explains a timeout, and EPIPE.
int error_number(CloseReason reason);

/// What stands in the way of a connection that goes on nevertheless (RFC 9293 3.9.1.8).
enum class Trouble : std::uint8_t {
    stalled,      ///< tcp.retries1 retransmissions in vain (R1 of RFC 9293 3.8.3).
    unreachable,  ///< The network, or our own link, says that the peer cannot be reached.
};

/// "stalled", "unreachable"
std::string_view name(Trouble trouble);

/// What set_option() may change on a living connection. Values are integers, times in milliseconds.
enum class Option : std::uint8_t {
    no_delay,         ///< 1 switches Nagle's algorithm off.
    user_timeout_ms,  ///< R2 of this connection (RFC 9293 MUST-21, RFC 5482); 0: as configured.
    keep_alive,       ///< 1 switches keep-alive probes on; silence counts from then.
    keep_alive_idle_ms,
    keep_alive_interval_ms,
    keep_alive_count,
    rto_min_ms,  ///< Least RTO, up to a minute; 0: as configured. From the next arming on.
    linger_ms,   ///< See close(); -1 off (default).
    linger2_ms,  ///< TCP_LINGER2: overrides fin_timeout; -1 resets in FIN-WAIT-2.
    receive_buffer_bytes,  ///< Upper bound of the window we offer.
    send_buffer_bytes,     ///< Upper bound of what send() accepts unacknowledged.
    dscp,                  ///< 0 .. 63, on every segment from now on.
    ttl,                   ///< 1 .. 255.
};

/// Called when memory given to send_by_reference() is no longer needed, on the core's thread, in
/// the middle of a step of the core's: it may free or note, but call nothing of a Core or a
/// Connection.
using ReleaseFunction = void (*)(void* context);

/// A handle: cheap to copy, safe to keep. Calls on a stale one do nothing and return 0 or false.
class Connection {
  public:
    constexpr Connection() = default;
    constexpr Connection(Core* core, std::uint32_t index, std::uint32_t generation)
        : core_(core), index_(index), generation_(generation) {}

    /// Copies as many of `bytes` as there is room for and returns their number. Less than
    /// bytes.size(): on_writable follows. 0 too after shutdown_write() or close().
    std::size_t send(Bytes bytes);

    /// send(), and urgent data ends behind the last byte taken (RFC 9293 3.8.5). It stays in the
    /// stream; the peer hears at once that it is on its way, even at a shut window.
    std::size_t send_urgent(Bytes bytes);

    /// Sends `bytes` without copying; they stay as they are until `release(context)` is called.
    /// All or nothing: false (and no release) where there is no room, on_writable follows.
    bool send_by_reference(Bytes bytes, ReleaseFunction release, void* context);

    /// How many bytes send() would accept now.
    std::size_t send_room() const;

    /// "I have nothing more to send": FIN follows what was sent before. Receiving goes on.
    void shutdown_write();

    /// "I am done": what was sent is delivered, then FIN; nothing more is received. Bytes that
    /// arrived and were not used up make it a reset instead (RFC 1122 4.2.2.13); called inside
    /// on_data, the bytes that its return value is about to use up count as used. No event but
    /// on_closed follows.
    ///
    /// on_closed(orderly) says that our FIN, and so all that was sent, was acknowledged: until then
    /// the connection is finished in the background, however long that takes. With linger_ms > 0
    /// on_closed comes after that time at the latest, then with linger_expired; with linger_ms 0
    /// nothing is waited for: what is unsent is dropped, and RST sent.
    void close();

    /// RST, now. on_closed(aborted) follows.
    void abort();

    /// Offers bytes that an earlier on_data left, again. 0; ESHUTDOWN where tcp.closing_receive
    /// refuses that in CLOSING, LAST-ACK and TIME-WAIT.
    int resume();

    /// How many bytes of the peer's urgent data are ahead of the reader, arrived or not; 0: none.
    std::uint32_t urgent_left() const;

    /// The pending error: the errno that the connection ended with, once, then 0. It stands from
    /// the end on; inside on_closed is the last chance to ask. 0 while the connection lives, and
    /// after an orderly end. Once it was taken nothing is read any more: on_data is not called for
    /// what was left, nor by resume().
    int take_error();

    /// Why send() will never take anything again: 0 while it may, the pending error once (as
    /// take_error()), EPIPE after that, after shutdown_write() and after close(). EBADF for a stale
    /// handle.
    int send_error();

    /// False where the value is out of range (see Option) or the handle is stale.
    bool set_option(Option option, std::int64_t value);

    /// A word of the application's own; nullptr at first.
    void set_context(void* context);
    void* context() const;

    Endpoint local() const;
    Endpoint remote() const;

    /// "ESTABLISHED", "FIN-WAIT-1", ...: RFC 9293's names. "CLOSED" for a stale handle.
    std::string_view state() const;

    bool valid() const;
    Core* core() const { return core_; }
    constexpr std::uint32_t index() const { return index_; }
    constexpr std::uint32_t generation() const { return generation_; }
    constexpr bool operator==(const Connection&) const = default;

  private:
    Core* core_ = nullptr;
    std::uint32_t index_ = 0;
    std::uint32_t generation_ = 0;
};

/// A connection's events. One Handler may serve any number of connections of one core.
class Handler {
  public:
    virtual ~Handler() = default;

    /// The connection is ESTABLISHED. For a listener this is the acceptance.
    virtual void on_open(Connection) {}

    /// Bytes arrived, in order. `pieces` point into receive buffers and are valid until the call
    /// returns. Returns how many bytes were used up; the rest stays with the connection, holds its
    /// window, and is offered again when more arrives or resume() is called. After the peer's FIN
    /// it stays readable: on_peer_closed, and an orderly on_closed, wait until it was used up.
    /// Where the connection ends otherwise it is offered one last time, and on_closed follows.
    virtual std::size_t on_data(Connection, std::span<const Bytes> pieces) = 0;

    /// The peer has sent urgent data, which may still be on its way: once, until all of it was used
    /// up. Comes ahead of the bytes; urgent_left() says how far to read.
    virtual void on_urgent(Connection) {}

    /// There is room to send again, after a send() that accepted less than it was given.
    virtual void on_writable(Connection) {}

    /// The peer has sent FIN and all its bytes were used up. Sending still works (half-close).
    virtual void on_peer_closed(Connection) {}

    /// The connection makes no progress, but is not given up (see Option::user_timeout_ms for the
    /// limit). Either trouble is told once for each time it stands still, when it comes about.
    /// Whoever does not care leaves it out (SHLD-20).
    virtual void on_trouble(Connection, Trouble) {}

    /// The connection is over, as far as we are concerned. It may still be in TIME-WAIT.
    virtual void on_closed(Connection, CloseReason) {}
};

}  // namespace lastack

// The calls of a Connection are inline, and need a whole Core.
#include "lastack/core.hpp"
