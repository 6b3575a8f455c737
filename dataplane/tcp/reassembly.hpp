// Text that arrived beyond a gap (RFC 9293 3.10.7.4, seventh; SHLD-31; requirements H-25).
//
//   rcv_nxt          run                 run
//   |....gap....|[pieces====]|..gap..|[pieces==]|
//
// A connection's runs are disjoint, in order, and never touch: touching runs are merged. The bytes
// that came first win; what a later segment repeats is trimmed off it. The number of runs is
// bounded by configuration, which bounds every walk. The freshest run is remembered, for it is the
// first SACK block (RFC 2018 4).
#pragma once

#include <cstdint>
#include <span>

#include "tcp/piece_list.hpp"
#include "wire/seq.hpp"
#include "wire/tcp.hpp"

namespace lastack::tcp {

struct Run {
    wire::Seq seq;
    PieceList pieces;
    std::uint32_t next = base::kNoIndex;

    wire::Seq end() const { return seq + pieces.bytes; }
};

struct Reassembly {
    std::uint32_t first = base::kNoIndex;  // index of the lowest run
    wire::Seq freshest;                    // a number inside the run that grew last
    std::uint16_t runs = 0;

    bool empty() const { return runs == 0; }
};

struct ReassemblyStore {
    base::Pool<Run>& pool;
    PieceStore& pieces;

    enum class Result : std::uint8_t { Queued, Merged, Duplicate, NoRoom };

    /// Takes `text`, which begins at `seq` beyond a gap; empties the list whatever the answer.
    Result insert(Reassembly& queue, wire::Seq seq, PieceList& text, std::uint16_t max_runs);

    /// The lowest part of `bytes` from `seq` on that is here already; empty where none is.
    wire::SackBlock first_known(const Reassembly& queue, wire::Seq seq, std::uint32_t bytes) const;

    /// Moves to `ready` what has become contiguous at `next`, and returns the number that is
    /// missing now.
    wire::Seq take(Reassembly& queue, wire::Seq next, PieceList& ready);

    /// What fill() leaves: the number that is missing now, and how many runs were dropped.
    struct Filled {
        wire::Seq next;
        std::uint16_t dropped;
    };

    /// The text that was missing at `next` has come: moves to `ready` the text and all that has
    /// become contiguous. What waits was here first, and is not rewritten; but where no piece is
    /// left to part the two, it is dropped, for the text at the gap is worth more (H-26).
    Filled fill(Reassembly& queue, wire::Seq next, PieceList& text, PieceList& ready);

    /// Drops everything at and beyond `limit`: nothing can follow a FIN.
    void cut(Reassembly& queue, wire::Seq limit);

    void clear(Reassembly& queue);

    /// What its runs hold together.
    struct Held {
        std::uint32_t pieces = 0;
        std::uint32_t bytes = 0;
    };
    Held held(const Reassembly& queue) const;

    /// The number behind the highest run; the queue is not empty.
    wire::Seq end(const Reassembly& queue) const;

    /// PieceStore::gather() for every run.
    bool gather(Reassembly& queue);

    /// The first SACK blocks to send, freshest first, at most blocks.size(); how many.
    std::uint8_t sack_blocks(const Reassembly& queue, std::span<wire::SackBlock> blocks) const;

  private:
    /// The runs that `seq` lies between: `before` begins at or before it.
    struct Neighbours {
        std::uint32_t before;
        std::uint32_t after;
    };
    Neighbours find(const Reassembly& queue, wire::Seq seq) const;
    bool place(Reassembly& queue, Neighbours near, wire::Seq seq, PieceList& part,
               std::uint16_t max_runs);
    std::uint32_t cut_out(Reassembly& queue, std::uint32_t before, std::uint32_t index);
    void free_run(Reassembly& queue, std::uint32_t index);
};

}  // namespace lastack::tcp
