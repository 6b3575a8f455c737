// What `bench timewait` does to records, and how long it takes.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "tests/bench/timewait/host.hpp"

namespace lastack::bench {

/// Nanoseconds per record, or of a live packet.
struct TimeWaitCosts {
    double enter = 0;
    double reack = 0;
    double reopen = 0;
    double expire = 0;
};

/// Latencies of a live packet, in microseconds.
struct Latencies {
    double p50 = 0;
    double p99 = 0;
    double p999 = 0;
    double most = 0;
    std::uint64_t packets = 0;
};

/// Fills the host with `records` TIME-WAITs whose ends spread over a second, works on `touched`
/// random ones, and lets all of them end. Exits where the stack does anything else.
TimeWaitCosts measure_costs(TimeWaitHost& host, std::uint32_t records, std::uint32_t touched);

struct Storm {
    Latencies during;
    Latencies quiet;  // the same turns with nothing to expire
    double seconds = 0;
};

/// Fills the host with `records` that end in one tick, and measures requests on an open connection
/// while they do.
Storm measure_storm(TimeWaitHost& host, std::uint32_t records, std::uint32_t budget);

}  // namespace lastack::bench
