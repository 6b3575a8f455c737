// Seventh: the text (RFC 9293 3.10.7.4).

#include <algorithm>

#include "base/assert.hpp"
#include "tcp/arrival.hpp"

namespace lastack::tcp::arrival {

namespace {

// RFC 1122 4.2.3.2, RFC 5681 4.2: delayed, but at least every second full segment, and at once
// where it fills a gap. The first full segments are acknowledged at once, for the peer's window
// opens by one segment per ACK (H-23).
void owe_ack(Arrival& a, std::uint32_t bytes) {
    Tcb& tcb = a.tcb;
    tcb.largest_received = static_cast<std::uint16_t>(
        std::max<std::uint32_t>(tcb.largest_received, std::min<std::uint32_t>(bytes, tcb.mss)));
    tcb.received_unacked = std::min(tcb.received_unacked + bytes, kMostUnacked) & kMostUnacked;
    const bool second_full =
        tcb.received_unacked >= 2U * tcb.largest_received && tcb.received_unacked > bytes;
    const bool quick = tcb.quick_acks > 0 && bytes >= tcb.text_per_segment();
    if (quick) --tcb.quick_acks;
    if (a.filled_gap || tcb.has_gap() || second_full || quick || bytes > tcb.mss) {
        tcb.ack_owed = AckOwed::Now;
    } else if (tcb.ack_owed == AckOwed::None) {
        tcb.ack_owed = AckOwed::Delayed;
        tcb.timers.arm(Timer::DelayedAck, a.env.after_ms(a.env.config.delayed_ack_ms));
    }
}

void take_in_order(Arrival& a) {
    Tcb& tcb = a.tcb;
    const std::uint32_t bytes = a.segment.text_bytes;
    if (!tcb.has_gap()) {
        tcb.rcv.nxt += bytes;
        a.env.pieces.splice(tcb.receive_queue, a.segment.text);
    } else {
        const std::uint16_t waiting = tcb.out_of_order.runs;
        const auto filled = ReassemblyStore{a.env.runs, a.env.pieces}.fill(
            tcb.out_of_order, tcb.rcv.nxt, a.segment.text, tcb.receive_queue);
        tcb.rcv.nxt = filled.next;
        a.env.count(Counter::TCPOFODrop, filled.dropped);
        a.filled_gap = tcb.out_of_order.runs != waiting;
    }
    tcb.events.readable = true;
    owe_ack(a, bytes);
}

// Beyond a gap: keep it, and tell the peer at once, one ACK per arrival (5681 4.2).
void take_out_of_order(Arrival& a) {
    Tcb& tcb = a.tcb;
    tcb.reordered = true;
    ReassemblyStore store{a.env.runs, a.env.pieces};
    if (tcb.sack && a.env.config.dsack) {
        note_repeated(a.env, tcb,
                      store.first_known(tcb.out_of_order, a.segment.seq(), a.segment.text_bytes));
    }
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
    a.outcome.answer = compose_ack(a.env, tcb);
}

// B-3: nothing can follow the peer's FIN, whose number is known.
void cut_beyond_fin(Arrival& a) {
    Segment& segment = a.segment;
    const Seq fin = a.tcb.peer_fin_seq;
    const Seq end = segment.seq() + segment.text_bytes;
    if (!end.after(fin)) return;
    a.env.count(Counter::DataAfterFin);
    const std::uint32_t cut = std::min(fin.distance(end), segment.text_bytes);
    a.env.pieces.drop_back(segment.text, std::min(cut, segment.text.bytes));
    segment.text_bytes -= cut;
}

// H-26: what waits beyond gaps goes first, for its pieces are those that the text in the gap needs.
void prune(Arrival& a) {
    Tcb& tcb = a.tcb;
    if (!tcb.has_gap()) return;
    a.env.count(Counter::TCPOFODrop, tcb.out_of_order.runs);
    ReassemblyStore{a.env.runs, a.env.pieces}.clear(tcb.out_of_order);
}

// K-32, K-33: text that comes in crumbs pins a whole buffer for each, and the window counts only
// bytes. Where a queue holds more buffers than its bytes account for, its crumbs are gathered into
// few. Full segments never come here, nor does what is read at once. False: no memory for that.
bool keeps_few_buffers(Arrival& a, bool in_order) {
    Tcb& tcb = a.tcb;
    PieceStore& pieces = a.env.pieces;
    const std::uint32_t more = a.segment.text.pieces;
    if (in_order) {
        const std::uint32_t fair = pieces.fair_pieces(tcb.receive_queue.bytes);
        if (tcb.receive_queue.pieces + more <= fair) return true;
        if (pieces.gather(tcb.receive_queue)) return true;
        prune(a);
        return pieces.gather(tcb.receive_queue);
    }
    ReassemblyStore store{a.env.runs, pieces};
    const ReassemblyStore::Held held = store.held(tcb.out_of_order);
    const std::uint32_t fair = pieces.fair_pieces(held.bytes) + a.env.config.max_out_of_order_runs;
    return held.pieces + more <= fair || store.gather(tcb.out_of_order);
}

// H-26: what could not be kept is not acknowledged, and comes again. The peer hears that it has
// arrived nowhere, window unchanged: an answer is a sign of life.
void refuse(Arrival& a, Counter why) {
    a.env.count(why);
    a.outcome.answer = compose_ack(a.env, a.tcb);
}

bool receives_text(State state) {
    return state == State::Established || state == State::FinWait1 || state == State::FinWait2;
}

// B-3: the number of the peer's FIN, from the first one that arrives. What waits beyond it goes,
// ahead of this segment's text: the text may close a gap, and must not carry RCV.NXT past the FIN.
void learn_fin(Arrival& a) {
    Tcb& tcb = a.tcb;
    if (!a.segment.flags().fin() || tcb.peer_fin_known) return;
    tcb.peer_fin_known = true;
    const Seq fin = a.segment.seq() + a.segment.text_bytes;
    if (tcb.has_gap()) ReassemblyStore{a.env.runs, a.env.pieces}.cut(tcb.out_of_order, fin);
    a.fin_is_next = a.segment.seq() == tcb.rcv.nxt;
    if (!a.fin_is_next) tcb.peer_fin_seq = fin;
    a.env.count(a.fin_is_next ? Counter::FinInOrder : Counter::FinOutOfOrder);
    if (a.segment.text_bytes > 0) a.env.count(Counter::FinWithData);
}

// The text lies in the window, and somebody reads.
bool take_wanted_text(Arrival& a) {
    Tcb& tcb = a.tcb;
    const bool in_order = a.segment.seq() == tcb.rcv.nxt;
    if (a.segment.text.bytes < a.segment.text_bytes) {
        prune(a);
        refuse(a, Counter::TCPRcvQDrop);
        return false;
    }
    if (!keeps_few_buffers(a, in_order)) {
        refuse(a, in_order ? Counter::TCPRcvQDrop : Counter::TCPOFODrop);
        return false;
    }
    learn_fin(a);
    if (tcb.peer_fin_known && !a.fin_is_next) cut_beyond_fin(a);
    if (a.segment.text_bytes == 0) return true;
    if (in_order) {
        take_in_order(a);
    } else {
        take_out_of_order(a);
    }
    LA_ASSERT(a.fin_is_next || !tcb.peer_fin_known || !tcb.rcv.nxt.after(tcb.peer_fin_seq));
    return true;
}

// M-10: nobody reads, and the peer may go on until its FIN. What is in order is acknowledged and
// thrown away, so that the window stays open and nothing is held; what is beyond a gap comes again.
bool discard_text(Arrival& a) {
    Tcb& tcb = a.tcb;
    a.env.count(Counter::TcpInTextNotWanted);
    learn_fin(a);
    if (tcb.peer_fin_known && !a.fin_is_next) cut_beyond_fin(a);
    if (a.segment.seq() == tcb.rcv.nxt) {
        tcb.rcv.nxt += a.segment.text_bytes;
        owe_ack(a, a.segment.text_bytes);
    } else {
        a.outcome.answer = compose_ack(a.env, tcb);
    }
    return true;
}

}  // namespace

// D-11: text for an application that has gone. The peer must learn that it will not be read. While
// our FIN is unacknowledged the exact number for the peer is SEG.ACK; the RFC's is SND.NXT (M-26).
void reset_orphan(Arrival& a) {
    a.env.count(Counter::TCPAbortOnData);
    if (a.tcb.our_fin_acked() || !a.env.config.resets_orphan_exactly) {
        a.outcome.answer = compose_reset(a.env, a.tcb);
    } else {
        a.outcome.answer = reset_for(a.segment);
        a.env.count(Counter::OutSegs);
        a.env.count(Counter::OutRsts);
    }
    a.outcome.fate = Fate::Gone;
    finish(a.env, a.tcb, Cause::Abort, End::Aborted);
}

bool take_text(Arrival& a) {
    const Tcb& tcb = a.tcb;
    if (!receives_text(tcb.state.get())) {
        if (a.segment.text_bytes > 0) {
            a.env.count(tcb.peer_fin_taken ? Counter::DataAfterFin : Counter::TcpInTextNotWanted);
        } else if (a.segment.flags().fin()) {
            a.env.count(Counter::TcpInSecondFin);
        }
        return false;
    }
    if (a.segment.text_bytes > 0) {
        if (!tcb.orphan) return take_wanted_text(a);
        if (a.env.config.discards_for_orphan) return discard_text(a);
        reset_orphan(a);
        return false;
    }
    learn_fin(a);
    return true;
}

}  // namespace lastack::tcp::arrival
