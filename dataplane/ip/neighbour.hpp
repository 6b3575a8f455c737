// The words of the neighbour cache: states, keys, hints, times, rows and questions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "time/instant.hpp"
#include "wire/address.hpp"

namespace lastack::ip {

enum class NeighbourState : std::uint8_t { Free, Incomplete, Reachable, Stale, Probe, Failed };

struct NeighbourKey {
    wire::Ipv4Address address;
    std::uint8_t interface = 0;
    constexpr bool operator==(const NeighbourKey&) const = default;
};

/// A neighbour's place in the cache and the life it had there; an outdated one is recognised.
using NeighbourHint = std::uint32_t;
inline constexpr NeighbourHint kNoNeighbour = 0xffff'ffff;
inline constexpr std::uint32_t kMaxNeighbours = 1U << 20;

/// RFC 1122 2.3.2.1 asks for at most one request per second and neighbour.
inline constexpr time::Duration kArpInterval = std::chrono::seconds(1);
inline constexpr std::uint8_t kArpTries = 3;
inline constexpr time::Duration kArpFailedHold = std::chrono::seconds(3);
inline constexpr time::Duration kArpProbeDelay = std::chrono::seconds(5);  // RFC 4861's, kept
inline constexpr time::Duration kArpStaleHold = std::chrono::seconds(60);

struct NeighbourRow {
    NeighbourKey key;
    NeighbourState state = NeighbourState::Free;
    wire::MacAddress mac;  // zero for Incomplete and Failed
    std::uint32_t waiting_frames = 0;
    std::uint32_t idle_ms = 0;  // since it was last used, to within a second
};

/// A question to put on the wire: who has `key.address`? To one station, or to all.
struct ArpQuestion {
    NeighbourKey key;
    std::optional<wire::MacAddress> unicast;
};

}  // namespace lastack::ip
