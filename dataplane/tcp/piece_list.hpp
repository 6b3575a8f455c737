// A queue of payload pieces: bytes in order, each held by reference.
//
//   +-> [piece]->[piece]->[piece] <- last            bytes = sum of their lengths
//   +-----------------------+
//
// The links are a ring, so that one index is enough for both ends: a connection has two lists, and
// every octet of a Tcb's hot part counts (tcb.hpp).
//
// Pieces come from a pool of the core's, their buffers from whoever owns them. A list owns one
// reference to each of its buffers; dropping bytes releases the buffers that no byte is left of.
#pragma once

#include <cstdint>

#include "base/buffer.hpp"
#include "base/pool.hpp"

namespace lastack::tcp {

struct PieceList {
    std::uint32_t last = base::kNoIndex;  // behind it comes the first again
    std::uint32_t bytes = 0;
    std::uint32_t pieces = 0;

    bool empty() const { return last == base::kNoIndex; }
};

/// Where the pieces of one core live.
struct PieceStore {
    base::Pool<base::Piece>& pool;
    base::Buffers& buffers;

    /// The first piece; the list is not empty.
    std::uint32_t head(const PieceList& list) const { return pool[list.last].next; }

    /// The piece behind `index`; kNoIndex behind the last one. What walks a list begins at
    /// head_or_none().
    std::uint32_t after(const PieceList& list, std::uint32_t index) const {
        return index == list.last ? base::kNoIndex : pool[index].next;
    }
    std::uint32_t head_or_none(const PieceList& list) const {
        return list.empty() ? base::kNoIndex : head(list);
    }

    /// Appends one piece that takes over the caller's reference to `buffer`; false, and the caller
    /// keeps it, where the pool is empty.
    bool append(PieceList& list, base::BufferRef buffer, base::Bytes bytes);

    /// Moves all of `from` behind `list`.
    void splice(PieceList& list, PieceList& from);

    /// Cuts the first `count` bytes off; count <= list.bytes. A piece that straddles the cut is
    /// shared by both lists. Where no piece is left for that, the answer is shorter than asked.
    PieceList take_front(PieceList& list, std::uint32_t count);

    /// Drops `count` bytes from either end; count <= list.bytes.
    void drop_front(PieceList& list, std::uint32_t count);
    void drop_back(PieceList& list, std::uint32_t count);

    void clear(PieceList& list) { drop_front(list, list.bytes); }

    /// How many pieces `bytes` may lie in before gather() is due: more than gather() leaves, by
    /// enough that its work is spread over as many arrivals.
    std::uint32_t fair_pieces(std::uint32_t bytes) const;

    /// Copies neighbours that fit one buffer together into one of our own, and releases theirs. Any
    /// two neighbours of what is left hold more than a buffer's bytes. False where a buffer was
    /// missing; no byte is lost either way.
    bool gather(PieceList& list);

  private:
    struct Stretch {
        std::uint32_t last;
        std::uint32_t bytes;
        std::uint32_t pieces;
    };
    Stretch fitting_stretch(const PieceList& list, std::uint32_t first) const;
    bool copy_stretch(PieceList& list, std::uint32_t first, const Stretch& stretch);
    std::uint32_t unlink_first(PieceList& list);
    void free_piece(std::uint32_t index);
};

}  // namespace lastack::tcp
