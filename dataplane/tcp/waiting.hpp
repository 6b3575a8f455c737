// How long a connection has waited for the peer, and may wait on: what the retransmission and the
// persist timer have in common (RFC 9293 3.8.3; requirement D-22).
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

/// The next wait: `wished_ms`, shortened where the user timeout ends sooner. Where it is over
/// already, our own timer was late, and the peer has a whole wait to answer in (K-38).
inline std::uint32_t wait_ms(const Env& env, const Tcb& tcb, std::uint32_t wished_ms) {
    if (tcb.user_timeout_ms == 0) return wished_ms;
    const std::uint32_t elapsed = elapsed_ms(env, tcb);
    if (elapsed >= tcb.user_timeout_ms) return wished_ms;
    return std::min(wished_ms, tcb.user_timeout_ms - elapsed);
}

}  // namespace lastack::tcp
