// Connections as `ss` prints them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/cli/states.hpp"
#include "lastack/endpoint.hpp"

namespace lastack::control::cli {

/// A row of /v1/connections.
struct Row {
    Endpoint local;
    Endpoint remote;
    tcp::State state = tcp::State::Closed;
    bool orphan = false;
    std::uint32_t receive_queue_bytes = 0;
    std::uint32_t send_queue_bytes = 0;
    std::string timer = "off";
    std::uint32_t timer_ms = 0;
    std::uint32_t retransmits = 0;
    unsigned worker = 0;
};

struct SsOptions {
    bool header = true;
    bool timers = false;    ///< -o
    bool extended = false;  ///< -e
    bool info = false;      ///< -i
};

/// A table with Linux's columns; the colons of addresses stand below each other.
std::string format_ss(const std::vector<Row>& rows, const SsOptions& options);

/// -s: how many records, by the states that Linux counts.
std::string format_summary(const std::array<std::uint64_t, tcp::kStateCount>& count);

/// What remains of a timer, as `ss -o` writes it: "55sec", "1min30sec", "200ms", "3.500ms".
std::string timer_text(std::uint32_t ms);

}  // namespace lastack::control::cli
