#include "tcp/transmit.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "tcp/compose.hpp"
#include "tcp/plan.hpp"
#include "tcp/recovery.hpp"
#include "tcp/waiting.hpp"

namespace lastack::tcp {

namespace {

// Moves the cursor to `seq`. Sequential sending finds it there already.
void seek(Env& env, Tcb& tcb, Seq seq) {
    if (!tcb.has_cursor || tcb.cursor_seq.after(seq)) {
        LA_ASSERT(!tcb.send_queue.empty());
        tcb.has_cursor = true;
        tcb.cursor_piece = env.pieces.head(tcb.send_queue);
        tcb.cursor_left = env.pieces.pool[tcb.cursor_piece].len_bytes;
        tcb.cursor_seq = tcb.start_of_text();
    }
    const auto& pool = env.pieces.pool;
    std::uint32_t skip = tcb.cursor_seq.distance(seq);
    while (skip >= tcb.cursor_left) {
        const std::uint32_t next = env.pieces.after(tcb.send_queue, tcb.cursor_piece);
        // The cursor may rest at the end of the last piece: the next send() appends behind it.
        if (next == base::kNoIndex) break;
        skip -= tcb.cursor_left;
        tcb.cursor_piece = next;
        tcb.cursor_left = pool[next].len_bytes;
    }
    LA_ASSERT(skip <= tcb.cursor_left);
    tcb.cursor_left -= skip;
    tcb.cursor_seq = seq;
}

void start_timing(Env& env, Tcb& tcb, const Plan& plan, bool retransmission) {
    if (retransmission) {
        tcb.timing = false;  // Karn (MUST-18): an ACK could be for either transmission
    } else if (!tcb.timing) {
        tcb.timing = true;
        tcb.timed_seq = plan.end();
        tcb.timed_at_us = env.now_us();
    }
}

void start_retransmit_timer(Env& env, Tcb& tcb) {
    tcb.timers.disarm(Timer::Persist);
    if (tcb.timers.armed(Timer::Retransmit)) return;
    tcb.outstanding_since_ms = env.after_ms(0);
    const std::uint32_t rto_ms = tcb.rtt.rto_ms(env.config);
    tcb.timers.arm(Timer::Retransmit, env.after_ms(wait_ms(env, tcb, rto_ms)));
}

// A plan of more than one segment's text leaves as several, cut by the shell, and counts as
// several.
void count_sent(Env& env, const Tcb& tcb, const Plan& plan, bool retransmission) {
    const std::uint32_t full = tcb.text_per_segment();
    const std::uint32_t segments = plan.text_bytes > full ? (plan.text_bytes + full - 1) / full : 1;
    if (retransmission) {
        env.count(Counter::RetransSegs, segments);
        if (plan.fin) env.count(Counter::FinRetrans);
        if (tcb.congestion.phase == Congestion::Phase::AfterTimeout) {
            env.count(Counter::TCPSlowStartRetrans);
        }
        return;
    }
    env.count(Counter::OutSegs, segments);
    if (plan.fin && tcb.peer_fin_taken && tcb.rcv.last_ack_sent != tcb.rcv.nxt) {
        env.count(Counter::MergedFinAck);
    }
}

void build(Env& env, Tcb& tcb, const Plan& plan, Outgoing& out) {
    const bool retransmission = plan.seq.before(tcb.snd.max);
    count_sent(env, tcb, plan, retransmission);
    start_timing(env, tcb, plan, retransmission);

    std::uint8_t flags = plan.fin ? wire::TcpFlags::kFin : std::uint8_t{0};
    if (plan.text_bytes > 0 && plan.seq + plan.text_bytes == tcb.end_of_text()) {
        flags |= wire::TcpFlags::kPsh;  // MUST-60, MUST-61
    }
    // What lies at SND.UNA needs no cursor, which stays where new text goes on.
    const bool from_cursor = plan.text_bytes > 0 && plan.seq != tcb.start_of_text();
    if (from_cursor) {
        seek(env, tcb, plan.seq);
        out.first_piece = tcb.cursor_piece;
        out.first_offset = env.pieces.pool[tcb.cursor_piece].len_bytes - tcb.cursor_left;
    } else if (plan.text_bytes > 0) {
        out.first_piece = env.pieces.head(tcb.send_queue);
    }
    out.text_bytes = plan.text_bytes;
    out.mss = tcb.text_per_segment();
    out.retransmission = retransmission;
    compose(env, tcb, plan.seq, flags, out.header);

    if (plan.fin) tcb.fin_sent = true;
    const Seq end = plan.end();
    tcb.snd.max = wire::later(tcb.snd.max, end);
    tcb.snd.nxt = wire::later(tcb.snd.nxt, end);
    if (retransmission && !plan.rescue) {
        // RFC 6675 5, steps 4.3 and C.2.
        tcb.loss.high_rxt = wire::later(tcb.loss.high_rxt, end);
    }
    if (from_cursor) seek(env, tcb, plan.seq + plan.text_bytes);
    tcb.override_sws = false;
    start_retransmit_timer(env, tcb);
}

void build_syn(Env& env, Tcb& tcb, Outgoing& out) {
    // The SYN,ACK of a simultaneous open repeats the number, but is nothing sent twice.
    out.retransmission = tcb.timers.retransmits > 0;
    if (out.retransmission) {
        env.count(Counter::RetransSegs);
        env.count(Counter::TCPSynRetrans);
        tcb.timing = false;
        tcb.syn_resent = true;
    } else {
        env.count(Counter::OutSegs);
        tcb.timing = true;
        tcb.timed_seq = tcb.iss + 1;
        tcb.timed_at_us = env.now_us();
    }
    out.header = compose_syn(env, tcb);
    tcb.snd.nxt = tcb.iss + 1;
    tcb.snd.max = wire::later(tcb.snd.max, tcb.snd.nxt);
    start_retransmit_timer(env, tcb);
}

// Something waits that only a window can release: the persist timer watches (RFC 9293 3.8.6.1). At
// a window that is open, if not by enough, it is the override timer of silly window avoidance
// (3.8.6.2.1, H-29).
void watch_window(Env& env, Tcb& tcb) {
    if (tcb.outstanding() || tcb.timers.armed(Timer::Persist)) return;
    const bool waits = tcb.snd.nxt != tcb.end_of_text() || (tcb.fin_queued && !tcb.fin_sent);
    if (!waits) return;
    tcb.persist_backoff = 0;
    tcb.outstanding_since_ms = env.after_ms(0);
    tcb.watching_since_ms = env.now_ms();
    const std::uint32_t wished_ms =
        tcb.snd.wnd > 0 ? override_ms(env, tcb) : tcb.rtt.rto_ms(env.config);
    tcb.timers.arm(Timer::Persist, env.after_ms(wait_ms(env, tcb, wished_ms)));
}

bool may_send_text(const Tcb& tcb) {
    switch (tcb.state.get()) {
        case State::Established:
        case State::CloseWait:
        case State::FinWait1:
        case State::Closing:
        case State::LastAck:
            return true;
        case State::Closed:
        case State::Listen:
        case State::SynSent:
        case State::SynReceived:
        case State::FinWait2:
        case State::TimeWait:
            return false;
    }
    return false;
}

}  // namespace

bool next_segment(Env& env, Tcb& tcb, Outgoing& out) {
    const auto send = [&](const Plan& plan) {
        if (plan.empty()) return false;
        build(env, tcb, plan, out);
        return true;
    };
    // B-11: whatever else is due, an unacknowledged SYN goes first.
    if (tcb.syn_unacked && tcb.snd.nxt == tcb.snd.una) {
        build_syn(env, tcb, out);
        return true;
    }
    if (may_send_text(tcb)) {
        if (tcb.resend_first) {
            const Plan again = plan_first_again(env, tcb);
            tcb.resend_first = false;
            if (!again.empty()) {
                env.count(Counter::TCPFastRetrans);
                tcb.loss.rescue_rxt = wire::later(tcb.loss.rescue_rxt, again.end());
                return send(again);
            }
        }
        // Not one Plan from either: it would pass through memory, and wait there for its stores.
        if (recovers_by_sack(tcb) ? send(plan_recovery(env, tcb)) : send(plan_next(env, tcb))) {
            return true;
        }
        watch_window(env, tcb);
    }
    if (tcb.ack_owed != AckOwed::Now) return false;
    out.header = compose_ack(env, tcb);
    return true;
}

}  // namespace lastack::tcp
