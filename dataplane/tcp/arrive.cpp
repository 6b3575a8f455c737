// The steps that every segment for a Tcb takes (RFC 9293 3.10.7.4, in the order of ORD-1).

#include "tcp/arrive.hpp"

#include "base/assert.hpp"
#include "tcp/arrival.hpp"
#include "tcp/guard.hpp"
#include "tcp/window_test.hpp"

namespace lastack::tcp {

namespace {

using namespace arrival;

// E-18: ahead of the sequence test. With RST, only the rules of RST apply.
bool check_flags(Arrival& a) {
    auto& flags = a.segment.header.flags.bits;
    if (a.segment.flags().rst()) {
        flags = static_cast<std::uint8_t>(flags & ~(wire::TcpFlags::kSyn | wire::TcpFlags::kFin));
        return true;
    }
    if (a.segment.flags().ack() || a.segment.flags().syn()) return true;
    a.env.count(Counter::TcpInNoFlags);
    return false;
}

// An out-of-window or PAWS-failed segment is answered within the limit of E-9; one that occupies
// sequence space without SYN always, or a lost last ACK could not be repaired promptly.
void answer_invalid(Arrival& a, Counter skipped) {
    if (a.segment.flags().rst()) return;
    if (a.segment.len() > 0 && !a.segment.flags().syn()) {
        a.outcome.answer = compose_ack(a.env, a.tcb);
    } else {
        answer_throttled(a, skipped);
    }
}

// RFC 7323 5.3 R1, and 3.2: a negotiated time stamp must be there. A SYN in a synchronized state is
// challenged whatever its time stamp, for a restarted peer's clock may be behind (E-3).
bool check_paws(Arrival& a) {
    if (!a.tcb.timestamps || a.segment.flags().rst()) return true;
    if (a.segment.flags().syn() && !a.tcb.state.is(State::SynReceived)) return true;
    const auto& stamp = a.segment.header.options.timestamps;
    if (!stamp) {
        if (a.segment.flags().syn()) return true;  // F-19: a restarted peer must get its challenge
        if (!a.env.config.needs_timestamp) return true;  // M-18
        a.env.count(Counter::TcpInNoTimestamp);
        return false;
    }
    const bool stale = ms_before(stamp->value, a.tcb.ts_recent) && !ts_recent_is_old(a);
    if (!stale) return true;
    a.env.count(Counter::PAWSEstab);
    answer_invalid(a, Counter::TCPACKSkippedPAWS);
    return false;
}

// In SYN-RECEIVED a segment may repeat the peer's SYN (SYNR.E01, SYNR.E02). True to go on.
bool check_repeated_syn(Arrival& a) {
    if (a.segment.seq() == a.tcb.irs) {
        if (!a.segment.flags().ack()) {
            if (a.tcb.answer.claim(a.env.now_ms(), a.env.config.invalid_rate_limit_ms)) {
                a.env.count(Counter::SynAckRetrans);
                a.env.count(Counter::RetransSegs);
                a.outcome.answer = compose_syn(a.env, a.tcb);
            } else {
                a.env.count(Counter::TCPACKSkippedSynRecv);
            }
            return false;
        }
        // The crossing SYN,ACK: trim the SYN, the rest is judged as usual (9293 App. A.2).
        auto& flags = a.segment.header.flags.bits;
        flags = static_cast<std::uint8_t>(flags & ~wire::TcpFlags::kSyn);
        a.segment.header.seq += 1;
        a.segment.had_syn = true;
        return true;
    }
    if (a.segment.seq().in_window(a.tcb.rcv.nxt, a.tcb.rcv.window())) {
        challenge(a);
    } else {
        answer_throttled(a, Counter::TCPACKSkippedSynRecv);
    }
    return false;
}

// First. RFC 9293 3.10.7.4: the acceptability test, and trimming to the window.
bool check_sequence(Arrival& a) {
    if (a.segment.flags().syn()) {
        if (a.tcb.state.is(State::SynReceived)) {
            if (!check_repeated_syn(a)) return false;
        } else {
            return true;  // the fourth step answers a SYN whatever its number (5961 4)
        }
    }
    const bool at_shut_window = a.tcb.rcv.window() == 0 && a.segment.seq() == a.tcb.rcv.nxt;
    if (!at_shut_window &&
        !acceptable(a.segment.seq(), a.segment.len(), a.tcb.rcv.nxt, a.tcb.rcv.window())) {
        if (a.segment.flags().rst()) return true;  // the second step has rules of its own
        a.env.count(Counter::TcpInOutOfWindow);
        note_old(a);
        answer_invalid(a, Counter::TCPACKSkippedSeq);
        return false;
    }
    if (a.segment.flags().rst()) return true;
    // RFC 7323 4.3: TS.Recent follows segments that cover Last.ACK.sent.
    const auto& stamp = a.segment.header.options.timestamps;
    if (a.tcb.timestamps && stamp && a.segment.seq().at_or_before(a.tcb.rcv.last_ack_sent) &&
        (!ms_before(stamp->value, a.tcb.ts_recent) || ts_recent_is_old(a))) {
        a.tcb.ts_recent = stamp->value;
        a.tcb.ts_recent_at_s = a.env.now_s();
    }
    trim(a);
    return true;
}

bool peer_has_finished(State state) {
    return state == State::CloseWait || state == State::Closing || state == State::LastAck;
}

// What the application hears of a reset, and whether it may still read (M-14, M-24).
void take_reset(Arrival& a) {
    const bool half_closed = a.tcb.state.is(State::CloseWait);
    const bool epipe = half_closed && a.env.config.close_wait_reset_is_epipe;
    if (a.env.config.reset_flushes_unread) {
        // Nor is the end of what will not be read told as if it had been.
        if (!a.tcb.receive_queue.empty()) a.tcb.events.peer_closed = false;
        a.env.pieces.clear(a.tcb.receive_queue);
        a.tcb.events.readable = false;
    }
    finish(a.env, a.tcb, Cause::Reset, epipe ? End::BrokenPipe : End::Reset);
}

// E-12: the right edge of the highest block that has been acknowledged selectively, where a peer
// stands whose earlier text got lost.
bool at_sack_edge(const Arrival& a, Seq seq) {
    if (!a.env.config.takes_rst_at_sack_edge || !a.tcb.sack) return false;
    if (a.tcb.fin_waits()) return seq == a.tcb.peer_fin() + 1;
    const ReassemblyStore store{a.env.runs, a.env.pieces};
    return a.tcb.has_gap() && seq == store.end(a.tcb.out_of_order);
}

// Second. RFC 5961 3.2: exact, in window, or worth nothing.
bool check_reset(Arrival& a) {
    if (!a.segment.flags().rst()) return true;
    const Seq seq = a.segment.seq();
    // E-11: a peer that aborts right after its FIN reuses the FIN's number.
    const bool fin_number = peer_has_finished(a.tcb.state.get()) && seq + 1 == a.tcb.rcv.nxt &&
                            a.env.config.takes_rst_after_fin;
    if (seq == a.tcb.rcv.nxt || fin_number || at_sack_edge(a, seq)) {
        if (a.tcb.state.is(State::SynReceived)) {
            a.env.count(Counter::EmbryonicRsts);
            finish(a.env, a.tcb, Cause::Reset, End::Refused);
        } else {
            take_reset(a);
        }
        a.outcome.fate = Fate::Gone;
    } else if (seq.in_window(a.tcb.rcv.nxt, a.tcb.rcv.window())) {
        challenge(a);
    } else {
        a.env.count(Counter::TcpInRstIgnored);
    }
    return false;
}

// Fourth. RFC 5961 4.2: a SYN in a synchronized state is challenged, whatever its number.
bool check_syn(Arrival& a) {
    if (!a.segment.flags().syn()) return true;
    if (challenge(a)) a.env.count(Counter::TCPSYNChallenge);
    return false;
}

// FIN-WAIT-1 whose FIN was acknowledged, and no FIN of the peer's came with that ACK.
void settle_fin_wait(Arrival& a) {
    if (a.outcome.fate != Fate::Keep) return;
    if (!a.tcb.state.is(State::FinWait1) || !a.tcb.our_fin_acked()) return;
    enter(a.env.states, a.tcb.state, Cause::AckOfFin);
    start_guard(a.env, a.tcb);
    if (!a.tcb.orphan) return;
    if (a.tcb.linger2_ms() < 0) {
        abort_with_reset(a, Counter::TCPAbortOnLinger, End::Orderly);
        return;
    }
    // D-5: an orphan needs no Tcb to wait for the peer's FIN.
    if (a.tcb.ack_owed != AckOwed::None) a.outcome.answer = compose_ack(a.env, a.tcb);
    a.outcome.fate = Fate::TimeWait;
    a.tcb.end = End::Orderly;
    a.tcb.events.ended = true;
    a.tcb.timers.disarm_all();
}

}  // namespace

Outcome arrive(Env& env, Tcb& tcb, Segment& segment) {
    Arrival a{env, tcb, segment, {}};
    if (tcb.keep_alive) tcb.heard_at_ms = env.now_ms();
    if (tcb.state.is(State::SynSent)) {
        if (!arrive_syn_sent(a)) return a.outcome;
        // The SYN was used up, and SEG.SEQ with it: the urgent pointer counts from the SYN.
        if (segment.header.urgent > 0) --segment.header.urgent;
        trim(a);
        if (segment.flags().urg()) take_urgent(a);
        if (take_text(a)) check_fin(a);
        return a.outcome;
    }
    const bool judged = check_flags(a) && check_paws(a) && check_sequence(a) && check_reset(a) &&
                        check_syn(a) && check_ack(a);
    if (judged && segment.flags().urg()) take_urgent(a);
    if (judged && take_text(a)) check_fin(a);
    settle_fin_wait(a);
    return a.outcome;
}

}  // namespace lastack::tcp
