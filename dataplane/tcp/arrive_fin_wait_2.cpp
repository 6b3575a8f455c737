// A segment for a FIN-WAIT-2 whose application has gone: it waits for the peer's FIN, and becomes
// TIME-WAIT in place.

#include <algorithm>

#include "tcp/compose.hpp"
#include "tcp/visit.hpp"
#include "tcp/window_test.hpp"

namespace lastack::tcp {

namespace {

// TIME-WAIT in place of FIN-WAIT-2, with a full 2MSL.
void begin_time_wait(Visit& v, Cause cause) {
    enter(v.env.states, v.record.state, cause);
    v.env.count(Counter::TimeWaitEntered);
    v.record.set_endless(false);
    v.record.after_reset = cause == Cause::OwnReset;
    v.record.entered_at_ms = CoarseTime<3>(v.env.now_ms());
    v.record.deadline_ms = v.env.after_ms(v.env.config.two_msl_ms());
    v.verdict.kind = TimeWaitVerdict::Kind::Restart;
}

// Text or a FIN beyond a gap for an application that has gone (D-11).
void reset_orphan(Visit& v) {
    v.env.count(Counter::TCPAbortOnData);
    v.env.count(Counter::OutSegs);
    v.env.count(Counter::OutRsts);
    wire::TcpHeader header = compose_ack(v.env, v.record);
    header.flags.bits |= wire::TcpFlags::kRst;
    v.verdict.answer = header;
    enter(v.env.states, v.record.state, Cause::Abort);
    v.verdict.kind = TimeWaitVerdict::Kind::Gone;
    if (v.env.config.waits_after_reset) begin_time_wait(v, Cause::OwnReset);  // M-16
}

// D-5: the FIN that was waited for.
void take_fin(Visit& v) {
    v.record.rcv_nxt += 1;
    begin_time_wait(v, Cause::FinArrived);
    v.env.count(Counter::FinInOrder);
    v.verdict.answer = compose_ack(v.env, v.record);
    v.env.count(Counter::OutSegs);
}

// M-10: nobody reads, and the peer may go on until its FIN. What is in order is acknowledged and
// thrown away, so that the window stays as wide as it was and nothing is held; what is beyond a gap
// comes again.
void discard_text(Visit& v) {
    const Seq next = v.record.rcv_nxt;
    const Seq end = v.segment.seq() + v.segment.text_bytes;
    v.env.count(Counter::TcpInTextNotWanted);
    if (v.segment.seq().at_or_before(next) && end.after(next)) {
        const std::uint32_t fits = std::min(next.distance(end), v.record.window_bytes());
        v.record.rcv_nxt += fits;
    }
    if (v.segment.flags().fin() && v.record.rcv_nxt == end) return take_fin(v);
    answer(v);
}

}  // namespace

void take_in_fin_wait_2(Visit& v) {
    // The FIN that is waited for: alone, or behind text that was read already and comes again.
    const bool fin_at_next = v.segment.flags().fin() && v.segment.end() == v.record.rcv_nxt + 1 &&
                             v.segment.seq().at_or_before(v.record.rcv_nxt);
    const std::uint32_t window = v.record.window_bytes();
    if (!fin_at_next && !acceptable(v.segment.seq(), v.segment.len(), v.record.rcv_nxt, window)) {
        v.env.count(Counter::TcpInOutOfWindow);
        return answer_invalid(v);
    }
    take_stamp(v);
    if (!check_ack_range(v)) return;
    if (v.segment.len() == 0) return v.env.count(Counter::TcpInNothingNew);
    if (fin_at_next) return take_fin(v);
    if (v.env.config.discards_for_orphan) return discard_text(v);
    reset_orphan(v);
}

}  // namespace lastack::tcp
