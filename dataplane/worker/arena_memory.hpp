// The memory of one core's Stack: huge pages of its own NUMA node where there are some, else
// ordinary ones. Cache-line aligned, zeroed, and one piece for the life of the process.
#pragma once

#include <cstddef>
#include <span>

#include "stack/config.hpp"

namespace lastack::worker {

class ArenaMemory {
  public:
    /// For stack::Stack::create(config). `from_eal`: try EAL's heap (huge pages) first. Throws
    /// StartError, with the sum, where so much cannot be had.
    ArenaMemory(const stack::Config& config, int socket, bool from_eal);
    ~ArenaMemory();
    ArenaMemory(const ArenaMemory&) = delete;
    ArenaMemory& operator=(const ArenaMemory&) = delete;

    std::span<std::byte> bytes() const { return memory_; }
    bool from_eal() const { return from_eal_; }

  private:
    std::span<std::byte> memory_;
    bool from_eal_ = false;
};

}  // namespace lastack::worker
