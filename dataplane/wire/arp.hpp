// ARP for IPv4 over Ethernet (RFC 826): 28 octets, all of them fields.
//
//    0       2       4    5    6           8            14          18           24          28
//   | htype | ptype | hl | pl | operation | sender MAC | sender IP | target MAC | target IP |
//
// A packet that says it is about anything but Ethernet and IPv4, or asks anything but "request" or
// "reply", is not an ArpPacket. Whether its addresses make sense is for ip/ to judge (I-14).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "wire/address.hpp"
#include "wire/bytes.hpp"
#include "wire/ethernet.hpp"

namespace lastack::wire {

namespace arp_layout {
inline constexpr std::size_t kHardwareType = 0;
inline constexpr std::size_t kProtocolType = 2;
inline constexpr std::size_t kHardwareLength = 4;
inline constexpr std::size_t kProtocolLength = 5;
inline constexpr std::size_t kOperation = 6;
inline constexpr std::size_t kSenderMac = 8;
inline constexpr std::size_t kSenderIp = 14;
inline constexpr std::size_t kTargetMac = 18;
inline constexpr std::size_t kTargetIp = 24;
inline constexpr std::uint16_t kEthernetHardware = 1;
}  // namespace arp_layout

inline constexpr std::size_t kArpBytes = 28;

enum class ArpOperation : std::uint16_t { Request = 1, Reply = 2 };

struct ArpPacket {
    ArpOperation operation = ArpOperation::Request;
    MacAddress sender_mac{};
    Ipv4Address sender_ip{};
    MacAddress target_mac{};
    Ipv4Address target_ip{};

    constexpr bool operator==(const ArpPacket&) const = default;

    /// nullopt where the payload is too short, or a type, a length or the operation is not one of
    /// ours. Octets behind the packet are padding.
    static constexpr std::optional<ArpPacket> parse(ByteView payload) {
        if (payload.size() < kArpBytes) return std::nullopt;
        if (get16(payload, arp_layout::kHardwareType) != arp_layout::kEthernetHardware ||
            get16(payload, arp_layout::kProtocolType) != ether_type::kIpv4 ||
            get8(payload, arp_layout::kHardwareLength) != 6 ||
            get8(payload, arp_layout::kProtocolLength) != 4) {
            return std::nullopt;
        }
        const std::uint16_t operation = get16(payload, arp_layout::kOperation);
        if (operation != 1 && operation != 2) return std::nullopt;
        return ArpPacket{.operation = static_cast<ArpOperation>(operation),
                         .sender_mac = get_mac(payload, arp_layout::kSenderMac),
                         .sender_ip = {get32(payload, arp_layout::kSenderIp)},
                         .target_mac = get_mac(payload, arp_layout::kTargetMac),
                         .target_ip = {get32(payload, arp_layout::kTargetIp)}};
    }
};

/// Writes the 28 octets and returns 28; `out` has room for them.
constexpr std::size_t emit(const ArpPacket& packet, MutableBytes out) {
    put16(out, arp_layout::kHardwareType, arp_layout::kEthernetHardware);
    put16(out, arp_layout::kProtocolType, ether_type::kIpv4);
    put8(out, arp_layout::kHardwareLength, 6);
    put8(out, arp_layout::kProtocolLength, 4);
    put16(out, arp_layout::kOperation, static_cast<std::uint16_t>(packet.operation));
    put_mac(out, arp_layout::kSenderMac, packet.sender_mac);
    put32(out, arp_layout::kSenderIp, packet.sender_ip.value);
    put_mac(out, arp_layout::kTargetMac, packet.target_mac);
    put32(out, arp_layout::kTargetIp, packet.target_ip.value);
    return kArpBytes;
}

}  // namespace lastack::wire
