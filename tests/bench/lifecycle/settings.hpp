// The command line of `bench lifecycle`.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "tests/bench/generator/pace.hpp"
#include "tests/bench/generator/plan.hpp"

namespace lastack::bench {

struct Settings {
    Plan plan;
    Pace pace;
    std::chrono::milliseconds msl{500};
    std::uint32_t max_time_wait = 0;  // 0: as many as there are lives, at most 128 Mi
    std::uint32_t trace_events = 0;
    std::uint16_t burst = 64;
    bool huge_pages = true;
    bool single_thread = false;
    bool lister = false;
    std::string json;

    std::chrono::milliseconds two_msl() const { return 2 * msl; }
};

/// Exits with CLI11's message and code where the line is wrong.
Settings settings_of(int argc, char** argv);

/// "64/64 B, lastack closes first"
std::string describe(const Plan& plan);

}  // namespace lastack::bench
