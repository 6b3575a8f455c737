// SYN-RECEIVED from LISTEN: the segments, the timer, and the step to a Tcb.

#include <algorithm>

#include "tcp/arrive.hpp"
#include "tcp/call.hpp"
#include "tcp/compose.hpp"
#include "tcp/path.hpp"
#include "tcp/rtt.hpp"
#include "tcp/window_test.hpp"

namespace lastack::tcp {

namespace {

std::uint32_t first_window(const Env& env) {
    return std::min<std::uint32_t>(env.config.receive_buffer_bytes, 0xffff);
}

std::uint8_t shift_of(const Env& env, const SynRecord& record) {
    return record.scaling ? env.config.window_shift() : std::uint8_t{0};
}

// Rounded up, for the SYN,ACK has promised it unscaled (F-13).
std::uint16_t first_scaled_window(const Env& env, const SynRecord& record) {
    const std::uint8_t shift = shift_of(env, record);
    const std::uint32_t granule = std::uint32_t{1} << shift;
    return static_cast<std::uint16_t>((first_window(env) + granule - 1) >> shift);
}

wire::TcpHeader plain_ack(const Env& env, const SynRecord& record) {
    wire::TcpHeader header;
    header.seq = record.iss + 1;
    header.ack = record.irs + 1;
    header.flags.bits = wire::TcpFlags::kAck;
    header.window = first_scaled_window(env, record);
    if (record.timestamps) {
        header.options.timestamps =
            wire::Timestamps{env.now_ms() + record.ts_offset, record.ts_recent};
    }
    return header;
}

void answer_throttled(Env& env, SynRecord& record, SynVerdict& verdict) {
    if (record.answer.claim(env.now_ms(), env.config.invalid_rate_limit_ms)) {
        verdict.answer = plain_ack(env, record);
        env.count(Counter::OutSegs);
    } else {
        env.count(Counter::TCPACKSkippedSynRecv);
    }
}

// E-9: what occupies sequence space without SYN is always answered.
void answer_invalid(Env& env, SynRecord& record, const Segment& segment, SynVerdict& verdict) {
    if (segment.len() == 0 || segment.flags().syn()) {
        answer_throttled(env, record, verdict);
        return;
    }
    verdict.answer = plain_ack(env, record);
    env.count(Counter::OutSegs);
}

// The record goes: to LISTEN, or back to the TIME-WAIT that it came from.
void give_up(Env& env, SynRecord& record, SynVerdict& verdict, Cause cause) {
    if (record.origin == Origin::TimeWait) {
        enter(env.states, record.state, Cause::Return);
        verdict.kind = SynVerdict::Kind::Return;
    } else {
        env.count(Counter::AttemptFails);
        enter(env.states, record.state, cause);
        verdict.kind = SynVerdict::Kind::Gone;
    }
}

Outcome abandon(Env& env, SynRecord& record, Cause cause) {
    SynVerdict verdict;
    give_up(env, record, verdict, cause);
    Outcome outcome;
    outcome.fate = verdict.kind == SynVerdict::Kind::Return ? Fate::TimeWait : Fate::Gone;
    return outcome;
}

void take_reset(Env& env, SynRecord& record, const Segment& segment, SynVerdict& verdict) {
    const Seq next = record.irs + 1;
    if (segment.seq() == next) {
        env.count(Counter::EmbryonicRsts);
        give_up(env, record, verdict, Cause::Reset);
    } else if (segment.seq().in_window(next, first_window(env))) {
        answer_throttled(env, record, verdict);
        if (verdict.answer) env.count(Counter::TCPChallengeACK);
    } else {
        env.count(Counter::TcpInRstIgnored);
    }
}

// SYNR.E01 and SYNR.E02. True where the ACK field is still to be judged.
bool take_syn(Env& env, SynRecord& record, Segment& segment, SynVerdict& verdict) {
    if (segment.seq() == record.irs) {
        if (segment.flags().ack()) {
            auto& flags = segment.header.flags.bits;
            flags = static_cast<std::uint8_t>(flags & ~wire::TcpFlags::kSyn);
            segment.header.seq += 1;
            segment.had_syn = true;
            return true;
        }
        if (record.answer.claim(env.now_ms(), env.config.invalid_rate_limit_ms)) {
            verdict.answer = compose_syn_ack(env, record);
            env.count(Counter::SynAckRetrans);
            env.count(Counter::RetransSegs);
        } else {
            env.count(Counter::TCPACKSkippedSynRecv);
        }
        return false;
    }
    if (segment.seq().in_window(record.irs + 1, first_window(env))) {
        give_up(env, record, verdict, Cause::Abort);  // back to LISTEN: silently, or not (M-17)
        if (env.config.resets_half_open_on_syn) {
            verdict.answer = reset_for(segment);
            env.count(Counter::OutSegs);
            env.count(Counter::OutRsts);
        }
    } else {
        answer_throttled(env, record, verdict);
    }
    return false;
}

bool stale(const Env&, const SynRecord& record, const Segment& segment) {
    const auto& stamp = segment.header.options.timestamps;
    return record.timestamps && stamp && ms_before(stamp->value, record.ts_recent);
}

}  // namespace

wire::TcpHeader compose_syn_ack(const Env& env, const SynRecord& record) {
    wire::TcpHeader header;
    header.seq = record.iss;
    header.ack = record.irs + 1;
    header.flags.bits = wire::TcpFlags::kSyn | wire::TcpFlags::kAck;
    header.window = static_cast<std::uint16_t>(first_window(env));
    header.options.mss = env.config.offered_mss;
    header.options.sack_permitted = record.sack;
    if (record.scaling) header.options.window_scale = env.config.window_shift();
    if (record.timestamps) {
        header.options.timestamps =
            wire::Timestamps{env.now_ms() + record.ts_offset, record.ts_recent};
    }
    return header;
}

SynVerdict arrive(Env& env, SynRecord& record, Segment& segment) {
    SynVerdict verdict;
    const wire::TcpFlags flags = segment.flags();
    if (flags.rst()) {
        take_reset(env, record, segment, verdict);
        return verdict;
    }
    if (!flags.syn() && !flags.ack()) {
        env.count(Counter::TcpInNoFlags);
        return verdict;
    }
    if (stale(env, record, segment)) {
        env.count(Counter::PAWSEstab);
        answer_invalid(env, record, segment, verdict);
        return verdict;
    }
    if (flags.syn() && !take_syn(env, record, segment, verdict)) return verdict;
    const bool unstamped = record.timestamps && !segment.header.options.timestamps;
    if (unstamped && env.config.needs_timestamp) {  // M-18
        env.count(Counter::TcpInNoTimestamp);
        return verdict;
    }
    if (!acceptable(segment.seq(), segment.len(), record.irs + 1, first_window(env))) {
        env.count(Counter::TcpInOutOfWindow);
        answer_invalid(env, record, segment, verdict);
        return verdict;
    }
    if (segment.ack() != record.iss + 1) {
        env.count(Counter::OutSegs);
        env.count(Counter::OutRsts);
        verdict.answer = reset_for(segment);
        return verdict;
    }
    verdict.kind = SynVerdict::Kind::Open;
    return verdict;
}

namespace {

// G-18: R2 of a SYN,ACK, a time of its own or a count; and the next wait, which ends on that time.
bool exhausted(const Env& env, const SynRecord& record, std::uint32_t elapsed_ms) {
    const std::uint32_t limit_ms = env.config.synack_timeout_ms;
    if (limit_ms == 0) return record.retransmits >= env.config.synack_retries;
    return record.retransmits > 0 && elapsed_ms >= limit_ms;
}

std::uint32_t next_wait_ms(const Env& env, const SynRecord& record, std::uint32_t elapsed_ms) {
    const std::uint32_t wait_ms =
        doubled_ms(env.config.rto_initial_ms, record.retransmits, env.config.rto_max_ms);
    const std::uint32_t limit_ms = env.config.synack_timeout_ms;
    return limit_ms > elapsed_ms ? std::min(wait_ms, limit_ms - elapsed_ms) : wait_ms;
}

}  // namespace

Outcome timeout(Env& env, SynRecord& record) {
    Outcome outcome;
    const std::uint32_t elapsed_ms = (env.now_us() - record.sent_at_us) / 1'000;
    if (exhausted(env, record, elapsed_ms)) {
        env.count(Counter::SynRecvTimeouts);
        return abandon(env, record, Cause::Timeout);
    }
    if (record.retransmits < 255) ++record.retransmits;
    record.deadline_ms = env.after_ms(next_wait_ms(env, record, elapsed_ms));
    outcome.answer = compose_syn_ack(env, record);
    env.count(Counter::TCPTimeouts);
    env.count(Counter::TCPSynRetrans);
    env.count(Counter::SynAckRetrans);
    env.count(Counter::RetransSegs);
    return outcome;
}

namespace {

// SYNR.I02: no path is too small for a SYN,ACK, but one may be for what follows.
void record_path(Env& env, SynRecord& record, std::uint16_t next_hop_mtu) {
    const std::uint16_t peer_mss = std::max(record.peer_mss, kSmallestMss);
    const std::uint16_t bound = std::min({peer_mss, env.config.offered_mss, record.path_mss});
    record.path_mss = narrower_mss(env, next_hop_mtu, bound).value_or(record.path_mss);
}

}  // namespace

// SYNR.I01: what is unreachable will not complete the handshake. Nobody is told, for nobody knows.
Outcome arrive(Env& env, SynRecord& record, const NetworkError& error) {
    if (error.quoted != record.iss) {
        env.count(Counter::OutOfWindowIcmps);  // B-12
        return {};
    }
    if (error.kind == NetworkError::Kind::TooBig) {
        record_path(env, record, error.next_hop_mtu);
        return {};
    }
    const bool soft = error.kind == NetworkError::Kind::Soft;
    if (soft && !env.config.soft_error_fails_open) {  // M-12
        env.count(Counter::IcmpSoft);
        return {};
    }
    return abandon(env, record, Cause::Abort);
}

void open(Env& env, SynRecord& record, Tcb& tcb) {
    make_tcb(env, record.iss, record.ts_offset, tcb);
    move(record.state, tcb.state);
    tcb.origin = record.origin;
    tcb.snd.nxt = tcb.snd.max = record.iss + 1;
    tcb.snd.wnd = tcb.snd.max_wnd = record.peer_window;
    tcb.snd_shift = record.peer_shift;
    tcb.irs = record.irs;
    tcb.rcv.nxt = record.irs + 1;
    tcb.rcv.last_ack_sent = tcb.rcv.nxt;
    tcb.rcv.edge =
        tcb.rcv.nxt + (std::uint32_t{first_scaled_window(env, record)} << shift_of(env, record));
    tcb.scaling = record.scaling;
    if (!record.scaling) tcb.rcv_shift = 0;
    tcb.sack = record.sack;
    tcb.timestamps = record.timestamps;
    tcb.ts_recent = record.ts_recent;
    tcb.ts_recent_at_s = env.now_s();
    tcb.peer_mss = std::max(record.peer_mss, kSmallestMss);
    tcb.mss = std::min(tcb.peer_mss, env.config.offered_mss);
    if (record.path_mss != kAnyMss) bound_path(env, tcb, record.path_mss, kPathBelievedMs);
    tcb.syn_resent = record.retransmits > 0;
    tcb.timing = !tcb.syn_resent && !record.from_cookie;
    tcb.timed_seq = record.iss + 1;
    tcb.timed_at_us = record.sent_at_us;
    // M-25. A cookie has no SYN-RECEIVED that could have counted.
    if (!env.config.counts_passive_at_syn || record.from_cookie) {
        env.count(Counter::PassiveOpens);
    }
}

}  // namespace lastack::tcp
