// What a path carries, in octets, and which word about it is believed (RFC 1191; RFC 9293 3.7.5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "tcp/env.hpp"

namespace lastack::tcp {

/// The headers of IPv4 and TCP without options: what an MSS is less than an MTU.
inline constexpr std::uint16_t kHeaderBytes = 40;

/// A peer's MSS counts at least as this: 48 octets of text beside all options (G-12).
inline constexpr std::uint16_t kSmallestMss = 88;

/// No path is believed to carry less: RFC 1191 3 has 68, what every path carries has a margin.
inline constexpr std::uint16_t kSmallestPathMtu = 552;

/// A router older than RFC 1191 does not say how much is too big: the next of the common sizes
/// below `mtu` (RFC 1191 7.1, less those below our floor), 0 below the smallest.
constexpr std::uint16_t plateau_below(std::uint32_t mtu) {
    constexpr std::array<std::uint16_t, 8> kPlateaus{32'000, 17'914, 8'166, 4'352,
                                                     2'002,  1'492,  1'006, kSmallestPathMtu};
    for (const std::uint16_t plateau : kPlateaus) {
        if (plateau < mtu) return plateau;
    }
    return 0;
}

/// Of a path of which nothing was said: the next hop's MTU has no room for more.
inline constexpr std::uint16_t kAnyMss = 0xffff;

/// What a router has said of a path is believed for ten minutes (RFC 1191 6.3, H-36).
inline constexpr std::uint32_t kPathBelievedMs = 600'000;

/// The MSS of a path that is said to carry `next_hop_mtu`, 0 where the router did not say how much,
/// and too little for `bound`; nothing where that is too little to be believed, or no less than
/// `bound` has already. Counted either way.
inline std::optional<std::uint16_t> narrower_mss(Env& env, std::uint16_t next_hop_mtu,
                                                 std::uint16_t bound) {
    const std::uint16_t mtu =
        next_hop_mtu != 0 ? next_hop_mtu : plateau_below(bound + std::uint32_t{kHeaderBytes});
    if (mtu < kSmallestPathMtu || mtu - kHeaderBytes >= bound) {
        env.count(base::Counter::PmtuRejected);
        return std::nullopt;
    }
    env.count(base::Counter::PmtuReduced);
    return static_cast<std::uint16_t>(mtu - kHeaderBytes);
}

}  // namespace lastack::tcp
