// What the records of one core take, limit by limit: for the message of a start that cannot have
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stack/config.hpp"

namespace lastack::worker {

struct MemoryShare {
    const char* what;     // a limit's name, or "the rest"
    std::uint32_t count;  // the limit; 0 for the rest
    std::size_t bytes;
};

/// All of arena_bytes(config), by what each limit adds to a stack with next to nothing.
std::vector<MemoryShare> memory_shares(const stack::Config& config);

/// "limits.max_time_wait = 1000000: 54 MiB, ..., in all 90 MiB".
std::string memory_sum(const stack::Config& config);

/// What the machine could give without swapping, by /proc/meminfo's MemAvailable; nullopt where it
/// does not say.
std::optional<std::size_t> available_bytes();

}  // namespace lastack::worker
