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
#include <optional>
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

    /// Connections per second; 0: closed loop.
    double rate = 0;
    /// Closed loop: how many connections are open at a time; 1 where not set.
    std::optional<std::uint32_t> concurrency{};
    /// Open loop: the most that are open at a time; 65,536 where not set. One that is due and finds
    /// no room starts later, and is charged from when it was due.
    std::optional<std::uint32_t> max_connections{};

    /// Connections to measure, and measured time; 0: no limit. At least one must be set.
    std::uint64_t count = 0;
    std::chrono::milliseconds duration{0};
    /// Connections that are due earlier than this after the start are made and not measured.
    std::chrono::milliseconds warm_up{0};

    /// Used in turn, with ports that the stack chooses; empty: the stack chooses the address too.
    std::vector<Address> local_addresses;

    /// http: what is asked for. The bodies of /bytes/N are compared byte for byte.
    std::string path = "/";
    /// http: POST payload_bytes instead of GET; the bodies of /echo are compared.
    bool post = false;
    /// Exchanges per connection; all but the last keep it open.
    std::uint32_t requests_per_connection = 1;
    /// Bytes of pattern that an exchange of echo sends and compares, or a POST of http sends.
    std::uint32_t payload_bytes = 64;

    /// The client closes with linger 0: RST in place of FIN, and no TIME-WAIT at either side.
    bool abortive_close = false;
    /// When the run is over, the application is not: the process stays, and can be asked.
    bool stay = false;

    /// Of one connection attempt, one exchange, one close.
    std::chrono::milliseconds timeout{10'000};
    /// Most starts in one go; 0: four times a millisecond's share of the rate, at least 16
    /// (closed loop: 256).
    std::uint32_t max_burst = 0;
};

ApplicationFactory make_load(LoadOptions options);

}  // namespace lastack::service
