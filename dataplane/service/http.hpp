// An HTTP/1.1 server (RFC 9110, RFC 9112) to measure and to demonstrate with.
//
//     GET  /            a page that says what lastack is
//     GET  /bytes/N     N bytes of a fixed pseudo-random pattern, N up to 2^40, in bounded memory
//     GET  /delay/MS    answers after MS milliseconds
//     POST /echo        streams the request's body back (PUT too; Content-Length or chunked)
//
// HEAD wherever GET is. HTTP/1.0 and 1.1, keep-alive, pipelining (answered one after the other;
// what is not read yet holds the window), Expect: 100-continue. Requests that two readers could
// understand differently are refused: both lengths, a repeated or malformed length, folded lines,
// bare CR or LF.
#pragma once

#include <chrono>
#include <cstdint>

#include "lastack/core.hpp"

namespace lastack::service {

struct HttpOptions {
    /// Who sends the first FIN when a connection ends in order; TIME-WAIT then sits at that side.
    /// `client`: after the last answer the server waits for the client's FIN, at most close_wait.
    enum class FirstCloser : std::uint8_t { server, client };

    Endpoint listen{.address = {}, .port = 80};
    FirstCloser first_closer = FirstCloser::server;
    std::uint32_t max_connections = 65'536;  ///< Per worker; more are reset and counted.

    std::uint32_t max_target_bytes = 4'096;     ///< Longer request targets: 414.
    std::uint32_t max_header_bytes = 16'384;    ///< Of all field lines, CR LF included; more: 431.
    std::uint32_t max_header_fields = 100;      ///< More: 431.
    std::uint64_t max_body_bytes = 1ULL << 40;  ///< Of a request; more: 413.
    std::chrono::milliseconds max_delay{60'000};  ///< Longest /delay/MS; more: 400.

    /// An open connection with no request begun is closed after this.
    std::chrono::milliseconds idle_timeout{60'000};
    /// From a request's first byte to the end of its header: 408.
    std::chrono::milliseconds header_timeout{10'000};
    /// A body or an answer that makes no progress for this long: 408 or reset.
    std::chrono::milliseconds stall_timeout{60'000};
    /// How long the server waits for the client's FIN: with FirstCloser::client, and after an
    /// answer that refuses the rest of a request (RFC 9112 9.6).
    std::chrono::milliseconds close_wait{2'000};
    /// Requests of one connection answered in one go before others have their turn.
    std::uint32_t max_pipeline_burst = 64;
};

ApplicationFactory make_http(HttpOptions options);

}  // namespace lastack::service
