// A queue of byte strings that may be longer than memory: what is in its middle lies in a file.
//
//     push -> | newest chunk | ... chunks, beyond a number of them in a temporary file ... | oldest
//     | -> pop
//
// A chunk is some megabytes, written and read as a whole, and its place in the file is used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace lastack::model {

class Spool {
  public:
    /// Keeps about `in_memory` bytes itself.
    explicit Spool(std::size_t in_memory = std::size_t{1} << 29) : in_memory_(in_memory) {}
    ~Spool();
    Spool(const Spool&) = delete;
    Spool& operator=(const Spool&) = delete;

    /// Throws std::system_error where the file cannot be made or written.
    void push(std::span<const std::byte> bytes);
    /// The oldest; there must be one. Valid until the next call.
    std::span<const std::byte> pop();

    std::uint64_t bytes_in_memory() const { return held_; }
    std::uint64_t bytes_in_file() const { return slots_ * kSlotBytes; }

  private:
    static constexpr std::size_t kChunkBytes = std::size_t{4} << 20;
    static constexpr std::size_t kSlotBytes = kChunkBytes + (std::size_t{1} << 20);
    static constexpr std::uint64_t kInMemory = ~std::uint64_t{0};

    struct Chunk {
        std::vector<std::byte> bytes;
        std::uint64_t slot = kInMemory;
        std::size_t size = 0;  // of one in the file
    };

    void store(Chunk& chunk);
    void load(Chunk& chunk);

    std::size_t in_memory_;
    std::deque<Chunk> chunks_;
    std::size_t read_to_ = 0;  // of the oldest chunk
    std::uint64_t held_ = 0;
    int file_ = -1;
    std::uint64_t slots_ = 0;
    std::vector<std::uint64_t> free_slots_;
};

}  // namespace lastack::model
