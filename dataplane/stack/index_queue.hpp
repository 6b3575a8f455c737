// A first-in first-out queue of pool indices, linked through a member of the slots: no memory of
// its own, bounded by the pool. Whoever queues an index keeps track that it is queued once.
#pragma once

#include <cstdint>

#include "base/pool.hpp"

namespace lastack::stack {

template <class Slot, std::uint32_t Slot::*Next>
class IndexQueue {
  public:
    void push(base::Pool<Slot>& pool, std::uint32_t index) {
        pool[index].*Next = base::kNoIndex;
        if (tail_ == base::kNoIndex) {
            head_ = index;
        } else {
            pool[tail_].*Next = index;
        }
        tail_ = index;
        ++size_;
    }

    /// kNoIndex where it is empty.
    std::uint32_t pop(base::Pool<Slot>& pool) {
        const std::uint32_t index = head_;
        if (index == base::kNoIndex) return index;
        head_ = pool[index].*Next;
        if (head_ == base::kNoIndex) tail_ = base::kNoIndex;
        --size_;
        return index;
    }

    std::uint32_t size() const { return size_; }

  private:
    std::uint32_t head_ = base::kNoIndex;
    std::uint32_t tail_ = base::kNoIndex;
    std::uint32_t size_ = 0;
};

}  // namespace lastack::stack
