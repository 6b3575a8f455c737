// What a Tcb sends next (RFC 9293 3.8, 3.10.2; RFC 5681; RFC 1122 4.2.3.4).
#pragma once

#include "tcp/env.hpp"
#include "tcp/segment.hpp"
#include "tcp/tcb.hpp"

namespace lastack::tcp {

/// Makes `out`, which is as new, the next segment that the connection owes or may send; false where
/// there is none. Each call assumes that the one before has left: numbers and timers have moved on,
/// and a segment that the port cannot take is lost as on the wire. Call until false; bounded by
/// windows.
bool next_segment(Env& env, Tcb& tcb, Outgoing& out);

}  // namespace lastack::tcp
