#include "tcp/arrival.hpp"

#include <algorithm>

namespace lastack::tcp::arrival {

bool ts_recent_is_old(const Arrival& a) {
    return a.env.now_s() - a.tcb.ts_recent_at_s >= kStampTooOldS;
}

bool answer_throttled(Arrival& a, Counter skipped) {
    if (!a.tcb.answer.claim(a.env.now_ms(), a.env.config.invalid_rate_limit_ms)) {
        a.env.count(skipped);
        return false;
    }
    a.outcome.answer = compose_ack(a.env, a.tcb);
    return true;
}

bool challenge(Arrival& a) {
    const bool granted = answer_throttled(a, Counter::TCPACKSkippedChallenge);
    if (granted) a.env.count(Counter::TCPChallengeACK);
    return granted;
}

void finish(Env& env, Tcb& tcb, Cause cause, End end) {
    const State before = tcb.state.get();
    enter(env.states, tcb.state, cause);
    if (tcb.state.is(State::Closed)) {
        if (before == State::Established || before == State::CloseWait) {
            env.count(Counter::EstabResets);
        } else if (before == State::SynSent || before == State::SynReceived) {
            env.count(Counter::AttemptFails);
        }
    }
    tcb.end = end;
    tcb.events.ended = true;
    tcb.timers.disarm_all();
    tcb.ack_owed = AckOwed::None;
    env.pieces.clear(tcb.send_queue);
    tcb.has_cursor = false;
    if (tcb.has_gap()) ReassemblyStore{env.runs, env.pieces}.clear(tcb.out_of_order);
    if (tcb.has_holes()) ScoreboardStore{env.sacked}.forget(tcb.scoreboard);
    if (tcb.orphan) env.pieces.clear(tcb.receive_queue);
    // Text that was left unread is offered a last time; an orderly end waits for its reader.
    if (end != End::Orderly && !tcb.receive_queue.empty()) tcb.events.readable = true;
}

void abort_with_reset(Arrival& a, Counter why, End end) {
    a.env.count(why);
    a.outcome.answer = compose_reset(a.env, a.tcb);
    a.outcome.fate = Fate::Gone;
    finish(a.env, a.tcb, Cause::Abort, end);
}

void note_repeated(Env& env, Tcb& tcb, const wire::SackBlock& block) {
    if (!tcb.sack || !env.config.dsack || block.left == block.right) return;
    tcb.repeated = block;
    tcb.dsack_owed = true;
}

void note_old(Arrival& a) {
    const Segment& segment = a.segment;
    if (segment.flags().syn() || !segment.seq().before(a.tcb.rcv.nxt)) return;
    note_repeated(a.env, a.tcb, {segment.seq(), wire::earlier(segment.end(), a.tcb.rcv.nxt)});
}

void trim(Arrival& a) {
    Segment& segment = a.segment;
    if (segment.seq().before(a.tcb.rcv.nxt)) {
        note_old(a);
        const std::uint32_t old = segment.seq().distance(a.tcb.rcv.nxt);
        const std::uint32_t cut = std::min(old, segment.text_bytes);
        a.env.pieces.drop_front(segment.text, std::min(cut, segment.text.bytes));
        segment.text_bytes -= cut;
        segment.header.seq = a.tcb.rcv.nxt;
        // The pointer counts from SEG.SEQ: it keeps its place, or there is nothing urgent left.
        const std::uint32_t urgent = segment.header.urgent;
        segment.header.urgent = static_cast<std::uint16_t>(urgent > old ? urgent - old : 0);
        a.tcb.ack_owed = AckOwed::Now;  // the peer sent something twice: our ACK may be lost
    }
    if (segment.end().after(a.tcb.rcv.edge) && segment.len() > 0) {
        std::uint32_t beyond = a.tcb.rcv.edge.distance(segment.end());
        if (segment.flags().fin()) {
            // B-4: a bare FIN at RCV.NXT needs no buffer, and is taken even from a shut window.
            if (segment.text_bytes == 0 && a.env.config.takes_fin_at_shut_window) return;  // M-19
            auto& flags = segment.header.flags.bits;
            flags = static_cast<std::uint8_t>(flags & ~wire::TcpFlags::kFin);
            --beyond;
        }
        const std::uint32_t cut = std::min(beyond, segment.text_bytes);
        a.env.pieces.drop_back(segment.text, std::min(cut, segment.text.bytes));
        segment.text_bytes -= cut;
        if (segment.text_bytes == 0) {
            a.env.count(Counter::TCPZeroWindowDrop);
            a.tcb.ack_owed = AckOwed::Now;  // it had text or a FIN: E-9's limit is not for it
        }
    }
}

void enter_time_wait(Arrival& a, Cause cause) {
    // B-8: every other timer stops in the same step.
    a.outcome.answer = compose_ack(a.env, a.tcb);
    a.outcome.fate = Fate::TimeWait;
    finish(a.env, a.tcb, cause, End::Orderly);
}

}  // namespace lastack::tcp::arrival
