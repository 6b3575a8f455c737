// What the peer has told us in SACK blocks about text of ours beyond SND.UNA (RFC 2018, RFC 6675
// 3).
//
//   snd_una          run                  run         snd_max
//   |-----hole-----|[====)|----hole----|[======)|--- trailing ---|
//
// The runs are disjoint, in order, never touch, and lie in (SND.UNA, SND.MAX]: what SND.UNA itself
// stands at has not arrived. They come from a pool of the core's, and there are some only while
// there are holes. All of it is advice: where no run is left for a block, the block is forgotten,
// and what it covered counts as being in flight, or is sent once more. A peer can so neither grow
// the board beyond `max_runs` nor make it lie about more than its own text.
//
// RFC 6675's words: HighACK is SND.UNA - 1, HighData is SND.MAX - 1; a hole is lost where enough
// has arrived above it (IsLost). The lower a hole the more lies above it, so that the lost holes
// are the first ones.
#pragma once

#include <cstdint>
#include <optional>

#include "base/pool.hpp"
#include "wire/seq.hpp"
#include "wire/tcp.hpp"

namespace lastack::tcp {

struct SackedRun {
    wire::Seq left;
    wire::Seq right;
    std::uint32_t next = base::kNoIndex;

    std::uint32_t bytes() const { return left.distance(right); }
};

struct Scoreboard {
    std::uint32_t first = base::kNoIndex;  // index of the lowest run
    std::uint32_t bytes = 0;               // that have arrived, a FIN's number included
    std::uint16_t runs = 0;

    bool empty() const { return runs == 0; }

    /// IsLost(HighACK + 1): a hole begins at SND.UNA wherever there are runs.
    bool first_is_lost(std::uint32_t smss) const;
};

/// What a segment of ours has been sent from and to: SND.UNA and SND.MAX.
struct SentRange {
    wire::Seq una;
    wire::Seq max;
};

/// Whether a block may be believed (F-21): both edges lie in (SND.UNA, SND.MAX], left before right.
bool believable(const wire::SackBlock& block, const SentRange& sent);

struct ScoreboardStore {
    base::Pool<SackedRun>& pool;

    enum class Result : std::uint8_t { News, Known, NoRoom };

    /// Takes a believable block. News: it covered a number that no block had covered before.
    Result learn(Scoreboard& board, const wire::SackBlock& block, std::uint16_t max_runs);

    /// SND.UNA has moved to `una`: forgets what lies below. False where a run now begins at or
    /// below it: the peer takes back what it had said (it reneges, RFC 2018 8), and all is
    /// forgotten.
    bool advance(Scoreboard& board, wire::Seq una);

    void forget(Scoreboard& board);

    /// SetPipe() of RFC 6675 4: the octets thought to be in the network, `high_rxt` being the
    /// number behind the last one sent again.
    std::uint32_t pipe(const Scoreboard& board, const SentRange& sent, wire::Seq high_rxt,
                       std::uint32_t smss) const;

    /// The lowest stretch at or above `from` that has not arrived while something above it has.
    struct Hole {
        wire::Seq left;
        wire::Seq right;
        bool lost = false;
    };
    std::optional<Hole> hole_from(const Scoreboard& board, wire::Seq from,
                                  std::uint32_t smss) const;

    /// The highest stretch of [una, max) that has not arrived; empty where all has.
    Hole highest_hole(const Scoreboard& board, const SentRange& sent) const;

    /// The end of the run that covers `seq`, or `seq`.
    wire::Seq skip(const Scoreboard& board, wire::Seq seq) const;

    /// How many octets below `limit` have arrived.
    std::uint32_t arrived_below(const Scoreboard& board, wire::Seq limit) const;

  private:
    std::uint32_t absorb(Scoreboard& board, std::uint32_t index);
};

}  // namespace lastack::tcp
