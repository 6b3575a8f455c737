// What the protocol is told by configuration, in the protocol's own units: milliseconds and bytes.
#pragma once

#include <cstdint>

namespace lastack::tcp {

struct Config {
    std::uint32_t msl_ms = 30'000;
    std::uint32_t fin_timeout_ms = 60'000;
    std::uint32_t fin_wait1_timeout_ms = 0;  // guards (tcp/guard.hpp); 0: off
    std::uint32_t closing_timeout_ms = 0;
    std::uint32_t last_ack_timeout_ms = 0;
    std::uint32_t close_wait_timeout_ms = 0;
    std::uint32_t user_timeout_ms = 0;    // 0: bounded by retries2
    std::uint32_t syn_timeout_ms = 0;     // 0: bounded by syn_retries
    std::uint32_t synack_timeout_ms = 0;  // 0: bounded by synack_retries
    std::uint32_t rto_initial_ms = 1'000;
    std::uint32_t rto_min_ms = 200;
    std::uint32_t rto_max_ms = 120'000;
    std::uint32_t delayed_ack_ms = 40;
    std::uint32_t persist_max_ms = 120'000;
    std::uint32_t keep_alive_idle_ms = 7'200'000;
    std::uint32_t keep_alive_interval_ms = 75'000;
    std::uint32_t invalid_rate_limit_ms = 500;
    std::uint32_t receive_buffer_bytes = 1 << 20;
    std::uint32_t send_buffer_bytes = 1 << 20;
    std::uint32_t max_text_bytes = 0;          // of one outgoing segment; 0: one MSS
    std::uint16_t max_out_of_order_runs = 64;  // gaps a connection may have, plus one
    std::uint16_t offered_mss = 1460;          // MTU less 40; the smallest of the interfaces
    std::uint8_t keep_alive_count = 9;
    std::uint8_t syn_retries = 6;
    std::uint8_t syn_linear_timeouts = 4;
    std::uint8_t synack_retries = 5;
    std::uint8_t retries1 = 3;
    std::uint8_t retries2 = 15;
    std::uint8_t orphan_retries = 8;  // 0: as tcp::orphan_retries() says
    bool mtu_probing = false;
    bool timestamps = true;
    bool window_scaling = true;
    bool sack = true;
    bool nagle = true;
    bool rfc1337 = true;

    constexpr std::uint32_t two_msl_ms() const { return 2 * msl_ms; }

    /// The shift we offer: the smallest that lets the receive buffer fit 16 bits (RFC 7323 2.3).
    constexpr std::uint8_t window_shift() const {
        std::uint8_t shift = 0;
        while (shift < 14 && (receive_buffer_bytes >> shift) > 0xffff) ++shift;
        return shift;
    }
};

}  // namespace lastack::tcp
