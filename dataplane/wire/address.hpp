// Link and network addresses as values in host byte order.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace lastack::wire {

struct MacAddress {
    std::array<std::uint8_t, 6> octets{};

    constexpr bool is_multicast() const { return (octets[0] & 1) != 0; }  // broadcast included
    constexpr bool is_broadcast() const { return *this == broadcast(); }
    constexpr bool is_zero() const { return *this == MacAddress{}; }
    static constexpr MacAddress broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
    constexpr bool operator==(const MacAddress&) const = default;
};

struct Ipv4Address {
    std::uint32_t value = 0;  // 198.18.0.1 is 0xc6120001

    constexpr bool is_unspecified() const { return value == 0; }
    constexpr bool is_this_network() const { return (value >> 24) == 0; }  // 0/8
    constexpr bool is_loopback() const { return (value >> 24) == 127; }    // 127/8
    constexpr bool is_multicast() const { return (value >> 28) == 0xe; }   // 224/4
    constexpr bool is_limited_broadcast() const { return value == 0xffff'ffff; }
    constexpr bool is_reserved() const { return (value >> 28) == 0xf; }  // 240/4
    constexpr auto operator<=>(const Ipv4Address&) const = default;
};

struct Ipv6Address {
    std::array<std::uint8_t, 16> octets{};

    constexpr bool is_multicast() const { return octets[0] == 0xff; }
    constexpr bool is_unspecified() const { return *this == Ipv6Address{}; }
    constexpr auto operator<=>(const Ipv6Address&) const = default;
};

/// A network: the addresses that share the first `length` bits with `address`.
struct Ipv4Prefix {
    Ipv4Address address;
    std::uint8_t length = 32;

    constexpr std::uint32_t mask() const { return length == 0 ? 0 : 0xffff'ffffU << (32 - length); }
    constexpr bool contains(Ipv4Address other) const {
        return ((address.value ^ other.value) & mask()) == 0;
    }
    /// The directed broadcast address; /31 and /32 have none (RFC 3021).
    constexpr bool is_broadcast(Ipv4Address other) const {
        return length < 31 && contains(other) && (other.value | mask()) == 0xffff'ffff;
    }
    constexpr bool operator==(const Ipv4Prefix&) const = default;
};

}  // namespace lastack::wire
