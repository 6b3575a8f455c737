// What the protocol is told by configuration, in the protocol's own units: milliseconds and bytes.
#pragma once

#include <cstdint>

namespace lastack::tcp {

struct Config {
    std::uint32_t msl_ms = 30'000;
    std::uint32_t fin_timeout_ms = 60'000;   // 0: no limit (M-7)
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
    std::uint16_t max_sacked_runs = 64;        // what a scoreboard remembers of one connection
    std::uint16_t offered_mss = 1460;          // MTU less 40; the smallest of the interfaces
    std::uint8_t abc_limit = 1;  // segments of growth an ACK may bring in slow start (H-8)
    std::uint8_t keep_alive_count = 9;
    std::uint8_t syn_retries = 6;
    std::uint8_t syn_linear_timeouts = 4;
    std::uint8_t synack_retries = 5;
    std::uint8_t retries1 = 3;
    std::uint8_t retries2 = 15;
    std::uint8_t orphan_retries = 8;  // 0: as tcp::orphan_retries() says
    bool timestamps = true;
    bool window_scaling = true;
    bool sack = true;
    bool dsack = true;  // report what arrived twice (RFC 2883)
    bool nagle = true;
    bool rfc1337 = true;
    bool mtu_probing = false;
    bool close_wait_reset_is_epipe = false;  // M-14
    bool reset_flushes_unread = false;       // M-24

    // Where the RFCs and Linux differ (requirements, section M); true and false mean what
    // include/lastack/options.hpp says of the option that each stands for. All are asked on rare
    // paths only.
    bool answers_rejected_syn = true;      // M-2
    bool new_timestamp_reopens = true;     // M-3
    bool restarts_as_linux = false;        // M-4
    bool discards_for_orphan = false;      // M-10
    bool hard_error_aborts = false;        // M-11
    bool soft_error_fails_open = true;     // M-12
    bool takes_rst_after_fin = true;       // M-13, E-11
    bool takes_rst_at_sack_edge = false;   // M-13, E-12
    bool waits_after_reset = false;        // M-16
    bool resets_half_open_on_syn = false;  // M-17
    bool needs_timestamp = true;           // M-18
    bool takes_fin_at_shut_window = true;  // M-19
    bool challenges_rst_in_tw = false;     // M-22
    bool counts_passive_at_syn = false;    // M-25
    bool resets_orphan_exactly = true;     // M-26

    constexpr std::uint32_t two_msl_ms() const { return 2 * msl_ms; }

    /// The shift we offer: the smallest that lets the receive buffer fit 16 bits (RFC 7323 2.3).
    constexpr std::uint8_t window_shift() const {
        std::uint8_t shift = 0;
        while (shift < 14 && (receive_buffer_bytes >> shift) > 0xffff) ++shift;
        return shift;
    }
};

}  // namespace lastack::tcp
