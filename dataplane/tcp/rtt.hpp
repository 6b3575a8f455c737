// The retransmission timeout (RFC 6298): smoothed round-trip time, its variation, and the back-off.
//
// Times are microseconds in 32 bits (71 minutes, far more than any RTO).
#pragma once

#include <algorithm>
#include <cstdint>

#include "tcp/config.hpp"

namespace lastack::tcp {

/// `wait_ms` doubled `times` times, up to `most_ms`: exponential back-off.
constexpr std::uint32_t doubled_ms(std::uint32_t wait_ms, std::uint8_t times,
                                   std::uint32_t most_ms) {
    for (std::uint8_t i = 0; i < times && wait_ms < most_ms; ++i) wait_ms *= 2;
    return std::min(wait_ms, most_ms);
}

/// How long a peer may hold back the ACK of a lone segment: what most do at most (H-23), and TLP
/// reckons with (RFC 8985 7.2).
inline constexpr std::uint32_t kHeldBackAckMs = 200;

/// The RTO where the SYN was lost and nothing has been measured (6298 5.7).
inline constexpr std::uint32_t kAfterLostSynMs = 3'000;

struct Rtt {
    std::uint32_t srtt_us = 0;
    std::uint32_t rttvar_us = 0;
    std::uint16_t own_min_ms = 0;  // this connection's least RTO (M-9); 0: the configured one
    bool measured : 1 = false;
    bool syn_was_lost : 1 = false;  // then the RTO without a sample is 3 s (6298 5.7)
    std::uint8_t backoff : 6 = 0;   // how often the RTO has been doubled

    /// Takes a sample of new, unretransmitted data; that also ends the back-off (6298 5, last
    /// note).
    constexpr void sample(std::uint32_t rtt_us) {
        if (!measured) {
            // 6298 2.2
            srtt_us = rtt_us;
            rttvar_us = rtt_us / 2;
            measured = true;
        } else {
            // 6298 2.3: RTTVAR before SRTT; beta 1/4, alpha 1/8.
            const std::uint32_t error = rtt_us > srtt_us ? rtt_us - srtt_us : srtt_us - rtt_us;
            rttvar_us = rttvar_us - rttvar_us / 4 + error / 4;
            srtt_us = srtt_us - srtt_us / 8 + rtt_us / 8;
        }
        backoff = 0;
    }

    /// The timeout without back-off. G of 6298 2.3 is no tick of ours, but the coarsest of what is
    /// measured: a delayed ACK, which an even round trip leaves no room for otherwise. So has Linux
    /// it, whose rto_min bounds the spread and not the sum; who asks for less is given less.
    constexpr std::uint32_t base_ms(const Config& config) const {
        if (!measured) {
            const std::uint32_t first = syn_was_lost ? kAfterLostSynMs : config.rto_initial_ms;
            return std::max<std::uint32_t>(first, own_min_ms);
        }
        const std::uint32_t least_ms = own_min_ms != 0 ? own_min_ms : config.rto_min_ms;
        const std::uint32_t held_ms = srtt_us / 1'000 + std::min(least_ms, kHeldBackAckMs);
        const std::uint32_t spread_us = std::max<std::uint32_t>(1'000, 4 * rttvar_us);
        const std::uint32_t rto_ms = std::max((srtt_us + spread_us + 999) / 1'000, held_ms);
        return std::clamp(rto_ms, least_ms, config.rto_max_ms);
    }

    /// The timeout to arm now: doubled `backoff` times, up to the maximum.
    constexpr std::uint32_t rto_ms(const Config& config) const {
        return doubled_ms(base_ms(config), backoff, config.rto_max_ms);
    }

    constexpr void back_off() {
        if (backoff < 31) ++backoff;
    }
};

/// How long `retries` doublings from the minimum take: what tcp_retries2 means in time (D-18).
constexpr std::uint32_t elapsed_of_retries_ms(const Config& config, std::uint32_t retries) {
    std::uint32_t total = 0;
    std::uint32_t rto = config.rto_min_ms;
    for (std::uint32_t i = 0; i <= retries; ++i) {
        total += rto;
        rto = std::min(rto * 2, config.rto_max_ms);
    }
    return total;
}

}  // namespace lastack::tcp
