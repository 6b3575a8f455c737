// One run: lastack on one core, the generator on another, and what was seen of both.
//
//     main     starts EAL, cable, Runtime; samples; waits; stops; checks that all came back
//     lastack  Runtime::run(), pinned to the first CPU we may use
//     generator  Generator::run(), pinned to the last
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/generator/faults.hpp"
#include "tests/bench/lifecycle/applications.hpp"
#include "tests/bench/lifecycle/lister.hpp"
#include "tests/bench/lifecycle/settings.hpp"
#include "worker/inspector.hpp"

namespace lastack::bench {

/// Both sides at one moment.
struct Sample {
    std::chrono::steady_clock::time_point at{};
    std::uint64_t completed = 0;
    std::uint64_t time_waits = 0;
    double cpu_seconds = 0;  // of lastack's thread
    double generator_cpu_seconds = 0;
    std::uint64_t instructions = 0;  // of lastack's thread, in user mode; 0: not known
    std::uint64_t core_cycles = 0;
    worker::WorkerStatus status{};
    worker::CounterValues counters{};
};

struct Result {
    std::string failure;  // empty: none
    Sample first;         // of the window that is measured
    Sample last;
    Sample idle_first;  // of a while with nothing to do
    Sample idle_last;
    bool steady = false;  // the window begins when TIME-WAITs end as fast as they begin
    std::uint64_t time_waits_at_end = 0;
    worker::CounterValues counters{};
    Tally tally;
    ApplicationTally application;
    std::uint64_t collected_lives = 0;  // completed while callgrind may have collected
    double generator_busy = 0;
    bool huge_pages = false;
    std::vector<std::string> notices;
    std::vector<worker::MemoryRow> memory;
    std::vector<std::string> leaks;  // what did not come back
    Listed listed;
    bool two_cores = false;

    /// In open loop a life may be lost to overload, which is a figure; else it is a defect.
    bool right(const Settings& settings) const {
        return failure.empty() && leaks.empty() && tally.wrong() == 0 &&
               application.wrong_text == 0 && (tally.lost == 0 || settings.pace.rate != 0);
    }
};

Result run(const Settings& settings);

}  // namespace lastack::bench
