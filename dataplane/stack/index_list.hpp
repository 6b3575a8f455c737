// Pool indices in an order, linked both ways through two members of the slots: newest in, any out,
// the oldest known. No memory of its own, bounded by the pool.
//
//     oldest() -> [slot] <-> [slot] <-> [slot] <- newest
//
// Whoever holds the list keeps track of which slots are in it.
#pragma once

#include <cstdint>

#include "base/pool.hpp"

namespace lastack::stack {

template <class Slot, std::uint32_t Slot::*Older, std::uint32_t Slot::*Newer>
class IndexList {
  public:
    void push_newest(base::Pool<Slot>& pool, std::uint32_t index) {
        pool[index].*Older = newest_;
        pool[index].*Newer = base::kNoIndex;
        (newest_ == base::kNoIndex ? oldest_ : pool[newest_].*Newer) = index;
        newest_ = index;
    }

    void remove(base::Pool<Slot>& pool, std::uint32_t index) {
        const std::uint32_t older = pool[index].*Older;
        const std::uint32_t newer = pool[index].*Newer;
        (older == base::kNoIndex ? oldest_ : pool[older].*Newer) = newer;
        (newer == base::kNoIndex ? newest_ : pool[newer].*Older) = older;
    }

    /// kNoIndex where it is empty.
    std::uint32_t oldest() const { return oldest_; }

  private:
    std::uint32_t oldest_ = base::kNoIndex;
    std::uint32_t newest_ = base::kNoIndex;
};

}  // namespace lastack::stack
