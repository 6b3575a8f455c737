// Pool indices in an order, linked both ways through two words of the slots: newest in, any out,
// the oldest known. No memory of its own, bounded by the pool. `Older` and `Newer` are members of a
// slot, or functions from a slot to a word of it.
//
//     oldest() -> [slot] <-> [slot] <-> [slot] <- newest
//
// Whoever holds the list keeps track of which slots are in it.
#pragma once

#include <cstdint>
#include <functional>

#include "base/pool.hpp"

namespace lastack::stack {

template <class Pool, auto Older, auto Newer>
class IndexList {
  public:
    void push_newest(Pool& pool, std::uint32_t index) {
        std::invoke(Older, pool[index]) = newest_;
        std::invoke(Newer, pool[index]) = base::kNoIndex;
        set_newer(pool, newest_, index);
        newest_ = index;
    }

    void remove(Pool& pool, std::uint32_t index) {
        const std::uint32_t older = std::invoke(Older, pool[index]);
        const std::uint32_t newer = std::invoke(Newer, pool[index]);
        set_newer(pool, older, newer);
        if (newer == base::kNoIndex) {
            newest_ = older;
        } else {
            std::invoke(Older, pool[newer]) = older;
        }
    }

    /// kNoIndex where it is empty.
    std::uint32_t oldest() const { return oldest_; }

  private:
    void set_newer(Pool& pool, std::uint32_t of, std::uint32_t newer) {
        if (of == base::kNoIndex) {
            oldest_ = newer;
        } else {
            std::invoke(Newer, pool[of]) = newer;
        }
    }

    std::uint32_t oldest_ = base::kNoIndex;
    std::uint32_t newest_ = base::kNoIndex;
};

}  // namespace lastack::stack
