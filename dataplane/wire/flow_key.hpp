// The identity of a connection: both addresses and both ports, as seen from our side.
//
// Two shapes, because an IPv4 connection should not pay for IPv6's bytes: 12 and 36 bytes.
#pragma once

#include <cstdint>

#include "wire/address.hpp"

namespace lastack::wire {

struct FlowKey4 {
    Ipv4Address local_address;
    Ipv4Address remote_address;
    std::uint16_t local_port = 0;
    std::uint16_t remote_port = 0;

    constexpr bool operator==(const FlowKey4&) const = default;
};
static_assert(sizeof(FlowKey4) == 12);

struct FlowKey6 {
    Ipv6Address local_address;
    Ipv6Address remote_address;
    std::uint16_t local_port = 0;
    std::uint16_t remote_port = 0;

    constexpr bool operator==(const FlowKey6&) const = default;
};
static_assert(sizeof(FlowKey6) == 36);

}  // namespace lastack::wire
