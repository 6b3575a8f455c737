// A bump allocator over memory that somebody else owns.
//
// Everything a core needs is carved from one arena at start and never given back, so a copy of the
// arena's bytes is a copy of the core's whole state. An arena without memory only measures: run the
// same carving code over it to learn how many bytes to reserve.
//
//   base ->| a | b  |padding| c ...            |<- base + size
//                                ^ used
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <type_traits>

#include "base/assert.hpp"

namespace lastack::base {

inline constexpr std::size_t kCacheLine = 64;

class Arena {
  public:
    /// An arena that only measures; carve() returns empty spans.
    Arena() = default;

    /// `memory` must be aligned to a cache line and outlive everything carved from it.
    explicit Arena(std::span<std::byte> memory) : memory_(memory), real_(true) {
        LA_ASSERT(reinterpret_cast<std::uintptr_t>(memory.data()) % kCacheLine == 0);
    }

    /// `count` value-initialised objects on a cache line of their own; empty when only measuring.
    template <class T>
    std::span<T> carve(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<T>, "an arena never destroys");
        static_assert(alignof(T) <= kCacheLine);
        const std::size_t offset = (used_ + kCacheLine - 1) / kCacheLine * kCacheLine;
        used_ = offset + count * sizeof(T);
        if (!real_) return {};
        LA_ASSERT(used_ <= memory_.size());
        T* first = reinterpret_cast<T*>(memory_.data() + offset);
        for (std::size_t i = 0; i < count; ++i) new (first + i) T();
        return {first, count};
    }

    bool measuring() const { return !real_; }
    std::size_t used_bytes() const { return used_; }

  private:
    std::span<std::byte> memory_;
    std::size_t used_ = 0;
    bool real_ = false;
};

}  // namespace lastack::base
