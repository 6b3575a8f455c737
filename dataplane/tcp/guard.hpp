// The guards: how long a connection may stay in a state that only somebody else can end.
//
//   state         ends by itself when                     guard
//   FIN-WAIT-1    the peer acknowledges our FIN           fin_wait1_timeout    RST, as ABORT
//   CLOSING       the same                                closing_timeout      no RST, as ABORT
//   LAST-ACK      the same                                last_ack_timeout     no RST, as ABORT
//   CLOSE-WAIT    our application closes                  close_wait_timeout   RST, as ABORT
//
// Retransmissions bound the first three already, but for a peer that keeps its window shut and
// answers (MUST-37), and nothing bounds the last (S-70). All are off unless the operator sets them.
// A guard runs from the entry into its state, whether an application still owns the connection or
// not. FIN-WAIT-2 without an owner has fin_timeout (tcp/time_wait.hpp); with one it is legal for
// ever (D-1).
#pragma once

#include "tcp/env.hpp"
#include "tcp/outcome.hpp"
#include "tcp/tcb.hpp"

namespace lastack::tcp {

/// The state has just been entered: its guard starts, and the one before it stops.
void start_guard(const Env& env, Tcb& tcb);

/// The guard's time is over: CLOSED.
Outcome guard_hit(Env& env, Tcb& tcb);

}  // namespace lastack::tcp
