// Initial sequence numbers (RFC 6528) and timestamp offsets (RFC 7323 7.1, requirement C-30).
//
// Both are keyed hashes of the four-tuple, each under a key of its own. The ISN adds a clock of
// 4 microseconds that goes on over the connections of a tuple, so a later one begins beyond an
// earlier one; the timestamp offset stays the same for a tuple, so TSval never runs backwards.
#pragma once

#include <cstdint>
#include <span>

#include "base/siphash.hpp"
#include "time/instant.hpp"
#include "wire/seq.hpp"

namespace lastack::tcp {

/// ISN = M + F(tuple, secret). `tuple` holds addresses and ports, packed by the caller.
constexpr wire::Seq initial_sequence(base::SipKey secret, std::span<const std::uint64_t> tuple,
                                     time::Instant now) {
    const auto m = static_cast<std::uint32_t>(now.time_since_epoch().count() / 4'000);
    return wire::Seq(m + static_cast<std::uint32_t>(base::siphash(secret, tuple)));
}

constexpr std::uint32_t timestamp_offset(base::SipKey secret,
                                         std::span<const std::uint64_t> tuple) {
    return static_cast<std::uint32_t>(base::siphash(secret, tuple) >> 32);
}

}  // namespace lastack::tcp
