#include "worker/memory_sum.hpp"

#include <fstream>
#include <limits>

#include "stack/stack.hpp"

namespace lastack::worker {

namespace {

std::string mib(std::size_t bytes) {
    return std::to_string((bytes + (1U << 20) - 1) >> 20) + " MiB";
}

}  // namespace

std::vector<MemoryShare> memory_shares(const stack::Config& config) {
    struct Limit {
        const char* name;
        std::uint32_t LimitOptions::*value;
    };
    static constexpr Limit kLimits[] = {
        {"limits.max_connections", &LimitOptions::max_connections},
        {"limits.max_time_wait", &LimitOptions::max_time_wait},
        {"limits.max_half_open", &LimitOptions::max_half_open},
        {"limits.max_timers", &LimitOptions::max_timers},
        {"limits.trace_events", &LimitOptions::trace_events},
    };
    std::vector<MemoryShare> out;
    stack::Config smaller = config;
    std::size_t left = stack::Stack::arena_bytes(config);
    for (const Limit& limit : kLimits) {
        const std::uint32_t count = config.limits.*limit.value;
        smaller.limits.*limit.value = std::min<std::uint32_t>(count, 1);
        const std::size_t without = stack::Stack::arena_bytes(smaller);
        out.push_back({limit.name, count, left - without});
        left = without;
    }
    out.push_back({"the rest", 0, left});
    return out;
}

std::string memory_sum(const stack::Config& config) {
    std::string out;
    std::size_t all = 0;
    for (const MemoryShare& share : memory_shares(config)) {
        out += share.what;
        if (share.count > 0) out += " = " + std::to_string(share.count);
        out += ": " + mib(share.bytes) + ", ";
        all += share.bytes;
    }
    return out + "in all " + mib(all);
}

std::optional<std::size_t> available_bytes() {
    std::ifstream file("/proc/meminfo");
    for (std::string name; file >> name;) {
        std::size_t kib = 0;
        if (name == "MemAvailable:" && file >> kib) return kib << 10;
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return std::nullopt;
}

}  // namespace lastack::worker
