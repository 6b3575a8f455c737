// Fifth: the ACK field (RFC 9293 3.10.7.4; RFC 5961 5.2; RFC 5681 3.2; RFC 6582).

#include <algorithm>

#include "tcp/arrival.hpp"
#include "tcp/recovery.hpp"
#include "tcp/waiting.hpp"

namespace lastack::tcp::arrival {

namespace {

// The ACK lies in [SND.UNA - MAX.SND.WND, SND.MAX] (5961 5.2, F-10), or is challenged.
bool check_ack_range(Arrival& a) {
    const Tcb& tcb = a.tcb;
    if (a.segment.ack().after(tcb.snd.max)) {
        a.env.count(Counter::TcpInAckUnsent);
        challenge(a);
        return false;
    }
    if (a.segment.ack().before(tcb.snd.una - tcb.snd.max_wnd)) {
        a.env.count(Counter::TcpInAckTooOld);
        challenge(a);
        return false;
    }
    return true;
}

// The ACK of our SYN that SYN-RECEIVED waits for, and FIN-WAIT-1 where the application has closed
// there already (B-11).
bool check_ack_of_syn(Arrival& a) {
    const Seq ack = a.segment.ack();
    if (!ack.after(a.tcb.snd.una) || ack.after(a.tcb.snd.max)) {
        a.outcome.answer = reset_for(a.segment);
        a.env.count(Counter::OutRsts);
        a.env.count(Counter::OutSegs);
        return false;
    }
    if (a.tcb.state.is(State::SynReceived)) establish(a, Cause::AckOfSyn);
    return true;
}

/// The window that a segment offers; that of a SYN is not scaled (RFC 7323 2.2, F-12).
std::uint32_t window_of(const Arrival& a) {
    const std::uint32_t field = a.segment.header.window;
    return a.segment.had_syn ? field : field << a.tcb.snd_shift;
}

// The window has shut or opened over what waits. An open one is overridden within a second (H-29),
// a shut one probed when it has been shut for a while (H-32). But a peer that shuts and opens it
// all the time does not put that off for ever (D-21, D-22): neither the back-off nor the time that
// has passed begins anew, and the wait for a probe lasts twice as long at most.
void watch_changed_window(Arrival& a) {
    Tcb& tcb = a.tcb;
    if (!tcb.timers.armed(Timer::Persist)) return;
    std::uint32_t deadline = tcb.timers.deadline_ms(Timer::Persist);
    if (tcb.snd.wnd > 0) {
        const std::uint32_t soon = a.env.after_ms(wait_ms(a.env, tcb, override_ms(a.env, tcb)));
        if (ms_before(soon, deadline)) deadline = soon;
    } else {
        const std::uint32_t probe_ms = persist_ms(a.env, tcb);
        const std::uint32_t last = tcb.watching_since_ms + 2 * probe_ms;
        deadline = a.env.after_ms(wait_ms(a.env, tcb, probe_ms));
        if (ms_before(last, deadline)) deadline = last;
        if (ms_before(deadline, a.env.now_ms())) deadline = a.env.now_ms();
    }
    tcb.timers.arm(Timer::Persist, deadline);
}

// F-14: an older segment must not bring back an older window. What is judged begins at RCV.NXT or
// beyond, so SND.WL1 is ahead of it only if it came from beyond a gap; otherwise this one is newer.
// And SND.WL2, an ACK that was taken, is at or before SND.UNA, and so before every ACK that is.
void update_window(Arrival& a) {
    Tcb& tcb = a.tcb;
    if (a.segment.ack().before(tcb.snd.una)) return;
    const bool newer = !tcb.newest_is_ahead || !a.segment.seq().before(tcb.snd_wl1);
    if (!newer) return;
    const bool was_shut = tcb.snd.wnd == 0;
    take_window(tcb, a.segment, window_of(a));
    if (was_shut != (tcb.snd.wnd == 0)) watch_changed_window(a);
}

void take_round_trip(Arrival& a, bool anything_resent) {
    Tcb& tcb = a.tcb;
    const auto& stamp = a.segment.header.options.timestamps;
    if (tcb.timing && a.segment.ack().at_or_after(tcb.timed_seq)) {
        tcb.timing = false;
        tcb.rtt.sample(a.env.now_us() - tcb.timed_at_us);
    } else if (tcb.timestamps && stamp && anything_resent) {
        // RFC 7323 4.1: the echo tells which transmission was acknowledged. A millisecond's clock,
        // so only where the finer measurement is void.
        const std::uint32_t rtt_ms = a.env.now_ms() + tcb.ts_offset - stamp->echo_reply;
        if (rtt_ms < a.env.config.rto_max_ms) tcb.rtt.sample(std::max(rtt_ms, 1U) * 1'000);
    }
}

void grow_window(const Env& env, Tcb& tcb, std::uint32_t acked, std::uint32_t flight_before) {
    Congestion& congestion = tcb.congestion;
    const std::uint32_t mss = tcb.text_per_segment();
    const std::uint32_t flight = tcb.flight();
    switch (congestion.phase) {
        case Congestion::Phase::Open: {
            const bool limited = flight_before + mss > congestion.cwnd;
            congestion.acknowledged(tcb.loss, acked, mss, limited, env.config.abc_limit);
            return;
        }
        case Congestion::Phase::Recovery:
            if (tcb.sack) {  // 6675 5, steps A and B
                if (tcb.snd.una.before(tcb.loss.recover)) return;
                congestion.leave_sack_recovery(tcb.loss);
                tcb.resend_first = false;
                return;
            }
            if (tcb.snd.una.at_or_after(tcb.loss.recover)) {
                congestion.leave_recovery(tcb.loss, flight, mss);
                congestion.at_recover = tcb.snd.una == tcb.loss.recover;
            } else {
                congestion.deflate(acked, mss);
                tcb.resend_first = true;  // 6582: the next hole
            }
            return;
        case Congestion::Phase::AfterTimeout:
            if (tcb.snd.una.at_or_after(tcb.loss.recover)) {
                congestion.leave_recovery(tcb.loss, flight, mss);
            }
            congestion.acknowledged(tcb.loss, acked, mss, true);
            congestion.at_recover = tcb.snd.una == tcb.loss.recover;
            return;
    }
}

// SND.UNA moves on: text leaves the queue, the timer starts anew or stops (6298 5.2, 5.3).
void advance(Arrival& a) {
    Tcb& tcb = a.tcb;
    const Seq ack = a.segment.ack();
    const std::uint32_t flight_before = tcb.flight();
    std::uint32_t acked = tcb.snd.una.distance(ack);
    if (tcb.syn_unacked) {
        tcb.syn_unacked = false;
        tcb.snd.una += 1;
        --acked;
    }
    take_round_trip(a, tcb.timers.retransmits > 0);
    const std::uint32_t text = std::min(acked, tcb.send_queue.bytes);
    a.env.pieces.drop_front(tcb.send_queue, text);
    tcb.snd.una = ack;
    tcb.snd.nxt = wire::later(tcb.snd.nxt, ack);
    if (tcb.sending_urgent && !ack.before(tcb.snd_up)) tcb.sending_urgent = false;
    // The cursor must not point into what was released; at the very end of the acknowledged text it
    // may rest at the end of the piece that has just gone.
    if (tcb.has_cursor && tcb.cursor_seq.at_or_before(ack)) tcb.has_cursor = false;
    tcb.timers.retransmits = 0;
    tcb.soft_error = End::None;
    tcb.stalled = false;
    grow_window(a.env, tcb, acked, flight_before);
    if (tcb.has_holes()) advance_scoreboard(a.env, tcb);
    tcb.outstanding_since_ms = a.env.after_ms(0);
    if (tcb.outstanding()) {
        const std::uint32_t rto_ms = tcb.rtt.rto_ms(a.env.config);
        tcb.timers.arm(Timer::Retransmit, a.env.after_ms(wait_ms(a.env, tcb, rto_ms)));
    } else {
        tcb.timers.disarm(Timer::Retransmit);
    }
    if (tcb.want_writable && tcb.send_queue.bytes < tcb.send_buffer_bytes(a.env.config) / 4 * 3) {
        tcb.want_writable = false;
        tcb.events.writable = true;
    }
}

// H-14: outstanding data, no text, no SYN or FIN, the highest ACK again, the window unchanged. An
// unacknowledged SYN (B-11) is no data: there would be no text to send again. And an empty segment
// with URG says that urgent data is coming (RFC 9293 3.8.5), not that something has come.
bool is_duplicate(const Arrival& a, std::uint32_t window_before) {
    return a.tcb.outstanding() && !a.tcb.syn_unacked && a.segment.text_bytes == 0 &&
           !a.segment.flags().fin() && !a.segment.flags().urg() &&
           a.segment.ack() == a.tcb.snd.una && a.tcb.snd.wnd == window_before;
}

void take_duplicate(Arrival& a) {
    Tcb& tcb = a.tcb;
    Congestion& congestion = tcb.congestion;
    switch (congestion.phase) {
        case Congestion::Phase::Open:
            if (congestion.at_recover) return;
            if (congestion.duplicate_acks < 3) ++congestion.duplicate_acks;
            if (congestion.duplicate_acks == 3) {
                a.env.count(Counter::TCPRenoRecovery);
                congestion.enter_recovery(tcb.loss, tcb.flight(), tcb.text_per_segment(),
                                          tcb.snd.max);
                tcb.resend_first = true;
            }
            return;
        case Congestion::Phase::Recovery:
            congestion.inflate(tcb.text_per_segment());
            return;
        case Congestion::Phase::AfterTimeout:
            return;  // 6582 4: they answer what was sent twice
    }
}

}  // namespace

bool check_ack(Arrival& a) {
    Tcb& tcb = a.tcb;
    if (!a.segment.flags().ack()) {
        a.env.count(Counter::TcpInNoFlags);
        return false;
    }
    if (tcb.syn_unacked) {
        if (!check_ack_of_syn(a)) return false;
    } else if (!check_ack_range(a)) {
        return false;
    }
    tcb.timers.persist_probes = 0;
    tcb.timers.keep_alive_probes = 0;
    const std::uint32_t window_before = tcb.snd.wnd;
    // The ACK of our SYN brings the first window: in SYN-RECEIVED, and, where the application has
    // closed there already, in FIN-WAIT-1 (B-11).
    if (tcb.syn_unacked && a.segment.ack().after(tcb.snd.una)) {
        take_window(tcb, a.segment, window_of(a));
        tcb.congestion.start(tcb.text_per_segment(), tcb.syn_resent);
    }
    update_window(a);
    if (a.segment.ack().after(tcb.snd.una)) {
        advance(a);
    } else if (!tcb.sack && is_duplicate(a, window_before)) {
        take_duplicate(a);
    }
    if (tcb.sack && a.segment.header.options.sack_count > 0) {
        take_sack_blocks(a.env, tcb, a.segment.header);
    }
    // A peer that has shut its window over what is outstanding, and says so, is alive (MUST-37);
    // only a user timeout is measured from the last progress.
    if (tcb.snd.wnd == 0 && tcb.user_timeout_ms(a.env.config) == 0) {
        tcb.outstanding_since_ms = a.env.after_ms(0);
    }
    if (!tcb.our_fin_acked()) return true;
    if (tcb.state.is(State::LastAck)) {
        a.outcome.fate = Fate::Gone;
        finish(a.env, tcb, Cause::AckOfFin, End::Orderly);
        return false;
    }
    if (tcb.state.is(State::Closing)) {
        // The peer's FIN may have come in the same burst, and its ACK not have left yet.
        if (tcb.ack_owed != AckOwed::None) a.outcome.answer = compose_ack(a.env, tcb);
        a.outcome.fate = Fate::TimeWait;
        finish(a.env, tcb, Cause::AckOfFin, End::Orderly);
        return false;
    }
    return true;
}

}  // namespace lastack::tcp::arrival
