// A fixed pool of per-connection state: every slot is made at start, none on the path.
//
// acquire() hands out a slot or nullptr; the caller refuses the connection and counts it. Lowest
// slots first, so that a young service touches little memory. One core's thread.
#pragma once

#include <cstdint>
#include <vector>

namespace lastack::service {

template <class T>
class Slots {
  public:
    /// `capacity` slots; the only allocation there is.
    void reserve(std::uint32_t capacity) {
        slots_ = std::vector<T>(capacity);
        free_.resize(capacity);
        for (std::uint32_t i = 0; i < capacity; ++i) free_[i] = capacity - 1 - i;
    }

    /// A slot in the state its last user left it in; nullptr where all are taken.
    T* acquire() {
        if (free_.empty()) return nullptr;
        const std::uint32_t index = free_.back();
        free_.pop_back();
        return &slots_[index];
    }

    void release(const T* slot) { free_.push_back(index_of(slot)); }

    std::uint32_t index_of(const T* slot) const {
        return static_cast<std::uint32_t>(slot - slots_.data());
    }
    T& operator[](std::uint32_t index) { return slots_[index]; }
    std::uint32_t capacity() const { return static_cast<std::uint32_t>(slots_.size()); }
    std::uint32_t in_use() const { return capacity() - static_cast<std::uint32_t>(free_.size()); }
    std::vector<T>& all() { return slots_; }

  private:
    std::vector<T> slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace lastack::service
