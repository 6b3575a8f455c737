// Load: lastack as the client, to measure a server with.
//
// Two ways to drive it. With a rate (open loop) connections are due at fixed instants, whether or
// not earlier ones have been answered, and latency counts from the instant a connection was due: a
// server that stalls is charged for every connection that had to wait (no coordinated omission).
// With a concurrency (closed loop) a new connection starts when one ends.
//
//     due --connect--> on_open --request, answer--> ... last answer --close--> on_closed
//      |<-- connect -->|                                  |<-------- close ------->|
//      |<------------- first exchange ------------------->|   (later ones count from their request)
//
// Every answer is verified. Every number is per worker: the factory's user divides among workers.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "lastack/core.hpp"

namespace lastack::service {

struct LoadOptions {
    enum class Mode : std::uint8_t { http, echo };
    /// Who sends the first FIN. `server` asks for it with `Connection: close` in the last request;
    /// the echo service never closes first, so echo needs `client`.
    enum class FirstCloser : std::uint8_t { client, server };

    Mode mode = Mode::http;
    Endpoint target;
    FirstCloser first_closer = FirstCloser::client;

    double rate = 0;  ///< Connections per second; 0: closed loop.
    std::uint32_t concurrency =
        1;                    ///< Open connections of the closed loop; bounds the open one too
                              ///< (what cannot start then starts late, and is charged so).
    std::uint64_t count = 0;  ///< Connections to measure; 0: no limit.
    std::chrono::milliseconds duration{
        0};                                ///< Measured time; 0: no limit. One of both must be set.
    std::chrono::milliseconds warm_up{0};  ///< Connections due earlier are not measured.

    std::vector<Address> local_addresses;  ///< Used in turn; empty: the stack chooses.
    std::string path = "/";  ///< http. The bodies of /bytes/N are compared byte for byte.
    std::uint32_t requests_per_connection = 1;
    bool post = false;  ///< http: POST payload_bytes instead of GET.
    /// Bytes of pattern per exchange: sent and compared by echo; sent by http's POST, and compared
    /// where the path is /echo.
    std::uint32_t payload_bytes = 64;
    std::chrono::milliseconds timeout{10'000};  ///< Of one connection attempt, exchange or close.
    std::uint32_t max_burst = 0;  ///< Most starts per turn; 0: four times a tick's share, >= 16.
};

ApplicationFactory make_load(LoadOptions options);

}  // namespace lastack::service
