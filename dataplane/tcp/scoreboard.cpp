#include "tcp/scoreboard.hpp"

#include <algorithm>

namespace lastack::tcp {

using base::kNoIndex;
using wire::SackBlock;
using wire::Seq;

namespace {

constexpr std::uint32_t kDupThresh = 3;  // RFC 6675 2

// IsLost() of RFC 6675 4 for a hole below `runs` runs of `bytes` together.
bool lost_below(std::uint32_t runs, std::uint32_t bytes, std::uint32_t smss) {
    return runs >= kDupThresh || bytes > (kDupThresh - 1) * smss;
}

// The part of [left, right) below `limit`.
std::uint32_t part_below(Seq left, Seq right, Seq limit) {
    const Seq end = wire::earlier(right, limit);
    return end.after(left) ? left.distance(end) : 0;
}

}  // namespace

bool Scoreboard::first_is_lost(std::uint32_t smss) const {
    return lost_below(runs, bytes, smss);
}

bool believable(const SackBlock& block, const SentRange& sent) {
    const std::uint32_t flight = sent.una.distance(sent.max);
    const std::uint32_t left = sent.una.distance(block.left);
    const std::uint32_t right = sent.una.distance(block.right);
    return left > 0 && left < right && right <= flight;
}

// Frees the runs behind `index` that its run reaches; how many of their bytes it had not covered.
std::uint32_t ScoreboardStore::absorb(Scoreboard& board, std::uint32_t index) {
    SackedRun& run = pool[index];
    std::uint32_t bytes = 0;
    while (run.next != kNoIndex && pool[run.next].left.at_or_before(run.right)) {
        const std::uint32_t gone = run.next;
        bytes += pool[gone].bytes();
        run.right = wire::later(run.right, pool[gone].right);
        run.next = pool[gone].next;
        pool.free(gone);
        --board.runs;
    }
    return bytes;
}

ScoreboardStore::Result ScoreboardStore::learn(Scoreboard& board, const SackBlock& block,
                                               std::uint16_t max_runs) {
    std::uint32_t before = kNoIndex;
    std::uint32_t at = board.first;
    while (at != kNoIndex && pool[at].right.before(block.left)) {
        before = at;
        at = pool[at].next;
    }
    if (at == kNoIndex || pool[at].left.after(block.right)) {
        const std::uint32_t index = board.runs < max_runs ? pool.allocate() : kNoIndex;
        if (index == kNoIndex) return Result::NoRoom;
        pool[index] = SackedRun{block.left, block.right, at};
        (before == kNoIndex ? board.first : pool[before].next) = index;
        ++board.runs;
        board.bytes += pool[index].bytes();
        return Result::News;
    }
    SackedRun& run = pool[at];
    std::uint32_t known = run.bytes();
    run.left = wire::earlier(run.left, block.left);
    run.right = wire::later(run.right, block.right);
    known += absorb(board, at);
    const std::uint32_t news = run.bytes() - known;
    board.bytes += news;
    return news > 0 ? Result::News : Result::Known;
}

bool ScoreboardStore::advance(Scoreboard& board, Seq una) {
    while (board.first != kNoIndex && pool[board.first].right.at_or_before(una)) {
        const std::uint32_t gone = board.first;
        board.bytes -= pool[gone].bytes();
        board.first = pool[gone].next;
        --board.runs;
        pool.free(gone);
    }
    if (board.first == kNoIndex || pool[board.first].left.after(una)) return true;
    forget(board);
    return false;
}

void ScoreboardStore::forget(Scoreboard& board) {
    while (board.first != kNoIndex) {
        const std::uint32_t gone = board.first;
        board.first = pool[gone].next;
        pool.free(gone);
    }
    board = Scoreboard{};
}

std::uint32_t ScoreboardStore::pipe(const Scoreboard& board, const SentRange& sent, Seq high_rxt,
                                    std::uint32_t smss) const {
    std::uint32_t in_flight = 0;
    std::uint32_t runs_above = board.runs;
    std::uint32_t bytes_above = board.bytes;
    Seq left = sent.una;
    for (std::uint32_t i = board.first; i != kNoIndex; i = pool[i].next) {
        const SackedRun& run = pool[i];
        if (!lost_below(runs_above, bytes_above, smss)) in_flight += left.distance(run.left);
        in_flight += part_below(left, run.left, high_rxt);
        --runs_above;
        bytes_above -= run.bytes();
        left = run.right;
    }
    return in_flight + left.distance(sent.max) + part_below(left, sent.max, high_rxt);
}

std::optional<ScoreboardStore::Hole> ScoreboardStore::hole_from(const Scoreboard& board, Seq from,
                                                                std::uint32_t smss) const {
    std::uint32_t runs_above = board.runs;
    std::uint32_t bytes_above = board.bytes;
    for (std::uint32_t i = board.first; i != kNoIndex; i = pool[i].next) {
        const SackedRun& run = pool[i];
        if (from.before(run.left)) {
            return Hole{from, run.left, lost_below(runs_above, bytes_above, smss)};
        }
        from = wire::later(from, run.right);
        --runs_above;
        bytes_above -= run.bytes();
    }
    return std::nullopt;
}

ScoreboardStore::Hole ScoreboardStore::highest_hole(const Scoreboard& board,
                                                    const SentRange& sent) const {
    Hole highest{sent.una, sent.max};
    for (std::uint32_t i = board.first; i != kNoIndex; i = pool[i].next) {
        const SackedRun& run = pool[i];
        const bool last = run.right == sent.max;
        highest = last ? Hole{highest.left, run.left} : Hole{run.right, sent.max};
    }
    return highest;
}

Seq ScoreboardStore::skip(const Scoreboard& board, Seq seq) const {
    for (std::uint32_t i = board.first; i != kNoIndex; i = pool[i].next) {
        if (seq.in_window(pool[i].left, pool[i].bytes())) return pool[i].right;
    }
    return seq;
}

std::uint32_t ScoreboardStore::arrived_below(const Scoreboard& board, Seq limit) const {
    std::uint32_t bytes = 0;
    for (std::uint32_t i = board.first; i != kNoIndex; i = pool[i].next) {
        bytes += part_below(pool[i].left, pool[i].right, limit);
    }
    return bytes;
}

}  // namespace lastack::tcp
