// SYN-SENT (RFC 9293 3.10.7.3), and the step to ESTABLISHED that all openings share.

#include <algorithm>

#include "tcp/arrival.hpp"
#include "tcp/guard.hpp"
#include "tcp/path.hpp"

namespace lastack::tcp::arrival {

void take_window(Tcb& tcb, const Segment& segment, std::uint32_t window) {
    tcb.snd.wnd = window;
    tcb.snd.max_wnd = std::max(tcb.snd.max_wnd, window);
    tcb.newest_is_ahead = segment.seq().after(tcb.rcv.nxt);
    if (tcb.newest_is_ahead) tcb.snd_wl1 = segment.seq();
}

void take_syn_options(Env& env, Tcb& tcb, const wire::TcpHeader& syn) {
    tcb.peer_mss = std::max(syn.options.mss.value_or(536), kSmallestMss);
    tcb.mss = std::min({tcb.peer_mss, env.config.offered_mss, tcb.path_mss});
    tcb.sack = tcb.sack && syn.options.sack_permitted;
    tcb.timestamps = tcb.timestamps && syn.options.timestamps.has_value();
    tcb.ts_inherited = false;
    if (tcb.timestamps) {
        tcb.ts_recent = syn.options.timestamps->value;
        tcb.ts_recent_at_s = env.now_s();
    }
    tcb.scaling = tcb.scaling && syn.options.window_scale.has_value();
    if (tcb.scaling) {
        tcb.snd_shift = std::min<std::uint8_t>(*syn.options.window_scale, 14) & 0xfU;  // F-12
    } else {
        tcb.rcv_shift = 0;
    }
}

void establish(Arrival& a, Cause cause) {
    Tcb& tcb = a.tcb;
    enter(a.env.states, tcb.state, cause);
    tcb.congestion.start(tcb.text_per_segment(), tcb.syn_resent);
    if (tcb.syn_resent && !tcb.rtt.measured) {
        tcb.rtt.backoff = 0;
        tcb.rtt.syn_was_lost = true;
    }
    tcb.timers.retransmits = 0;
    if (!tcb.orphan) tcb.events.opened = true;
    if (tcb.keep_alive) {
        const std::uint32_t idle_ms = tcb.keep_alive_idle_ms(a.env.config);
        tcb.timers.arm(Timer::KeepAlive, a.env.after_ms(idle_ms));
    }
    if (tcb.close_deferred) {
        tcb.close_deferred = false;
        enter(a.env.states, tcb.state, Cause::Close);
        start_guard(a.env, tcb);
    }
}

namespace {

bool acceptable_ack_of_syn(const Tcb& tcb, Seq ack) {
    return ack.after(tcb.iss) && ack.at_or_before(tcb.snd.max);
}

void take_syn(Arrival& a) {
    Tcb& tcb = a.tcb;
    take_syn_options(a.env, tcb, a.segment.header);
    tcb.irs = a.segment.seq();
    tcb.rcv.nxt = a.segment.seq() + 1;
    tcb.rcv.last_ack_sent = tcb.rcv.nxt;  // nothing is acknowledged below it (F-9)
    // What our SYN offered, unscaled, is the first window (RFC 7323 2.2).
    tcb.rcv.edge = tcb.rcv.nxt + tcb.offered_window;
    take_window(tcb, a.segment, a.segment.header.window);
    // The SYN is used up: what follows is judged from RCV.NXT on.
    a.segment.header.seq += 1;
    auto& flags = a.segment.header.flags.bits;
    flags = static_cast<std::uint8_t>(flags & ~wire::TcpFlags::kSyn);
}

// The peer opened at the same time (RFC 9293 figure 7): SYN,ACK with the same ISS.
void cross(Arrival& a) {
    Tcb& tcb = a.tcb;
    take_syn(a);
    enter(a.env.states, tcb.state, Cause::SynArrived);
    tcb.snd.nxt = tcb.iss;
    tcb.timers.disarm(Timer::Retransmit);
}

void connected(Arrival& a) {
    Tcb& tcb = a.tcb;
    const Seq ack = a.segment.ack();
    take_syn(a);
    if (tcb.timing && !tcb.syn_resent) {
        tcb.rtt.sample(a.env.now_us() - tcb.timed_at_us);
    }
    tcb.timing = false;
    tcb.syn_unacked = false;
    tcb.snd.una = ack;
    tcb.snd.nxt = wire::later(tcb.snd.nxt, ack);
    tcb.timers.disarm(Timer::Retransmit);
    tcb.ack_owed = AckOwed::Now;
    // A send() before now may have been refused, and nothing of it may be on its way.
    tcb.events.writable = tcb.want_writable;
    tcb.want_writable = false;
    establish(a, Cause::SynAckArrived);
}

// C-26: the tuple was taken over from a TIME-WAIT, and this SYN is older than what that had seen.
bool stale_for_the_old_connection(const Arrival& a) {
    const auto& stamp = a.segment.header.options.timestamps;
    return a.tcb.ts_inherited && stamp && ms_before(stamp->value, a.tcb.ts_recent) &&
           !ts_recent_is_old(a);
}

}  // namespace

bool arrive_syn_sent(Arrival& a) {
    const wire::TcpFlags flags = a.segment.flags();
    const bool good_ack = flags.ack() && acceptable_ack_of_syn(a.tcb, a.segment.ack());
    // First: the ACK.
    if (flags.ack() && !good_ack) {
        a.env.count(Counter::TcpInAckUnsent);
        if (!flags.rst()) {
            a.outcome.answer = reset_for(a.segment);
            a.env.count(Counter::OutSegs);
            a.env.count(Counter::OutRsts);
        }
        return false;
    }
    // Second: RST counts only with an ACK that proves it saw our SYN.
    if (flags.rst()) {
        if (!good_ack) {
            a.env.count(Counter::TcpInRstIgnored);
            return false;
        }
        finish(a.env, a.tcb, Cause::Reset, End::Refused);
        a.outcome.fate = Fate::Gone;
        return false;
    }
    // Fourth: SYN, with an ACK of ours or without one.
    if (!flags.syn()) {
        a.env.count(Counter::TcpInNoSyn);
        return false;
    }
    if (stale_for_the_old_connection(a)) {
        a.env.count(Counter::PAWSActive);
        return false;
    }
    if (!good_ack) {
        cross(a);
        return false;  // G-31: text on the crossing SYN comes again
    }
    connected(a);
    return true;
}

}  // namespace lastack::tcp::arrival
