// The timers of a Tcb (RFC 9293 3.8.1, 3.8.3, 3.8.4, 3.8.6.1 and 3.10.8; RFC 6298 5).

#include <algorithm>

#include "tcp/arrival.hpp"
#include "tcp/call.hpp"
#include "tcp/compose.hpp"
#include "tcp/guard.hpp"
#include "tcp/path.hpp"
#include "tcp/waiting.hpp"

namespace lastack::tcp {

namespace {

Outcome give_up(Env& env, Tcb& tcb) {
    env.count(tcb.orphan ? Counter::OrphanKilled : Counter::TCPAbortOnTimeout);
    const bool explained = tcb.soft_error != End::None;  // D-24
    arrival::finish(env, tcb, Cause::Timeout, explained ? tcb.soft_error : End::TimedOut);
    Outcome outcome;
    outcome.fate = Fate::Gone;
    return outcome;
}

// R2 (RFC 9293 3.8.3), as elapsed time, so that a burst of late timers aborts nothing (D-18).
std::uint32_t limit_ms(const Env& env, const Tcb& tcb) {
    const std::uint32_t user_ms = tcb.user_timeout_ms(env.config);
    if (user_ms != 0) return user_ms;
    return elapsed_of_retries_ms(env.config, env.config.retries2);
}

// Whether the limit is reached after `tries`. A user timeout may end before the first of them,
// which its own deadline tells; but not where that timer fired late: we stood still then, and not
// the peer (K-38).
bool limit_reached(const Env& env, const Tcb& tcb, Timer timer, std::uint8_t tries) {
    constexpr std::uint32_t kLateMs = 50;  // a turn takes microseconds
    if (elapsed_ms(env, tcb) < limit_ms(env, tcb)) return false;
    if (tries > 0) return true;
    const bool punctual = env.now_ms() - tcb.timers.deadline_ms(timer) < kLateMs;
    return tcb.user_timeout_ms(env.config) != 0 && punctual;
}

// R2 of an open (G-17): a time of its own, or a count.
bool open_exhausted(const Env& env, const Tcb& tcb) {
    const Config& config = env.config;
    if (config.syn_timeout_ms != 0) {
        return tcb.timers.retransmits > 0 && elapsed_ms(env, tcb) >= config.syn_timeout_ms;
    }
    return tcb.timers.retransmits >= config.syn_linear_timeouts + config.syn_retries;
}

// An orphan is bounded by the count of its retries as well (D-17).
bool exhausted(const Env& env, const Tcb& tcb) {
    if (opening(tcb)) {
        if (open_exhausted(env, tcb)) return true;
        if (tcb.user_timeout_ms(env.config) == 0) return false;
    }
    const std::uint32_t rto_ms = tcb.rtt.rto_ms(env.config);
    if (tcb.orphan && tcb.timers.retransmits >= orphan_retries(env, tcb, rto_ms)) return true;
    return limit_reached(env, tcb, Timer::Retransmit, tcb.timers.retransmits);
}

// H-37, RFC 4821 7.7 in small: where large segments are sent again and again in vain, a router may
// drop them and its word of it may be lost. The next smaller size is tried, down to what every path
// carries. An outage looks the same, so it is asked for by the operator, and forgotten as H-36
// says.
void suspect_black_hole(Env& env, Tcb& tcb) {
    const std::uint16_t mtu = plateau_below(tcb.mss + std::uint32_t{kHeaderBytes});
    if (opening(tcb) || mtu == 0) return;
    if (tcb.flight() + kHeaderBytes <= mtu) return;  // what is in flight is small already
    env.count(Counter::PmtuBlackHoleSuspected);
    if (!env.config.mtu_probing) return;
    bound_path(env, tcb, static_cast<std::uint16_t>(mtu - kHeaderBytes), kPathBelievedMs);
    env.count(Counter::PmtuBlackHoles);
}

// R1 (RFC 9293 3.8.3, D-19): as many retransmissions, and the time that they take at least. The
// stack doubts the neighbour of whoever is `stalled`.
void check_r1(Env& env, Tcb& tcb) {
    if (tcb.timers.retransmits < env.config.retries1) return;
    if (elapsed_ms(env, tcb) < elapsed_of_retries_ms(env.config, env.config.retries1)) return;
    if (!tcb.stalled) {
        env.count(Counter::TcpStalled);
        tcb.events.stalled = true;
    }
    tcb.stalled = true;
    suspect_black_hole(env, tcb);
}

Outcome retransmit(Env& env, Tcb& tcb) {
    if (exhausted(env, tcb)) return give_up(env, tcb);
    env.count(Counter::TCPTimeouts);
    check_r1(env, tcb);
    if (!tcb.syn_unacked) {
        tcb.congestion.timed_out(tcb.loss, tcb.flight(), tcb.text_per_segment(), tcb.snd.max,
                                 tcb.timers.retransmits == 0);
    }
    if (tcb.timers.retransmits < 255) ++tcb.timers.retransmits;
    const bool linear = opening(tcb) && tcb.timers.retransmits <= env.config.syn_linear_timeouts;
    if (!linear) tcb.rtt.back_off();
    tcb.timing = false;
    tcb.resend_first = false;
    // The peer may have thrown away what it had said to hold (RFC 2018 8, RFC 6675 5.1).
    if (tcb.has_holes()) ScoreboardStore{env.sacked}.forget(tcb.scoreboard);
    tcb.snd.nxt = tcb.snd.una;  // go back: next_segment() sends the earliest again
    tcb.timers.arm(Timer::Retransmit, env.after_ms(wait_ms(env, tcb, tcb.rtt.rto_ms(env.config))));
    return {};
}

// A probe lies just below the window: the peer answers it with its window, and takes nothing; not
// even the acknowledgment, for such a segment is not acceptable (RFC 9293 3.10.7.4). So an ACK that
// is being held back still is (H-23).
wire::TcpHeader probe(Env& env, Tcb& tcb) {
    env.count(Counter::OutSegs);
    const AckOwed owed = tcb.ack_owed;
    const std::uint32_t unacked = tcb.received_unacked;
    const bool held_back = tcb.timers.armed(Timer::DelayedAck);
    const wire::TcpHeader header = compose(env, tcb, tcb.snd.una - 1, 0);
    tcb.ack_owed = owed;
    tcb.received_unacked = unacked & kMostUnacked;
    if (held_back) tcb.timers.arm(Timer::DelayedAck, tcb.timers.deadline_ms(Timer::DelayedAck));
    return header;
}

// RFC 9293 3.8.6.1. A window that holds part of a segment is used after all (SWS override).
Outcome persist(Env& env, Tcb& tcb) {
    if (tcb.snd.wnd > 0) {
        tcb.override_sws = true;
        return {};
    }
    // MUST-37 holds while answers come, unless the user has set a limit to it (D-22).
    const bool limited = tcb.timers.persist_probes > 0 || tcb.user_timeout_ms(env.config) != 0;
    const bool over = limited && limit_reached(env, tcb, Timer::Persist, tcb.timers.persist_probes);
    const std::uint8_t most = orphan_retries(env, tcb, persist_ms(env, tcb));
    const bool orphan_done = tcb.orphan && tcb.persist_backoff >= most;
    if (over || orphan_done) return give_up(env, tcb);
    if (!limited) tcb.outstanding_since_ms = env.after_ms(0);
    if (tcb.timers.persist_probes < 255) ++tcb.timers.persist_probes;
    if (tcb.persist_backoff < 31) ++tcb.persist_backoff;
    tcb.watching_since_ms = env.now_ms();
    tcb.timers.arm(Timer::Persist, env.after_ms(wait_ms(env, tcb, persist_ms(env, tcb))));
    env.count(Counter::TCPWinProbe);
    Outcome outcome;
    outcome.answer = probe(env, tcb);
    return outcome;
}

bool keep_alive_applies(const Tcb& tcb) {
    return tcb.keep_alive && (tcb.state.is(State::Established) || tcb.state.is(State::CloseWait) ||
                              tcb.state.is(State::FinWait2));
}

// RFC 9293 3.8.4: only where nothing is outstanding and nothing was heard (MUST-26).
Outcome keep_alive(Env& env, Tcb& tcb) {
    if (!tcb.keep_alive) return {};
    const std::uint32_t silence_ms = env.now_ms() - tcb.heard_at_ms;
    const std::uint32_t idle_ms = tcb.keep_alive_idle_ms(env.config);
    const std::uint32_t interval_ms = tcb.keep_alive_interval_ms(env.config);
    // FIN-WAIT-1 may yet become a FIN-WAIT-2 that only the probes can end (H-45).
    const bool applies = keep_alive_applies(tcb);
    if (!applies || tcb.outstanding() || silence_ms < idle_ms) {
        if (applies) tcb.timers.keep_alive_probes = 0;
        const std::uint32_t rest = silence_ms < idle_ms ? idle_ms - silence_ms : interval_ms;
        tcb.timers.arm(Timer::KeepAlive, env.after_ms(rest));
        return {};
    }
    const std::uint32_t user_ms = tcb.user_timeout_ms(env.config);
    const std::uint8_t probes = tcb.timers.keep_alive_probes;
    const bool user_timeout = user_ms != 0 && probes > 0 && silence_ms >= user_ms;
    if (user_timeout || (user_ms == 0 && probes >= tcb.keep_alive_count(env.config))) {
        Outcome outcome;
        outcome.answer = compose_reset(env, tcb);
        env.count(Counter::TCPAbortOnTimeout);
        arrival::finish(env, tcb, Cause::Timeout, End::TimedOut);
        outcome.fate = Fate::Gone;
        return outcome;
    }
    if (tcb.timers.keep_alive_probes < 255) ++tcb.timers.keep_alive_probes;
    tcb.timers.arm(Timer::KeepAlive, env.after_ms(interval_ms));
    env.count(Counter::TCPKeepAlive);
    Outcome outcome;
    outcome.answer = probe(env, tcb);
    return outcome;
}

// H-36. In SYN-SENT the peer's own limit is not known yet, and its SYN sets both.
void widen_path(Env& env, Tcb& tcb) {
    tcb.timers.disarm(Timer::PathMtu);
    tcb.path_mss = kAnyMss;
    if (!tcb.state.is(State::SynSent)) tcb.mss = std::min(tcb.peer_mss, env.config.offered_mss);
    env.count(Counter::PmtuRaised);
}

}  // namespace

Outcome timeout(Env& env, Tcb& tcb) {
    const std::uint32_t now_ms = env.now_ms();
    if (tcb.timers.due(Timer::Guard, now_ms)) return guard_hit(env, tcb);
    Outcome outcome;
    if (tcb.timers.due(Timer::PathMtu, now_ms)) widen_path(env, tcb);
    if (tcb.timers.due(Timer::Linger, now_ms)) {
        tcb.timers.disarm(Timer::Linger);
        tcb.events.lingered = true;
    }
    if (tcb.timers.due(Timer::DelayedAck, now_ms)) {
        tcb.timers.disarm(Timer::DelayedAck);
        tcb.ack_owed = AckOwed::Now;
        env.count(Counter::DelayedACKs);
    }
    if (tcb.timers.due(Timer::Retransmit, now_ms)) {
        tcb.timers.disarm(Timer::Retransmit);
        outcome = retransmit(env, tcb);
    } else if (tcb.timers.due(Timer::Persist, now_ms)) {
        tcb.timers.disarm(Timer::Persist);
        outcome = persist(env, tcb);
    }
    if (outcome.fate == Fate::Keep && tcb.timers.due(Timer::KeepAlive, now_ms)) {
        tcb.timers.disarm(Timer::KeepAlive);
        const Outcome second = keep_alive(env, tcb);
        outcome.fate = second.fate;
        if (second.answer) outcome.answer = second.answer;
    }
    return outcome;
}

}  // namespace lastack::tcp
