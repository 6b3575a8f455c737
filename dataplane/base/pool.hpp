// A fixed pool of slots addressed by 32-bit indices.
//
// Slots are carved from an arena at start and never unmapped: type-stable memory, so that a reader
// on another core may look at a slot that has just been freed without faulting. The free list is a
// stack of indices beside the slots; a slot's own bytes are untouched by freeing it, which lets a
// record keep a generation across lives. One owner thread.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "base/assert.hpp"

namespace lastack::base {

inline constexpr std::uint32_t kNoIndex = 0xffff'ffff;

template <class T>
class Pool {
  public:
    Pool() = default;

    Pool(Arena& arena, std::uint32_t capacity)
        : slots_(arena.carve<T>(capacity)), free_(arena.carve<std::uint32_t>(capacity)) {
        if (arena.measuring()) return;
        // Lowest index on top: a young process touches few pages.
        for (std::uint32_t i = 0; i < capacity; ++i) free_[i] = capacity - 1 - i;
        free_count_ = capacity;
    }

    /// The index of a slot that nobody uses, or kNoIndex when all are taken.
    std::uint32_t allocate() {
        if (free_count_ == 0) return kNoIndex;
        const std::uint32_t index = free_[--free_count_];
        if (index >= used_to_) used_to_ = index + 1;
        return index;
    }

    void free(std::uint32_t index) {
        LA_ASSERT(index < slots_.size());
        LA_ASSERT(free_count_ < slots_.size());
        free_[free_count_++] = index;
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
    std::uint32_t in_use() const { return capacity() - free_count_; }
    std::uint32_t available() const { return free_count_; }
    /// No slot from this one on was ever in use.
    std::uint32_t used_to() const { return used_to_; }

  private:
    std::span<T> slots_;
    std::span<std::uint32_t> free_;
    std::uint32_t free_count_ = 0;
    std::uint32_t used_to_ = 0;
};

}  // namespace lastack::base
