// What a load run counts.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lastack/core.hpp"
#include "service/histogram.hpp"

namespace lastack::service {

/// Why a connection of a load run failed. Each failed connection counts once, by its first reason.
enum class LoadError : std::uint8_t {
    refused,
    reset,
    timed_out,
    unreachable,
    no_free_port,
    address_in_use,
    bad_address,
    no_resources,
    aborted,
    shut_down,
    bad_answer,    ///< Not HTTP, not 200, or not the bytes that were expected.
    short_answer,  ///< The server closed before the answer was complete.
};
inline constexpr std::size_t kLoadErrors = 12;

std::string_view load_error_name(LoadError error);
LoadError load_error_of(CloseReason reason);
LoadError load_error_of(Error error);

/// Counts of connections; one tally for those that are measured, one for the warm-up.
struct LoadTally {
    std::uint64_t started = 0;    ///< connect() was called, with or without success.
    std::uint64_t succeeded = 0;  ///< Every answer right, and closed in order.
    std::uint64_t exchanges = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    std::array<std::uint64_t, kLoadErrors> errors{};

    std::uint64_t failed() const {
        std::uint64_t sum = 0;
        for (const std::uint64_t count : errors) sum += count;
        return sum;
    }
};

struct LoadLatency {
    Histogram connect;   ///< From when it was due to on_open.
    Histogram exchange;  ///< The first from when it was due; later ones from their request.
    Histogram close;     ///< From the last answer's last byte to on_closed(orderly).
};

}  // namespace lastack::service
