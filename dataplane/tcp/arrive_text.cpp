// Seventh and eighth: the text and the FIN (RFC 9293 3.10.7.4).

#include <algorithm>

#include "tcp/arrival.hpp"

namespace lastack::tcp::arrival {

namespace {

// RFC 1122 4.2.3.2, RFC 5681 4.2: delayed, but at least every second full segment, and at once
// where it fills a gap.
void owe_ack(Arrival& a, std::uint32_t bytes) {
    Tcb& tcb = a.tcb;
    tcb.largest_received = static_cast<std::uint16_t>(
        std::max<std::uint32_t>(tcb.largest_received, std::min<std::uint32_t>(bytes, tcb.mss)));
    tcb.received_unacked += bytes;
    const bool second_full =
        tcb.received_unacked >= 2U * tcb.largest_received && tcb.received_unacked > bytes;
    if (a.filled_gap || !tcb.out_of_order.empty() || second_full || bytes > tcb.mss) {
        tcb.ack_owed = AckOwed::Now;
    } else if (tcb.ack_owed == AckOwed::None) {
        tcb.ack_owed = AckOwed::Delayed;
        tcb.timers.arm(Timer::DelayedAck, a.env.after_ms(a.env.config.delayed_ack_ms));
    }
}

void take_in_order(Arrival& a) {
    Tcb& tcb = a.tcb;
    const std::uint32_t bytes = a.segment.text_bytes;
    tcb.rcv.nxt += bytes;
    a.env.pieces.splice(tcb.receive_queue, a.segment.text);
    if (!tcb.out_of_order.empty()) {
        const Seq before = tcb.rcv.nxt;
        ReassemblyStore store{a.env.runs, a.env.pieces};
        tcb.rcv.nxt = store.take(tcb.out_of_order, before, tcb.receive_queue);
        a.filled_gap = tcb.rcv.nxt != before;
    }
    tcb.events.readable = true;
    owe_ack(a, bytes);
}

// Beyond a gap: keep it, and tell the peer at once, one ACK per arrival (5681 4.2).
void take_out_of_order(Arrival& a) {
    Tcb& tcb = a.tcb;
    ReassemblyStore store{a.env.runs, a.env.pieces};
    using Result = ReassemblyStore::Result;
    switch (store.insert(tcb.out_of_order, a.segment.seq(), a.segment.text,
                         a.env.config.max_out_of_order_runs)) {
        case Result::Queued:
            a.env.count(Counter::TCPOFOQueue);
            break;
        case Result::Merged:
            a.env.count(Counter::TCPOFOQueue);
            a.env.count(Counter::TCPOFOMerge);
            break;
        case Result::Duplicate:
            a.env.count(Counter::TCPOFOMerge);
            break;
        case Result::NoRoom:
            a.env.count(Counter::TCPOFODrop);
            break;
    }
    // A FIN behind the text brings the ACK itself, when its number is known to the SACK blocks.
    const bool fin_answers = a.segment.flags().fin() && !tcb.peer_fin_known;
    if (!fin_answers) a.outcome.answer = compose_ack(a.env, tcb);
}

// D-11: text for an application that has gone. The peer must learn that it will not be read. While
// our FIN is unacknowledged the exact number for the peer is SEG.ACK (M-26).
void reset_orphan(Arrival& a) {
    a.env.count(Counter::TCPAbortOnData);
    if (a.tcb.our_fin_acked()) {
        a.outcome.answer = compose_reset(a.env, a.tcb);
    } else {
        a.outcome.answer = reset_for(a.segment);
        a.env.count(Counter::OutSegs);
        a.env.count(Counter::OutRsts);
    }
    a.outcome.fate = Fate::Gone;
    finish(a.env, a.tcb, Cause::Abort, End::Aborted);
}

// B-3: nothing can follow the peer's FIN, whose number is known.
void cut_beyond_fin(Arrival& a) {
    Segment& segment = a.segment;
    const Seq fin = a.tcb.rcv.fin_seq;
    const Seq end = segment.seq() + segment.text_bytes;
    if (!end.after(fin)) return;
    a.env.count(Counter::DataAfterFin);
    const std::uint32_t cut = std::min(fin.distance(end), segment.text_bytes);
    a.env.pieces.drop_back(segment.text, std::min(cut, segment.text.bytes));
    segment.text_bytes -= cut;
}

// K-32, K-33: text that comes in crumbs costs pieces, of which a core has so many; the window
// counts only bytes. A connection's share is what a buffer full of segments of 256 bytes needs,
// once for what waits to be read and once for what waits beyond gaps.
bool exceeds_share(const Arrival& a, bool in_order) {
    const std::uint32_t share = 64 + a.tcb.receive_buffer_bytes / 256;
    const std::uint32_t held =
        in_order ? a.tcb.receive_queue.pieces
                 : ReassemblyStore{a.env.runs, a.env.pieces}.held_pieces(a.tcb.out_of_order);
    return held + a.segment.text.pieces > share;
}

bool receives_text(State state) {
    return state == State::Established || state == State::FinWait1 || state == State::FinWait2;
}

void consume_fin(Arrival& a) {
    Tcb& tcb = a.tcb;
    tcb.peer_fin_taken = true;
    tcb.rcv.nxt += 1;
    tcb.rcv.edge = wire::later(tcb.rcv.edge, tcb.rcv.nxt);
    tcb.ack_owed = AckOwed::Now;  // S-15: no delay for the ACK of a FIN
    tcb.events.peer_closed = true;
    ReassemblyStore{a.env.runs, a.env.pieces}.clear(tcb.out_of_order);
    switch (tcb.state.get()) {
        case State::Established:
            enter(a.env.states, tcb.state, Cause::FinArrived);
            return;
        case State::FinWait1:
            // B-1: the ACK field came first.
            if (tcb.our_fin_acked()) return enter_time_wait(a, Cause::FinAndAckOfFin);
            enter(a.env.states, tcb.state, Cause::FinArrived);
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

bool take_text(Arrival& a) {
    Tcb& tcb = a.tcb;
    if (a.segment.text_bytes == 0) return true;
    if (!receives_text(tcb.state.get())) {
        a.env.count(tcb.peer_fin_taken ? Counter::DataAfterFin : Counter::TcpInTextNotWanted);
        return false;
    }
    if (tcb.orphan) {
        reset_orphan(a);
        return false;
    }
    if (tcb.peer_fin_known) cut_beyond_fin(a);
    if (a.segment.text.bytes < a.segment.text_bytes) {
        // H-26: what could not be kept is not acknowledged; the peer sends it again.
        a.env.count(Counter::TCPRcvQDrop);
        // Text beyond the gap must not hold the very pieces that the text in the gap needs.
        if (!tcb.out_of_order.empty()) {
            a.env.count(Counter::TCPOFODrop, tcb.out_of_order.runs);
            ReassemblyStore{a.env.runs, a.env.pieces}.clear(tcb.out_of_order);
        }
        return false;
    }
    if (a.segment.text_bytes == 0) return true;
    const bool in_order = a.segment.seq() == tcb.rcv.nxt;
    if (exceeds_share(a, in_order)) {
        a.env.count(in_order ? Counter::TCPRcvQDrop : Counter::TCPOFODrop);
        return false;
    }
    if (in_order) {
        take_in_order(a);
    } else {
        take_out_of_order(a);
    }
    return true;
}

bool check_fin(Arrival& a) {
    Tcb& tcb = a.tcb;
    if (!receives_text(tcb.state.get())) return false;
    if (a.segment.flags().fin() && !tcb.peer_fin_known) {
        tcb.peer_fin_known = true;
        tcb.rcv.fin_seq = a.segment.seq() + a.segment.text_bytes;
        const bool in_order = tcb.rcv.fin_seq.at_or_before(tcb.rcv.nxt);
        a.env.count(in_order ? Counter::FinInOrder : Counter::FinOutOfOrder);
        if (a.segment.text_bytes > 0) a.env.count(Counter::FinWithData);
        if (!in_order) {
            if (tcb.orphan) {
                reset_orphan(a);
                return false;
            }
            ReassemblyStore{a.env.runs, a.env.pieces}.cut(tcb.out_of_order, tcb.rcv.fin_seq);
            a.outcome.answer = compose_ack(a.env, tcb);
        }
    }
    if (tcb.peer_fin_known && tcb.rcv.nxt == tcb.rcv.fin_seq) consume_fin(a);
    return true;
}

}  // namespace lastack::tcp::arrival
