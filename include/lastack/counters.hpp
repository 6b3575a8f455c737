// Counters as values: names, help and numbers, summed over cores.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace lastack {

struct CounterValue {
    std::string_view name;  ///< Linux's spelling where Linux counts the same event.
    std::string_view help;  ///< One sentence.
    std::uint64_t value = 0;
};

using Counters = std::vector<CounterValue>;

}  // namespace lastack
