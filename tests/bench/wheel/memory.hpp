// Memory for what is measured, the same kind for everybody: huge pages where the kernel gives some.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace lastack::bench {

class Memory {
  public:
    explicit Memory(std::size_t bytes) : bytes_((bytes + kPage - 1) / kPage * kPage + kPage) {
        mapped_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped_ == MAP_FAILED) std::abort();
        madvise(mapped_, bytes_, MADV_HUGEPAGE);
    }
    ~Memory() { munmap(mapped_, bytes_); }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    std::span<std::byte> bytes() {
        const auto address = reinterpret_cast<std::uintptr_t>(mapped_);
        const std::size_t skipped = (kPage - address % kPage) % kPage;
        return {static_cast<std::byte*>(mapped_) + skipped, bytes_ - kPage};
    }

  private:
    static constexpr std::size_t kPage = 2U << 20;

    std::size_t bytes_;
    void* mapped_;
};

/// `count` objects of a trivial type, zero, in such memory.
template <class T>
class Array {
  public:
    explicit Array(std::size_t count)
        : memory_(count * sizeof(T)), first_(reinterpret_cast<T*>(memory_.bytes().data())) {}

    T& operator[](std::size_t i) { return first_[i]; }
    const T& operator[](std::size_t i) const { return first_[i]; }

  private:
    Memory memory_;
    T* first_;
};

}  // namespace lastack::bench
