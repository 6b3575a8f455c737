// What IP knows about one interface: a port, its MAC, and the addresses that live there.
//
// Strong host model (RFC 1122 3.3.4.2): an address belongs to its interface, a datagram for it is
// taken only there, and a datagram from it leaves only there.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "wire/address.hpp"

namespace lastack::ip {

inline constexpr std::size_t kMaxInterfaces = 8;
inline constexpr std::size_t kMaxAddresses = 8;  // of one interface
inline constexpr std::size_t kMaxRoutes = 64;    // configured ones; addresses make more

inline constexpr std::uint16_t kUntagged = 0;  // VLAN id 0 is "no VLAN" on the wire, too

struct Interface {
    std::array<wire::Ipv4Prefix, kMaxAddresses> prefixes{};  // own address and its prefix length
    std::uint8_t address_count = 0;
    std::uint8_t port = 0;
    std::uint16_t vlan = kUntagged;
    std::uint16_t mtu = 1500;
    wire::MacAddress mac;
    bool tcp_checksum_offload = false;
    bool up = true;
    std::uint32_t max_text_bytes = 0;

    std::span<const wire::Ipv4Prefix> addresses() const {
        return std::span(prefixes).first(address_count);
    }
    bool owns(wire::Ipv4Address address) const {
        for (const wire::Ipv4Prefix& own : addresses()) {
            if (own.address == address) return true;
        }
        return false;
    }
    bool is_on_link(wire::Ipv4Address address) const {
        for (const wire::Ipv4Prefix& own : addresses()) {
            if (own.contains(address)) return true;
        }
        return false;
    }
    /// The limited broadcast address, or a directed one of a prefix of this interface.
    bool is_broadcast(wire::Ipv4Address address) const {
        if (address.is_limited_broadcast()) return true;
        for (const wire::Ipv4Prefix& own : addresses()) {
            if (own.is_broadcast(address)) return true;
        }
        return false;
    }
};

/// No host may have this address (RFC 1122 3.2.1.3): nothing comes from it, nothing goes to it.
constexpr bool is_never_a_host(wire::Ipv4Address address) {
    return address.is_this_network() || address.is_loopback() || address.is_multicast() ||
           address.is_reserved();
}

}  // namespace lastack::ip
