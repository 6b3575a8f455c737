// SYN cookies (RFC 4987 3.6; requirements G-27 to G-30): a half-open connection that nobody
// remembers.
//
// What must be known when the third segment comes is in the numbers it brings back:
//
//     ISS    | period 1 | MSS index 3 | MAC 28 |    under a key of its own, over tuple, IRS, period
//     TSval  | ................. | sack 1 | shift 4 |    its low bits, where the peer has
//     timestamps
//
// A period lasts 64 s; the current and the previous one are accepted, so a cookie lives from one to
// two minutes. Without timestamps SACK and window scaling are given up (G-28). Pure functions of
// their arguments and the time: sending a cookie stores nothing.
#pragma once

#include <array>
#include <optional>

#include "base/siphash.hpp"
#include "tcp/arrive.hpp"

namespace lastack::tcp {

inline constexpr std::uint32_t kCookiePeriodMs = 64'000;

struct CookieFacts {
    base::SipKey key;
    std::array<std::uint64_t, 2> tuple{};  // addresses and ports, packed by the caller
    std::uint32_t ts_offset = 0;
};

/// The SYN,ACK whose ISS is a cookie for `syn`.
wire::TcpHeader compose_cookie(Env& env, const CookieFacts& facts, const Segment& syn);

/// Whether the ACK field of `ack` brings back a cookie of ours that is still good.
bool is_cookie(const Env& env, const CookieFacts& facts, const Segment& ack);

/// What `ack`, whose cookie is good, completes: a record in SYN-RECEIVED, as if it had been there
/// all the time. Give it to open(), then let the Tcb have the segment.
SynRecord redeem_cookie(Env& env, const CookieFacts& facts, const Segment& ack);

}  // namespace lastack::tcp
