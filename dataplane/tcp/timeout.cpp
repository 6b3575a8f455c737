// The timers of a Tcb (RFC 9293 3.8.1, 3.8.3, 3.8.4, 3.8.6.1 and 3.10.8; RFC 6298 5).

#include <algorithm>
#include <array>

#include "tcp/arrival.hpp"
#include "tcp/call.hpp"
#include "tcp/compose.hpp"
#include "tcp/guard.hpp"
#include "tcp/waiting.hpp"

namespace lastack::tcp {

namespace {

Outcome give_up(Env& env, Tcb& tcb) {
    env.count(tcb.orphan ? Counter::OrphanKilled : Counter::TCPAbortOnTimeout);
    arrival::finish(env, tcb, Cause::Timeout, tcb.soft_error ? End::Unreachable : End::TimedOut);
    Outcome outcome;
    outcome.fate = Fate::Gone;
    return outcome;
}

// R2 (RFC 9293 3.8.3), as elapsed time, so that a burst of late timers aborts nothing (D-18).
std::uint32_t limit_ms(const Env& env, const Tcb& tcb) {
    if (tcb.user_timeout_ms != 0) return tcb.user_timeout_ms;
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
    return tcb.user_timeout_ms != 0 && punctual;
}

// R2 of an open (G-17): a time of its own, or a count.
bool open_exhausted(const Env& env, const Tcb& tcb) {
    const Config& config = env.config;
    if (config.syn_timeout_ms != 0) {
        return tcb.retransmits > 0 && elapsed_ms(env, tcb) >= config.syn_timeout_ms;
    }
    return tcb.retransmits >= config.syn_linear_timeouts + config.syn_retries;
}

// An orphan is bounded by the count of its retries as well (D-17).
bool exhausted(const Env& env, const Tcb& tcb) {
    if (opening(tcb)) {
        if (open_exhausted(env, tcb)) return true;
        if (tcb.user_timeout_ms == 0) return false;
    }
    const std::uint32_t rto_ms = tcb.rtt.rto_ms(env.config);
    if (tcb.orphan && tcb.retransmits >= orphan_retries(env, tcb, rto_ms)) return true;
    return limit_reached(env, tcb, Timer::Retransmit, tcb.retransmits);
}

// The first segment out is larger than what every path carries: the path may swallow such segments
// without a word (RFC 4821 7.7). Half a step smaller at each timeout from R1 on.
void suspect_black_hole(Env& env, Tcb& tcb) {
    const std::uint16_t smaller = tcb.mss > 1'024 ? 1'024 : 512;
    if (opening(tcb) || std::min<std::uint32_t>(tcb.flight(), tcb.mss) <= smaller) return;
    env.count(Counter::PmtuBlackHoleSuspected);
    if (env.config.mtu_probing) bound_path(tcb, smaller);
}

// R1 (RFC 9293 3.8.3, D-19): as many retransmissions, and the time that they take at least. The
// stack doubts the neighbour of whoever is `stalled`.
void check_r1(Env& env, Tcb& tcb) {
    if (tcb.retransmits < env.config.retries1) return;
    if (elapsed_ms(env, tcb) < elapsed_of_retries_ms(env.config, env.config.retries1)) return;
    if (!tcb.stalled) env.count(Counter::TcpStalled);
    tcb.events.troubled = !tcb.stalled || tcb.events.troubled;
    tcb.stalled = true;
    suspect_black_hole(env, tcb);
}

Outcome retransmit(Env& env, Tcb& tcb) {
    if (exhausted(env, tcb)) return give_up(env, tcb);
    env.count(Counter::TCPTimeouts);
    check_r1(env, tcb);
    if (!tcb.syn_unacked) {
        tcb.congestion.timed_out(tcb.flight(), tcb.text_per_segment(), tcb.snd.max,
                                 tcb.retransmits == 0);
    }
    if (tcb.retransmits < 255) ++tcb.retransmits;
    const bool linear = opening(tcb) && tcb.retransmits <= env.config.syn_linear_timeouts;
    if (!linear) tcb.rtt.back_off();
    tcb.timing = false;
    tcb.resend_first = false;
    tcb.snd.nxt = tcb.snd.una;  // go back: next_segment() sends the earliest again
    tcb.timers.arm(Timer::Retransmit, env.after_ms(wait_ms(env, tcb, tcb.rtt.rto_ms(env.config))));
    return {};
}

// A probe lies just below the window: the peer answers it with its window, and takes nothing.
wire::TcpHeader probe(Env& env, Tcb& tcb) {
    env.count(Counter::OutSegs);
    return compose(env, tcb, tcb.snd.una - 1, 0);
}

// RFC 9293 3.8.6.1. A window that holds part of a segment is used after all (SWS override).
Outcome persist(Env& env, Tcb& tcb) {
    if (tcb.snd.wnd > 0 && tcb.state.get() != State::SynReceived) {
        tcb.override_sws = true;
        return {};
    }
    // MUST-37 holds while answers come, unless the user has set a limit to it (D-22).
    const bool limited = tcb.persist_probes > 0 || tcb.user_timeout_ms != 0;
    const bool over = limited && limit_reached(env, tcb, Timer::Persist, tcb.persist_probes);
    const std::uint8_t most = orphan_retries(env, tcb, persist_ms(env, tcb));
    const bool orphan_done = tcb.orphan && tcb.persist_backoff >= most;
    if (over || orphan_done) return give_up(env, tcb);
    if (!limited) tcb.outstanding_since_ms = env.after_ms(0);
    if (tcb.persist_probes < 255) ++tcb.persist_probes;
    if (tcb.persist_backoff < 31) ++tcb.persist_backoff;
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
    // FIN-WAIT-1 may yet become a FIN-WAIT-2 that only the probes can end (H-45).
    const bool applies = keep_alive_applies(tcb);
    if (!applies || tcb.outstanding() || silence_ms < tcb.keep_alive_idle_ms) {
        if (applies) tcb.keep_alive_probes = 0;
        const std::uint32_t rest = silence_ms < tcb.keep_alive_idle_ms
                                       ? tcb.keep_alive_idle_ms - silence_ms
                                       : tcb.keep_alive_interval_ms;
        tcb.timers.arm(Timer::KeepAlive, env.after_ms(rest));
        return {};
    }
    const bool user_timeout =
        tcb.user_timeout_ms != 0 && tcb.keep_alive_probes > 0 && silence_ms >= tcb.user_timeout_ms;
    if (user_timeout ||
        (tcb.user_timeout_ms == 0 && tcb.keep_alive_probes >= tcb.keep_alive_count)) {
        Outcome outcome;
        outcome.answer = compose_reset(env, tcb);
        env.count(Counter::TCPAbortOnTimeout);
        arrival::finish(env, tcb, Cause::Timeout, End::TimedOut);
        outcome.fate = Fate::Gone;
        return outcome;
    }
    if (tcb.keep_alive_probes < 255) ++tcb.keep_alive_probes;
    tcb.timers.arm(Timer::KeepAlive, env.after_ms(tcb.keep_alive_interval_ms));
    env.count(Counter::TCPKeepAlive);
    Outcome outcome;
    outcome.answer = probe(env, tcb);
    return outcome;
}

}  // namespace

Outcome timeout(Env& env, Tcb& tcb) {
    const std::uint32_t now_ms = env.now_ms();
    if (tcb.timers.due(Timer::Guard, now_ms)) return guard_hit(env, tcb);
    Outcome outcome;
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

namespace {

// It explains a later timeout, and the application may want to know (MUST-47).
void note_soft_error(Tcb& tcb) {
    if (!tcb.soft_error) tcb.events.troubled = true;
    tcb.soft_error = true;
}

}  // namespace

// I-12: no neighbour answers for the next hop. It fails an open, and explains a later timeout.
Outcome neighbour_failed(Env& env, Tcb& tcb) {
    Outcome outcome;
    if (opening(tcb)) {
        arrival::finish(env, tcb, Cause::Abort, End::Unreachable);
        outcome.fate = Fate::Gone;
    } else {
        note_soft_error(tcb);
    }
    return outcome;
}

namespace {

// A router older than RFC 1191 does not say how much is too big: the next of the common sizes is
// tried (RFC 1191 7.1, less those below our floor).
constexpr std::uint16_t plateau_below(std::uint32_t mtu) {
    constexpr std::array<std::uint16_t, 8> kPlateaus{32'000, 17'914, 8'166, 4'352,
                                                     2'002,  1'492,  1'006, 552};
    for (const std::uint16_t plateau : kPlateaus) {
        if (plateau < mtu) return plateau;
    }
    return 0;
}

}  // namespace

// RFC 9293 3.9.2.2; RFC 5927 4 and 5.
Outcome arrive(Env& env, Tcb& tcb, const NetworkError& error) {
    if (!error.quoted.in_window(tcb.snd.una, tcb.flight())) {
        env.count(Counter::OutOfWindowIcmps);  // B-12
        return {};
    }
    if (error.kind == NetworkError::Kind::TooBig) {
        constexpr std::uint16_t kFloor = 552;  // RFC 1191 3: what every path carries, with a margin
        // In SYN-SENT the peer has not said anything yet; our own link is the bound (SYNS.I02).
        const std::uint16_t bound =
            tcb.state.is(State::SynSent) ? std::min(env.config.offered_mss, tcb.path_mss) : tcb.mss;
        const std::uint16_t mtu =
            error.next_hop_mtu != 0 ? error.next_hop_mtu : plateau_below(bound + 40U);
        const auto mss = static_cast<std::uint16_t>(mtu - 40);
        if (mtu < kFloor || mss >= bound) {
            env.count(Counter::PmtuRejected);
            return {};
        }
        env.count(Counter::PmtuReduced);
        bound_path(tcb, mss);
        if (!tcb.syn_unacked) tcb.snd.nxt = tcb.snd.una;  // send again in smaller pieces
        return {};
    }
    if (opening(tcb)) {  // I01, M-12
        return neighbour_failed(env, tcb);
    }
    env.count(error.kind == NetworkError::Kind::Hard ? Counter::IcmpHardIgnored
                                                     : Counter::IcmpSoft);
    note_soft_error(tcb);
    return {};
}

}  // namespace lastack::tcp
