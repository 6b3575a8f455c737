#include "tcp/recovery.hpp"

#include <algorithm>
#include <span>

namespace lastack::tcp {

using wire::SackBlock;

namespace {

// --- What leaves

std::uint32_t room_in_pipe(const Env& env, const Tcb& tcb) {
    const ScoreboardStore store{env.sacked};
    const std::uint32_t pipe =
        store.pipe(tcb.scoreboard, tcb.sent_range(), tcb.loss.high_rxt, tcb.text_per_segment());
    return tcb.congestion.cwnd > pipe ? tcb.congestion.cwnd - pipe : 0;
}

// NextSeg() rule 4. Nothing else is left to send, and the end of what is outstanding may have been
// lost: once in a recovery the highest segment goes again, so that its ACK tells.
Plan plan_rescue(Env& env, Tcb& tcb) {
    if (!tcb.snd.una.after(tcb.loss.rescue_rxt)) return Plan{};
    const auto hole = ScoreboardStore{env.sacked}.highest_hole(tcb.scoreboard, tcb.sent_range());
    if (hole.left == hole.right) return Plan{};
    tcb.loss.rescue_rxt = tcb.loss.recover;
    env.count(Counter::SackRescues);
    const std::uint32_t bytes =
        std::min<std::uint32_t>(hole.left.distance(hole.right), tcb.text_per_segment());
    Plan plan = plan_again(tcb, hole.right - bytes, hole.right);
    plan.rescue = true;
    return plan;
}

// --- What the peer says

// RFC 2883 4: the first block repeats what lies below the ACK, or a part of the second block.
bool is_dsack(const wire::TcpHeader& header) {
    const SackBlock& first = header.options.sack[0];
    if (first.left.before(header.ack)) return true;
    if (header.options.sack_count < 2) return false;
    const SackBlock& second = header.options.sack[1];
    return first.left.at_or_after(second.left) && first.right.at_or_before(second.right);
}

// It speaks of something that was sent, and not so long ago that no window reaches it (F-21).
bool speaks_of_text_up_to(const Tcb& tcb, const SackBlock& block, Seq end) {
    const std::uint32_t bytes = block.left.distance(block.right);
    return bytes > 0 && bytes <= tcb.snd.max_wnd && block.right.at_or_before(end) &&
           block.left.at_or_after(tcb.snd.una - tcb.snd.max_wnd);
}

void take_dsack(Env& env, const Tcb& tcb, const wire::TcpHeader& header) {
    const SackBlock& block = header.options.sack[0];
    const bool old = block.left.before(header.ack);
    const Counter received = old ? Counter::TCPDSACKRecv : Counter::TCPDSACKOfoRecv;
    const bool plausible = speaks_of_text_up_to(tcb, block, tcb.snd.max);
    env.count(plausible ? received : Counter::TCPSACKDiscard);
}

// Whether the block says anything new. A full board forgets it, but not that something arrived.
bool take_block(Env& env, Tcb& tcb, const SackBlock& block) {
    if (!believable(block, tcb.sent_range())) {
        // An ACK that was overtaken tells of what SND.UNA has passed since: that is no lie.
        const bool overtaken = speaks_of_text_up_to(tcb, block, tcb.snd.una);
        if (!overtaken) env.count(Counter::TCPSACKDiscard);
        return false;
    }
    tcb.was_sacked = true;
    switch (ScoreboardStore{env.sacked}.learn(tcb.scoreboard, block, env.config.max_sacked_runs)) {
        case ScoreboardStore::Result::News:
            return true;
        case ScoreboardStore::Result::Known:
            return false;
        case ScoreboardStore::Result::NoRoom:
            env.count(Counter::SackNoRoom);
            return true;
    }
    return false;
}

// RFC 6675 5, steps 1 to 4: `news` makes the ACK a duplicate, whatever else it brings.
void count_duplicate(Env& env, Tcb& tcb) {
    Congestion& congestion = tcb.congestion;
    if (congestion.phase != Congestion::Phase::Open) return;
    if (congestion.duplicate_acks < 3) ++congestion.duplicate_acks;
    const std::uint32_t smss = tcb.text_per_segment();
    if (congestion.duplicate_acks < 3 && !tcb.scoreboard.first_is_lost(smss)) return;
    env.count(Counter::TCPSackRecovery);
    // 5681 3.2, step 2: what limited transmit has sent does not count.
    const std::uint32_t flight = std::min(tcb.flight(), congestion.cwnd);
    congestion.enter_sack_recovery(tcb.loss, flight, smss, tcb.snd.una, tcb.snd.max);
    tcb.resend_first = true;
}

}  // namespace

Plan plan_recovery(Env& env, Tcb& tcb) {
    const std::uint32_t smss = tcb.text_per_segment();
    const std::uint32_t room = room_in_pipe(env, tcb);
    if (room < smss) return Plan{};
    const Seq from = wire::later(tcb.snd.una, tcb.loss.high_rxt);
    const auto hole = ScoreboardStore{env.sacked}.hole_from(tcb.scoreboard, from, smss);
    if (hole && hole->lost) return plan_again(tcb, hole->left, hole->right);  // rule 1
    const Plan fresh =
        plan_new(env, tcb, std::min<std::int64_t>(window_left(tcb), room));  // rule 2
    if (!fresh.empty()) return fresh;
    if (hole) return plan_again(tcb, hole->left, hole->right);  // rule 3
    return plan_rescue(env, tcb);                               // rule 4
}

void take_sack_blocks(Env& env, Tcb& tcb, const wire::TcpHeader& header) {
    auto blocks = std::span(header.options.sack).first(header.options.sack_count);
    if (is_dsack(header)) {
        take_dsack(env, tcb, header);
        blocks = blocks.subspan(1);
    }
    bool news = false;
    for (const SackBlock& block : blocks) {
        if (take_block(env, tcb, block)) news = true;
    }
    if (news) count_duplicate(env, tcb);
}

void advance_scoreboard(Env& env, Tcb& tcb) {
    if (ScoreboardStore{env.sacked}.advance(tcb.scoreboard, tcb.snd.una)) return;
    env.count(Counter::TCPSACKReneging);
    // What had been passed over must go after all.
    switch (tcb.congestion.phase) {
        case Congestion::Phase::Open:
            return;  // the retransmission timer sees to it
        case Congestion::Phase::Recovery:
            tcb.loss.high_rxt = tcb.snd.una;
            tcb.resend_first = true;
            return;
        case Congestion::Phase::AfterTimeout:
            tcb.snd.nxt = tcb.snd.una;
            return;
    }
}

}  // namespace lastack::tcp
