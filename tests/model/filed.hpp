// A vector that may be longer than memory: it lies in a temporary file, which the kernel writes
// back as it likes. Made for what is appended, and read from end to end.
//
// The file has no name, and is as long as all it may ever hold, but takes room on the disk only for
// what it does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/assert.hpp"

namespace lastack::model {

/// `bytes` of a temporary file in /var/tmp, as memory. Throws std::system_error where there is
/// none.
class FiledMemory {
  public:
    explicit FiledMemory(std::size_t bytes);
    ~FiledMemory();
    FiledMemory(const FiledMemory&) = delete;
    FiledMemory& operator=(const FiledMemory&) = delete;

    void* data() { return data_; }
    const void* data() const { return data_; }

  private:
    std::size_t bytes_;
    void* data_;
};

template <class T>
class Filed {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    /// Room for `most`.
    explicit Filed(std::size_t most) : most_(most), memory_(most * sizeof(T)) {}

    void push_back(const T& value) {
        LA_ASSERT(size_ < most_);
        data()[size_++] = value;
    }
    const T& operator[](std::size_t i) const { return data()[i]; }
    std::size_t size() const { return size_; }
    const T* begin() const { return data(); }
    const T* end() const { return data() + size_; }

  private:
    T* data() { return static_cast<T*>(memory_.data()); }
    const T* data() const { return static_cast<const T*>(memory_.data()); }

    std::size_t most_;
    std::size_t size_ = 0;
    FiledMemory memory_;
};

}  // namespace lastack::model
