// Pools of pieces and runs over a heap, for the tests of the queues.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/arena.hpp"
#include "tcp/reassembly.hpp"
#include "tcp/scoreboard.hpp"
#include "tests/support/arena_memory.hpp"
#include "tests/support/heap_shell.hpp"

namespace lastack::tcp {

class Pieces {
  public:
    explicit Pieces(std::uint32_t pieces = 1'000, std::uint32_t runs = 100)
        : memory_([&](base::Arena& arena) {
              base::Pool<base::Piece> first(arena, pieces);
              base::Pool<Run> second(arena, runs);
              base::Pool<SackedRun> third(arena, runs);
          }),
          arena_(memory_.bytes()),
          pieces_(arena_, pieces),
          runs_(arena_, runs),
          sacked_(arena_, runs) {}

    test::HeapShell shell;
    PieceStore store() { return {pieces_, shell}; }
    base::Pool<base::Piece>& pool() { return pieces_; }
    base::Pool<Run>& runs() { return runs_; }
    base::Pool<SackedRun>& sacked() { return sacked_; }

    /// `text` as one piece behind `list`, in a buffer of its own.
    bool append(PieceList& list, std::string_view text) {
        const base::BufferRef buffer = shell.allocate(text.size());
        const auto room = shell.room(buffer).first(text.size());
        std::ranges::copy(std::as_bytes(std::span(text.data(), text.size())), room.begin());
        PieceStore pieces = store();
        if (pieces.append(list, buffer, room)) return true;
        shell.release(buffer);
        return false;
    }

    /// The bytes of a list; also checks that its links and its count agree.
    std::string text(const PieceList& list) const {
        std::string text;
        std::uint32_t last = list.last;
        for (std::uint32_t left = list.pieces; left > 0; --left) {
            last = pieces_[last].next;
            const auto bytes = pieces_[last].bytes();
            EXPECT_FALSE(bytes.empty());
            text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        }
        EXPECT_EQ(list.last, last) << "a ring";
        EXPECT_EQ(list.empty(), list.pieces == 0);
        EXPECT_EQ(list.bytes, text.size());
        return text;
    }

    bool nothing_left() const {
        return pieces_.in_use() == 0 && runs_.in_use() == 0 && sacked_.in_use() == 0 &&
               shell.live() == 0;
    }

  private:
    test::ArenaMemory memory_;
    base::Arena arena_;
    base::Pool<base::Piece> pieces_;
    base::Pool<Run> runs_;
    base::Pool<SackedRun> sacked_;
};

}  // namespace lastack::tcp
