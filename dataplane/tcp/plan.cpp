#include "tcp/plan.hpp"

#include <algorithm>

namespace lastack::tcp {

namespace {

// How much beyond snd.nxt the peer's window and the network's allow; may be negative (MUST-34).
std::int64_t usable_window(const Env& env, const Tcb& tcb) {
    std::uint32_t allowed = tcb.congestion.cwnd;
    if (tcb.has_holes()) {
        // RFC 6675 5, step 3: what has arrived has left the network, and as much may follow it.
        const bool all = tcb.snd.nxt == tcb.snd.max;
        allowed += all ? tcb.scoreboard.bytes
                       : ScoreboardStore{env.sacked}.arrived_below(tcb.scoreboard, tcb.snd.nxt);
    } else if (tcb.congestion.phase == Congestion::Phase::Open) {
        // RFC 3042: the first two duplicate ACKs each let one new segment out.
        const auto duplicates = std::min<std::uint32_t>(tcb.congestion.duplicate_acks, 2);
        allowed += duplicates * tcb.text_per_segment();
    }
    const std::uint32_t window = std::min(tcb.snd.wnd, allowed);
    return static_cast<std::int64_t>(window) -
           static_cast<std::int64_t>(tcb.snd.una.distance(tcb.snd.nxt));
}

// The sender's silly window avoidance and Nagle (RFC 9293 3.8.6.2.1, 3.7.4): may `bytes`, less than
// a full segment, leave? `last` says that nothing more waits behind them.
bool small_segment_may_leave(const Env& env, const Tcb& tcb, std::uint32_t bytes, bool last,
                             bool nothing_outstanding) {
    if (tcb.override_sws || tcb.snd.nxt.before(tcb.snd.max)) return true;
    if (last && tcb.fin_queued) return true;  // H-30: CLOSE implies PUSH
    const bool patient = env.config.nagle && !tcb.no_delay && !nothing_outstanding;
    if (last) return !patient;
    return !patient && bytes >= tcb.snd.max_wnd / 2;
}

std::uint32_t plan_text(const Env& env, const Tcb& tcb, std::uint32_t waiting,
                        std::uint32_t usable) {
    const std::uint32_t segment = tcb.text_per_segment();
    // The urgent pointer counts from its own segment, which cannot be cut into several
    // (wire/cut.hpp).
    const std::uint32_t at_once =
        tcb.sending_urgent ? segment : std::max(segment, env.config.max_text_bytes);
    const std::uint32_t fits = std::min(waiting, usable);
    const std::uint32_t room = std::min(fits, at_once);
    const std::uint32_t full = room < segment ? 0 : room / segment * segment;
    const std::uint32_t rest = fits - full;
    if (rest == 0 || rest >= segment || full + segment > at_once) return full;
    const bool nothing_outstanding = full == 0 && !tcb.outstanding();
    const bool last = fits == waiting;
    return small_segment_may_leave(env, tcb, rest, last, nothing_outstanding) ? fits : full;
}

// Inline, for it is a part of every segment's way; a Plan handed over in memory is a stall.
inline Plan plan_within(const Env& env, const Tcb& tcb, std::int64_t usable) {
    Plan plan{tcb.snd.nxt};
    if (usable <= 0 || (tcb.fin_sent && tcb.snd.nxt.after(tcb.fin_seq()))) return plan;
    const std::uint32_t waiting = tcb.snd.nxt.distance(tcb.end_of_text());
    plan.text_bytes = plan_text(env, tcb, waiting, static_cast<std::uint32_t>(usable));
    // The FIN counts as one octet: it needs a place in the window like any other (FW1.T02).
    plan.fin = tcb.fin_queued && plan.text_bytes == waiting &&
               usable > static_cast<std::int64_t>(plan.text_bytes);
    return plan;
}

// RFC 6675 5.1: what SACK blocks have told since a timeout is not sent again. Where the next such
// stretch begins, a segment ends.
void end_at_what_arrived(const Env& env, const Tcb& tcb, Plan& plan) {
    const ScoreboardStore store{env.sacked};
    const auto hole = store.hole_from(tcb.scoreboard, tcb.snd.nxt, tcb.text_per_segment());
    if (!hole) return;
    const std::uint32_t room = tcb.snd.nxt.distance(hole->right);
    plan.text_bytes = std::min(plan.text_bytes, room);
    plan.fin = plan.fin && plan.text_bytes < room;
}

}  // namespace

Plan plan_new(const Env& env, const Tcb& tcb, std::int64_t usable) {
    return plan_within(env, tcb, usable);
}

Plan plan_next(const Env& env, Tcb& tcb) {
    const bool holes = tcb.has_holes();
    if (holes) tcb.snd.nxt = ScoreboardStore{env.sacked}.skip(tcb.scoreboard, tcb.snd.nxt);
    const bool again = tcb.snd.nxt.before(tcb.snd.max);
    std::int64_t usable = usable_window(env, tcb);
    if (again && tcb.snd.nxt == tcb.snd.una) {
        // A retransmission ignores a window that has shrunk since (SHLD-16, SHLD-17); but what has
        // never been sent does not ride along.
        usable = std::max<std::int64_t>(
            usable, std::min<std::uint32_t>(tcb.text_per_segment(), tcb.flight()));
    }
    Plan plan = plan_within(env, tcb, usable);
    if (again && holes) end_at_what_arrived(env, tcb, plan);
    return plan;
}

Plan plan_again(const Tcb& tcb, Seq from, Seq to) {
    Plan plan{from};
    const Seq end = tcb.fin_sent ? tcb.fin_seq() : wire::earlier(tcb.snd.max, tcb.end_of_text());
    const Seq text_end = wire::earlier(to, end);
    const std::uint32_t text = from.before(text_end) ? from.distance(text_end) : 0;
    plan.text_bytes = std::min<std::uint32_t>(text, tcb.text_per_segment());
    plan.fin = tcb.fin_sent && plan.text_bytes == text && to.after(tcb.fin_seq());
    return plan;
}

Plan plan_first_again(const Env& env, const Tcb& tcb) {
    const bool holes = tcb.has_holes();
    const Seq to = holes ? env.sacked[tcb.scoreboard.first].left : tcb.snd.max;
    return plan_again(tcb, tcb.snd.una, to);
}

}  // namespace lastack::tcp
