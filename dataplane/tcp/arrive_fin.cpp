// Eighth: the FIN (RFC 9293 3.10.7.4).

#include "base/assert.hpp"
#include "tcp/arrival.hpp"
#include "tcp/guard.hpp"

namespace lastack::tcp::arrival {

namespace {

void consume_fin(Arrival& a) {
    Tcb& tcb = a.tcb;
    tcb.peer_fin_taken = true;
    tcb.rcv.nxt += 1;
    tcb.rcv.edge = wire::later(tcb.rcv.edge, tcb.rcv.nxt);
    tcb.ack_owed = AckOwed::Now;  // S-15: no delay for the ACK of a FIN
    tcb.events.peer_closed = true;
    LA_ASSERT(!tcb.has_gap());  // nothing lies beyond a FIN, and all ahead of it is here
    switch (tcb.state.get()) {
        case State::Established:
            enter(a.env.states, tcb.state, Cause::FinArrived);
            start_guard(a.env, tcb);
            return;
        case State::FinWait1:
            // B-1: the ACK field came first.
            if (tcb.our_fin_acked()) return enter_time_wait(a, Cause::FinAndAckOfFin);
            enter(a.env.states, tcb.state, Cause::FinArrived);
            start_guard(a.env, tcb);
            a.env.count(Counter::SimultaneousClose);
            tcb.timers.disarm(Timer::KeepAlive);  // CLG.T03
            return;
        case State::FinWait2:
            return enter_time_wait(a, Cause::FinArrived);
        case State::Closed:
        case State::Listen:
        case State::SynSent:
        case State::SynReceived:
        case State::CloseWait:
        case State::Closing:
        case State::LastAck:
        case State::TimeWait:
            return;
    }
}

}  // namespace

// take_text() has let by only states that wait for a FIN, and has noted the number of this one.
void check_fin(Arrival& a) {
    Tcb& tcb = a.tcb;
    if (a.fin_is_next) return consume_fin(a);
    if (tcb.peer_fin_known && tcb.rcv.nxt == tcb.peer_fin_seq) return consume_fin(a);
    if (!a.segment.flags().fin()) return;
    if (tcb.orphan && !a.env.config.discards_for_orphan) return reset_orphan(a);
    // Beyond a gap, the first time and every other (H-23). Text out of order has answered already.
    if (!a.outcome.answer) a.outcome.answer = compose_ack(a.env, tcb);
}

}  // namespace lastack::tcp::arrival
