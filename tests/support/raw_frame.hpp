// Frames for tests, octet by octet, made without wire/: so a test of what reads them is not a test
// of the code against itself.
//
//     const auto frame = raw::ethernet({.type = 0x0800}, raw::ipv4({.ttl = 0}, raw::tcp({})));
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <vector>

namespace lastack::test::raw {

using Octets = std::vector<std::byte>;
using Mac = std::array<std::uint8_t, 6>;

inline constexpr Mac kOurMac{0x02, 0, 0, 0, 0, 0x01};
inline constexpr Mac kPeerMac{0x02, 0, 0, 0, 0, 0x99};
inline constexpr Mac kBroadcastMac{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

/// 198.18.0.x
constexpr std::uint32_t net18(std::uint8_t host) {
    return 0xc612'0000U | host;
}
inline constexpr std::uint32_t kOurs = net18(1);
inline constexpr std::uint32_t kPeer = net18(99);

inline void put8(Octets& out, std::uint32_t value) {
    out.push_back(static_cast<std::byte>(value & 0xff));
}
inline void put16(Octets& out, std::uint32_t value) {
    put8(out, value >> 8);
    put8(out, value);
}
inline void put32(Octets& out, std::uint32_t value) {
    put16(out, value >> 16);
    put16(out, value);
}
inline void append(Octets& out, std::span<const std::byte> more) {
    out.insert(out.end(), more.begin(), more.end());
}
inline Octets octets(std::initializer_list<std::uint8_t> values) {
    Octets out;
    for (const std::uint8_t value : values) put8(out, value);
    return out;
}
inline void set16(Octets& out, std::size_t at, std::uint32_t value) {
    out[at] = static_cast<std::byte>(value >> 8 & 0xff);
    out[at + 1] = static_cast<std::byte>(value & 0xff);
}

/// RFC 1071, the slow and obvious way.
inline std::uint16_t checksum(std::span<const std::byte> bytes, std::uint32_t start = 0) {
    std::uint32_t sum = start;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto value = std::to_integer<std::uint32_t>(bytes[i]);
        sum += i % 2 == 0 ? value << 8 : value;
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(~sum & 0xffff);
}

struct Ethernet {
    Mac destination = kOurMac;
    Mac source = kPeerMac;
    std::optional<std::uint16_t> vlan{};
    std::uint16_t type = 0x0800;
};

inline Octets ethernet(const Ethernet& fields, std::span<const std::byte> payload) {
    Octets out;
    for (const std::uint8_t octet : fields.destination) put8(out, octet);
    for (const std::uint8_t octet : fields.source) put8(out, octet);
    if (fields.vlan) {
        put16(out, 0x8100);
        put16(out, *fields.vlan);
    }
    put16(out, fields.type);
    append(out, payload);
    return out;
}

struct Ipv4 {
    std::uint32_t source = kPeer;
    std::uint32_t destination = kOurs;
    std::uint8_t protocol = 6;
    std::uint8_t version = 4;
    std::uint8_t ttl = 64;
    std::uint8_t dscp_ecn = 0;
    std::uint16_t identification = 0;
    std::uint16_t fragment = 0x4000;
    Octets options{};                            // a multiple of 4
    std::optional<std::uint8_t> ihl{};           // where it is to be wrong
    std::optional<std::uint16_t> total_bytes{};  // likewise
    std::uint16_t checksum_error = 0;
};

inline Octets ipv4(const Ipv4& fields, std::span<const std::byte> payload) {
    const std::size_t header_bytes = 20 + fields.options.size();
    Octets out;
    const auto ihl = fields.ihl.value_or(static_cast<std::uint8_t>(header_bytes / 4));
    put8(out, static_cast<std::uint32_t>(fields.version << 4 | ihl));
    put8(out, fields.dscp_ecn);
    put16(out,
          fields.total_bytes.value_or(static_cast<std::uint16_t>(header_bytes + payload.size())));
    put16(out, fields.identification);
    put16(out, fields.fragment);
    put8(out, fields.ttl);
    put8(out, fields.protocol);
    put16(out, 0);
    put32(out, fields.source);
    put32(out, fields.destination);
    append(out, fields.options);
    set16(out, 10, static_cast<std::uint32_t>(checksum(out) ^ fields.checksum_error));
    append(out, payload);
    return out;
}

struct Tcp {
    std::uint16_t source_port = 40'000;
    std::uint16_t destination_port = 80;
    std::uint32_t seq = 1'000;
    std::uint8_t flags = 0x02;
};

/// A header without options, the checksum left zero, and `text` behind it.
inline Octets tcp(const Tcp& fields, std::span<const std::byte> text = {}) {
    Octets out;
    put16(out, fields.source_port);
    put16(out, fields.destination_port);
    put32(out, fields.seq);
    put32(out, 0);
    put8(out, 0x50);
    put8(out, fields.flags);
    put16(out, 0xffff);
    put32(out, 0);
    append(out, text);
    return out;
}

/// The sum of a segment's pseudo-header, for checksum().
inline std::uint32_t pseudo_sum(std::uint32_t source, std::uint32_t destination,
                                std::size_t segment_bytes) {
    return (source >> 16) + (source & 0xffff) + (destination >> 16) + (destination & 0xffff) + 6 +
           static_cast<std::uint32_t>(segment_bytes);
}

struct Icmp {
    std::uint8_t type = 8;
    std::uint8_t code = 0;
    std::uint32_t rest = 0x0007'0003;  // identifier 7, sequence 3
    std::uint16_t checksum_error = 0;
};

inline Octets icmp(const Icmp& fields, std::span<const std::byte> data = {}) {
    Octets out;
    put8(out, fields.type);
    put8(out, fields.code);
    put16(out, 0);
    put32(out, fields.rest);
    append(out, data);
    set16(out, 2, static_cast<std::uint32_t>(checksum(out) ^ fields.checksum_error));
    return out;
}

struct Arp {
    std::uint16_t operation = 1;
    Mac sender_mac = kPeerMac;
    std::uint32_t sender_ip = kPeer;
    Mac target_mac{};
    std::uint32_t target_ip = kOurs;
    std::uint16_t hardware = 1;
    std::uint16_t protocol = 0x0800;
    std::uint8_t hardware_bytes = 6;
    std::uint8_t protocol_bytes = 4;
};

inline Octets arp(const Arp& fields) {
    Octets out;
    put16(out, fields.hardware);
    put16(out, fields.protocol);
    put8(out, fields.hardware_bytes);
    put8(out, fields.protocol_bytes);
    put16(out, fields.operation);
    for (const std::uint8_t octet : fields.sender_mac) put8(out, octet);
    put32(out, fields.sender_ip);
    for (const std::uint8_t octet : fields.target_mac) put8(out, octet);
    put32(out, fields.target_ip);
    return out;
}

/// Some octets that are all different for a while.
inline Octets text(std::size_t len_bytes) {
    Octets out;
    for (std::size_t i = 0; i < len_bytes; ++i) put8(out, static_cast<std::uint32_t>(i * 7 + 1));
    return out;
}

}  // namespace lastack::test::raw
