// Sixth: the urgent pointer (RFC 9293 3.10.7.4 and 3.8.5).
//
// It says where urgent data ends in the stream, and nothing of where it begins; the data stays in
// the stream. RCV.UP only moves forward, and only an unread stretch of the stream is urgent, so a
// pointer into what was read, far too old or absurd, changes nothing.

#include "tcp/arrival.hpp"

namespace lastack::tcp::arrival {

// MUST-31, MUST-62: SEG.SEQ + SEG.UP is the number behind the last urgent octet. Told once, until
// the reader has caught up.
void take_urgent(Arrival& a) {
    Tcb& tcb = a.tcb;
    const bool receives = tcb.state.is(State::Established) || tcb.state.is(State::FinWait1) ||
                          tcb.state.is(State::FinWait2);
    if (!receives || tcb.orphan) return;
    // Nothing of it is ahead: it pointed at or below RCV.NXT, to where trim() has moved SEG.SEQ.
    // What lies unread there was not what it spoke of.
    if (a.segment.header.urgent == 0) return;
    const Seq up = a.segment.seq() + a.segment.header.urgent;
    if (tcb.peer_urgent) {
        tcb.rcv_up = wire::later(tcb.rcv_up, up);
        return;
    }
    if (!up.after(tcb.read_seq())) return;
    tcb.rcv_up = up;
    tcb.peer_urgent = true;
    tcb.events.urgent = true;
}

}  // namespace lastack::tcp::arrival
