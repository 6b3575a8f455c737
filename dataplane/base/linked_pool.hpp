// A fixed pool like Pool, for records by the million: the free ones are linked through a member of
// theirs, so that a slot costs its own bytes and no more. That member is the holder's own while the
// slot is in use; the rest of its bytes are untouched by freeing it.
//
// Slots are carved from an arena at start and never unmapped. The lowest index that was never used
// comes when no used one is free: a young process touches few pages. One owner thread.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "base/assert.hpp"
#include "base/pool.hpp"
#include "base/published.hpp"

namespace lastack::base {

template <class T, std::uint32_t T::*Link>
class LinkedPool {
  public:
    LinkedPool(Arena& arena, std::uint32_t capacity) : slots_(arena.carve<T>(capacity)) {}

    /// The index of a slot that nobody uses, or kNoIndex when all are taken.
    std::uint32_t allocate() {
        if (free_ == kNoIndex && used_to_ == slots_.size()) return kNoIndex;
        ++in_use_;
        if (free_ == kNoIndex) {
            const std::uint32_t index = used_to_;
            used_to_ = index + 1;
            return index;
        }
        const std::uint32_t index = free_;
        free_ = slots_[index].*Link;
        return index;
    }

    void free(std::uint32_t index) {
        LA_ASSERT(index < used_to_);
        LA_ASSERT(in_use_ > 0);
        --in_use_;
        slots_[index].*Link = free_;
        free_ = index;
    }

    T& operator[](std::uint32_t index) {
        LA_ASSERT(index < slots_.size());
        return slots_[index];
    }
    const T& operator[](std::uint32_t index) const {
        LA_ASSERT(index < slots_.size());
        return slots_[index];
    }

    std::uint32_t capacity() const { return static_cast<std::uint32_t>(slots_.size()); }
    std::uint32_t in_use() const { return in_use_; }
    std::uint32_t available() const { return capacity() - in_use_; }
    /// No slot from this one on was ever in use.
    std::uint32_t used_to() const { return used_to_; }
    /// The same, for any thread.
    std::uint32_t shared_used_to() const { return used_to_.shared(); }

  private:
    std::span<T> slots_;
    Published<std::uint32_t> used_to_ = 0;
    // What the owner writes at every change stands on a line of its own: beside the above, which
    // every reader reads, it would cost the owner a cache miss per change.
    alignas(kCacheLine) std::uint32_t free_ = kNoIndex;
    std::uint32_t in_use_ = 0;
};

}  // namespace lastack::base
