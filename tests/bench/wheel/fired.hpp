// What fired: enough to see that everything did, once.
#pragma once

#include <cstdint>

namespace lastack::bench {

struct Fired {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;

    void operator()(std::uint32_t id) {
        ++count;
        sum += id;
    }
    /// Were these the timers 0 .. population-1?
    bool all_of(std::uint64_t population) const {
        return count == population && sum == population * (population - 1) / 2;
    }
};

}  // namespace lastack::bench
