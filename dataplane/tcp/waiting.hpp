// How long a connection has waited for the peer, and may wait on: what the retransmission and the
// persist timer have in common (RFC 9293 3.8.3; requirements D-17, D-22).
#pragma once

#include <algorithm>
#include <cstdint>

#include "tcp/env.hpp"
#include "tcp/tcb.hpp"

namespace lastack::tcp {

/// Since the last progress. That instant was rounded up to its tick, and may lie one ahead.
inline std::uint32_t elapsed_ms(const Env& env, const Tcb& tcb) {
    const std::uint32_t elapsed = env.now_ms() - tcb.outstanding_since_ms;
    return ms_before(env.now_ms(), tcb.outstanding_since_ms) ? 0 : elapsed;
}

/// Our SYN has not been answered.
inline bool opening(const Tcb& tcb) {
    return tcb.state.is(State::SynSent) || tcb.state.is(State::SynReceived);
}

/// The limit that is to be met on time, and not at the next retransmission only: the user timeout,
/// or an open's syn_timeout; 0: none.
inline std::uint32_t punctual_limit_ms(const Env& env, const Tcb& tcb) {
    const std::uint32_t user_ms = tcb.user_timeout_ms(env.config);
    if (!tcb.syn_unacked || !opening(tcb)) return user_ms;
    const std::uint32_t syn_ms = env.config.syn_timeout_ms;
    return user_ms == 0 || syn_ms == 0 ? std::max(user_ms, syn_ms) : std::min(user_ms, syn_ms);
}

/// The next wait: `wished_ms`, shortened where the limit ends sooner. Where it is over already, our
/// own timer was late, and the peer has a whole wait to answer in (K-38).
inline std::uint32_t wait_ms(const Env& env, const Tcb& tcb, std::uint32_t wished_ms) {
    const std::uint32_t limit_ms = punctual_limit_ms(env, tcb);
    if (limit_ms == 0) return wished_ms;
    const std::uint32_t elapsed = elapsed_ms(env, tcb);
    if (elapsed >= limit_ms) return wished_ms;
    return std::min(wished_ms, limit_ms - elapsed);
}

/// The pause between two probes of a shut window.
inline std::uint32_t persist_ms(const Env& env, const Tcb& tcb) {
    return doubled_ms(tcb.rtt.base_ms(env.config), tcb.persist_backoff, env.config.persist_max_ms);
}

/// How long a window that holds part of a segment is left unused (RFC 9293 3.8.6.2.1): 0.1 to 1
/// second, whatever the back-off of probes (H-29).
inline std::uint32_t override_ms(const Env& env, const Tcb& tcb) {
    return std::clamp(tcb.rtt.rto_ms(env.config), 100U, 1'000U);
}

/// How often an orphan's segment is sent again where `timeout_ms` has just passed in vain (D-17).
/// As long as the time-out still grows there is hope; after that, and after a word of the network's
/// that nobody is there, there is none.
inline std::uint8_t orphan_retries(const Env& env, const Tcb& tcb, std::uint32_t timeout_ms) {
    constexpr std::uint8_t kUnlessConfigured = 8;  // 102 s at an RTO of 200 ms
    const bool alive = timeout_ms < env.config.rto_max_ms;
    if (!alive && tcb.soft_error != End::None) return 0;
    if (env.config.orphan_retries != 0) return env.config.orphan_retries;
    return alive ? kUnlessConfigured : std::uint8_t{0};
}

}  // namespace lastack::tcp
