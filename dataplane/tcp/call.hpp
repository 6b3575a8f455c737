// The calls of RFC 9293 3.10.1 to 3.10.6 on a Tcb: OPEN, SEND, RECEIVE, CLOSE, ABORT.
//
// The caller has checked the handle. After a call the caller asks next_segment() what may leave.
#pragma once

#include <cstdint>

#include "tcp/env.hpp"
#include "tcp/outcome.hpp"
#include "tcp/tcb.hpp"
#include "tcp/time_wait.hpp"

namespace lastack::tcp {

// What makes a Tcb fills one that is as new, where it will lie.

/// CLOSED, with the configuration's defaults and `iss` as its first number.
void make_tcb(const Env& env, Seq iss, std::uint32_t ts_offset, Tcb& tcb);

/// Active OPEN: SYN-SENT. The SYN is the first thing next_segment() gives.
void open_active(Env& env, Seq iss, std::uint32_t ts_offset, Tcb& tcb);

/// OPEN over the TIME-WAIT `record` of the same tuple (C-26): begins beyond its numbers, and knows
/// its peer's clock, so that what is left of the old connection fails PAWS.
void open_over(Env& env, const TimeWaitRecord& record, std::uint32_t ts_offset, Tcb& tcb);

/// The path carries no more than `mss` bytes of text and options a segment, as far as is known; and
/// that is believed for so long (RFC 1191 6.3, H-36): kPathBelievedMs from when a router said it.
void bound_path(const Env& env, Tcb& tcb, std::uint16_t mss, std::uint32_t believed_ms);

/// How many bytes SEND would take: 0 once the application has closed its direction.
std::uint32_t send_room(const Env& env, const Tcb& tcb);

/// Whether the keep-alive timer may run (H-45). In FIN-WAIT-1 it does and is silent, for a
/// FIN-WAIT-2 may follow that only the probes can end.
bool keeps_alive(State state);

/// SEND: `bytes` in `buffer`, whose reference goes to the Tcb. False (and the reference stays with
/// the caller) where no piece is left. The caller has asked send_room().
bool send(Env& env, Tcb& tcb, base::BufferRef buffer, base::Bytes bytes);

/// Whether SEND will never take anything again, however long one waits.
bool has_finished_sending(const Tcb& tcb);

/// Urgent data ends behind all that SEND has taken so far; SND.UP only moves forward.
void mark_urgent(Tcb& tcb);

/// RECEIVE: the application has used up the first `count` bytes of the receive queue.
void consume(Env& env, Tcb& tcb, std::uint32_t count);

/// SHUT_WR: FIN behind what was sent; receiving goes on.
Outcome shutdown_write(Env& env, Tcb& tcb);

/// CLOSE as sockets have it: nobody reads any more. In the order of D-8: unread text resets, linger
/// of zero resets, else FIN.
Outcome close(Env& env, Tcb& tcb);

/// ABORT: RST(n) where the peer knows of us, and CLOSED.
Outcome abort(Env& env, Tcb& tcb, End end);

/// The user timeout (D-22) and the keep-alive times (H-42); timers that run follow at once.
void set_user_timeout(const Env& env, Tcb& tcb, std::uint32_t timeout_ms);
void set_keep_alive_idle(const Env& env, Tcb& tcb, std::uint32_t idle_ms);
void set_keep_alive_interval(const Env& env, Tcb& tcb, std::uint32_t interval_ms);

/// What is due of the Tcb's timers now. Fate::Gone where one of them gives the connection up.
Outcome timeout(Env& env, Tcb& tcb);

/// No neighbour answers for the next hop of what was just sent (I-12).
Outcome neighbour_failed(Env& env, Tcb& tcb);

}  // namespace lastack::tcp
