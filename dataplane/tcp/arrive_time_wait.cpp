// A segment for a compact record: in TIME-WAIT all of it, in FIN-WAIT-2 up to its text
// (arrive_fin_wait_2.cpp).

#include "tcp/compose.hpp"
#include "tcp/visit.hpp"
#include "tcp/window_test.hpp"

namespace lastack::tcp {

namespace {

// The table of C-7 (RFC 6191 2), row by row.
bool syn_reopens(const Visit& v) {
    const bool beyond = v.segment.seq().after(v.record.rcv_nxt);  // C-8: strictly
    const bool stamped = v.env.config.timestamps && v.stamp().has_value();
    if (v.record.timestamps && stamped) {
        const std::uint32_t value = v.stamp()->value;
        if (ts_recent_is_old(v)) return beyond;                 // F-17
        if (ms_before(v.record.ts_recent, value)) return true;  // a
        return value == v.record.ts_recent && beyond;           // b, c
    }
    if (!v.record.timestamps && stamped && v.env.config.new_timestamp_reopens) return true;  // e
    return beyond;  // d, f; e as Linux reads it (M-3)
}

void take_syn(Visit& v) {
    if (!v.in_time_wait()) return challenge(v);  // E-3, whatever else it carries
    if (v.segment.flags().fin()) {               // C-39: before any decision about reopening
        v.env.count(Counter::TcpInSynFin);
        return;
    }
    if (v.segment.flags().ack()) return challenge(v);
    if (syn_reopens(v)) {
        v.verdict.kind = TimeWaitVerdict::Kind::Reopen;
        return;
    }
    if (stamp_is_stale(v)) v.env.count(Counter::PAWSTimewait);
    if (v.env.config.answers_rejected_syn) answer_throttled(v);  // g: M-2
}

void take_reset(Visit& v) {
    const bool exact = v.segment.seq() == v.record.rcv_nxt;
    if (v.in_time_wait()) {
        if (exact ? v.env.config.rfc1337 : !v.env.config.challenges_rst_in_tw) {
            v.env.count(Counter::TcpInRstIgnored);  // C-14, M-1, M-22
            return;
        }
    }
    if (!exact) {
        if (v.segment.seq().in_window(v.record.rcv_nxt, v.record.window_bytes())) {
            challenge(v);
        } else {
            v.env.count(Counter::TcpInRstIgnored);
        }
        return;
    }
    if (v.in_time_wait()) v.env.count(Counter::TimeWaitResetByPeer);
    enter(v.env.states, v.record.state, Cause::Reset);
    v.verdict.kind = TimeWaitVerdict::Kind::Gone;
}

// Time stamps as in the other synchronized states; true where the segment may be used.
bool check_stamp(Visit& v) {
    if (!v.record.timestamps) return true;
    if (!v.stamp()) {
        if (!v.env.config.needs_timestamp) return true;  // M-18
        v.env.count(Counter::TcpInNoTimestamp);
        return false;
    }
    if (!stamp_is_stale(v)) return true;
    v.env.count(v.in_time_wait() ? Counter::PAWSTimewait : Counter::PAWSEstab);
    answer_invalid(v);
    return false;
}

void restart(Visit& v) {
    v.env.count(Counter::TimeWaitRestarted);
    v.record.deadline_ms = v.env.after_ms(v.env.config.two_msl_ms());
    v.verdict.kind = TimeWaitVerdict::Kind::Restart;
}

// M-16: the peer still speaks, so our RST was lost. It goes again, as from CLOSED: with the number
// that the peer says it waits for. The wait begins anew where the segment is one of the connection
// as we knew it, for it may have duplicates that live as long as any other's.
void reset_again(Visit& v) {
    answer_invalid(v);
    if (!v.verdict.answer) return;  // throttled
    v.verdict.answer = reset_for(v.segment);
    v.env.count(Counter::OutRsts);
    const std::uint32_t window = v.record.window_bytes();
    if (acceptable(v.segment.seq(), v.segment.len(), v.record.rcv_nxt, window)) restart(v);
}

// TIME-WAIT: only the FIN that has been consumed, again, says that our last ACK was lost (C-5).
void take_in_time_wait(Visit& v) {
    if (v.segment.flags().fin() && v.segment.end() == v.record.rcv_nxt) {
        answer(v);
        return restart(v);
    }
    const std::uint32_t window = v.record.window_bytes();
    if (!acceptable(v.segment.seq(), v.segment.len(), v.record.rcv_nxt, window)) {
        v.env.count(Counter::TcpInOutOfWindow);
        return answer_invalid(v);
    }
    if (!check_ack_range(v)) return;
    if (v.segment.len() == 0) {  // E03..E05
        take_stamp(v);           // C-18: from nothing that is rejected
        return v.env.count(Counter::TcpInNothingNew);
    }
    v.env.count(Counter::DataAfterFin);
    answer_invalid(v);
}

// M-4: Linux starts 2MSL anew for every segment with ACK, for a stale time stamp, and for the exact
// RST that it ignores.
bool restarts_as_linux(const Visit& v) {
    const wire::TcpFlags flags = v.segment.flags();
    if (flags.rst()) return v.segment.seq() == v.record.rcv_nxt;
    if (flags.syn() && flags.fin()) return false;  // C-39
    const bool unstamped = v.record.timestamps && !v.stamp() && v.env.config.needs_timestamp;
    return (flags.ack() && (flags.syn() || !unstamped)) || stamp_is_stale(v);
}

void take(Visit& v) {
    const wire::TcpFlags flags = v.segment.flags();
    if (flags.rst()) {
        take_reset(v);
    } else if (flags.syn()) {
        take_syn(v);
    } else if (!flags.ack()) {
        v.env.count(Counter::TcpInNoFlags);
    } else if (v.record.after_reset) {
        reset_again(v);
    } else if (check_stamp(v)) {
        if (v.in_time_wait()) {
            take_in_time_wait(v);
        } else {
            take_in_fin_wait_2(v);
        }
    }
}

}  // namespace

std::optional<wire::TcpHeader> refuse_reopen(Env& env, TimeWaitRecord& record,
                                             const Segment& segment) {
    Visit v{env, record, segment, {}};
    answer_throttled(v);
    return v.verdict.answer;
}

TimeWaitVerdict arrive(Env& env, TimeWaitRecord& record, const Segment& segment) {
    Visit v{env, record, segment, {}};
    take(v);
    const bool stays = v.in_time_wait() && v.verdict.kind == TimeWaitVerdict::Kind::Keep;
    if (env.config.restarts_as_linux && stays && restarts_as_linux(v)) restart(v);
    return v.verdict;
}

}  // namespace lastack::tcp
