#include "tcp/visit.hpp"

#include "tcp/compose.hpp"

namespace lastack::tcp {

void answer(Visit& v) {
    v.verdict.answer = compose_ack(v.env, v.record);
    v.env.count(Counter::OutSegs);
    if (v.in_time_wait() && !v.record.after_reset) v.env.count(Counter::TimeWaitReAcked);
}

void answer_throttled(Visit& v) {
    AnswerStamp stamp{v.record.answered_at_ms, v.record.answered};
    if (!stamp.claim(v.env.now_ms(), v.env.config.invalid_rate_limit_ms)) {
        v.env.count(v.in_time_wait() ? Counter::TCPACKSkippedTimeWait
                                     : Counter::TCPACKSkippedFinWait2);
        return;
    }
    v.record.answered = true;
    v.record.answered_at_ms = stamp.at_ms;
    answer(v);
}

void answer_invalid(Visit& v) {
    if (v.segment.len() > 0 && !v.segment.flags().syn()) {
        answer(v);
    } else {
        answer_throttled(v);
    }
}

void challenge(Visit& v) {
    answer_throttled(v);
    if (v.verdict.answer) v.env.count(Counter::TCPChallengeACK);
}

bool ts_recent_is_old(const Visit& v) {
    return v.record.ts_recent_at_s.least_age(v.env.now_s()) >= kStampTooOldS;
}

bool stamp_is_stale(const Visit& v) {
    return v.record.timestamps && v.stamp() && ms_before(v.stamp()->value, v.record.ts_recent) &&
           !ts_recent_is_old(v);
}

bool check_ack_range(Visit& v) {
    const Seq ack = v.segment.ack();
    if (ack.after(v.record.snd_nxt)) {
        v.env.count(Counter::TcpInAckUnsent);
    } else if (ack.before(v.record.snd_nxt - v.record.max_window())) {
        v.env.count(Counter::TcpInAckTooOld);
    } else {
        return true;
    }
    challenge(v);
    return false;
}

void take_stamp(Visit& v) {
    if (!v.record.timestamps || !v.stamp()) return;
    if (v.segment.seq().after(v.record.rcv_nxt) || stamp_is_stale(v)) return;
    v.record.ts_recent = v.stamp()->value;
    v.record.ts_recent_at_s = CoarseTime<6>(v.env.now_s());
}

}  // namespace lastack::tcp
