// Loss recovery by SACK blocks: sections 4 and 5 of RFC 6675, for a connection where both ends
// speak SACK. (Without it, duplicate ACKs are counted: RFC 6582, in arrive_ack.cpp.)
//
//   ACK with news --take_sack_blocks()--> scoreboard --third, or IsLost()--> recovery
//   recovery --next_segment()--> plan_recovery(): NextSeg() while cwnd - pipe takes a segment
//
// A FIN is the last number of the sequence space, and is lost, covered and sent again like any
// other (H-16).
#pragma once

#include "tcp/plan.hpp"

namespace lastack::tcp {

/// Whether NextSeg() says what is sent. After a router's "too big" SND.NXT lies below SND.MAX, and
/// everything in between goes again first.
inline bool recovers_by_sack(const Tcb& tcb) {
    return tcb.in_sack_recovery() && tcb.snd.nxt == tcb.snd.max;
}

/// RFC 6675 5, step C, and NextSeg() of 4: a lost hole, new text, any other hole, a rescue.
Plan plan_recovery(Env& env, Tcb& tcb);

/// Update() of RFC 6675 4, and steps 1 to 4 of 5: the SACK blocks of an ACK that has been found
/// good, SND.UNA being what it says.
void take_sack_blocks(Env& env, Tcb& tcb, const wire::TcpHeader& header);

/// SND.UNA has moved on: what lies below it is forgotten, and all of it where the peer reneges.
void advance_scoreboard(Env& env, Tcb& tcb);

}  // namespace lastack::tcp
