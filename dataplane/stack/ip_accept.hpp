// The short way into the IP layer: nearly every frame, judged in one go.
//
// Part of ip_layer.hpp, which includes it; apart from it because it is an idea of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/ip_layer.hpp"
#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"

namespace lastack::stack {

inline std::uint32_t IpLayer::find_interface(std::uint8_t port, std::uint16_t vlan) const {
    for (std::uint32_t i = 0; i < interface_count_; ++i) {
        if (interfaces_[i].port == port && interfaces_[i].vlan == vlan) return i;
    }
    return base::kNoIndex;
}

/// What nearly every frame is: untagged, to our MAC, IPv4 without options or fragments, TCP, from a
/// host to an address of that interface. All is read first, then judged together. Whatever is not
/// plainly so goes the long way through receive_otherwise(), which knows every reason; a test holds
/// that both ways agree.
inline bool IpLayer::accept_at_once(const Frame& frame, TcpDatagram& datagram) const {
    namespace v4 = wire::ipv4_layout;
    constexpr std::size_t kLeast =
        wire::kEthernetBytes + wire::kIpv4HeaderBytes + wire::kTcpHeaderBytes;
    const std::uint32_t index = find_interface(frame.port, ip::kUntagged);
    if (frame.bytes.size() < kLeast || index == base::kNoIndex) return false;

    const ip::Interface& here = interfaces_[index];
    const base::Bytes packet = frame.bytes.subspan(wire::kEthernetBytes);
    const std::uint16_t type = wire::get16(frame.bytes, wire::ethernet_layout::kType);
    const std::uint8_t version_ihl = wire::get8(packet, v4::kVersionIhl);
    const std::uint8_t protocol = wire::get8(packet, v4::kProtocol);
    const std::uint16_t fragment = wire::get16(packet, v4::kFragment);
    const std::uint16_t total_bytes = wire::get16(packet, v4::kTotalLength);
    const std::uint8_t ttl = wire::get8(packet, v4::kTimeToLive);
    const wire::Ipv4Address source{wire::get32(packet, v4::kSource)};
    const wire::Ipv4Address destination{wire::get32(packet, v4::kDestination)};

    const bool plain = type == wire::ether_type::kIpv4 && version_ihl == 0x45 &&
                       protocol == wire::ip_protocol::kTcp &&
                       (fragment & (v4::kMoreFragments | v4::kOffsetMask)) == 0 && ttl != 0 &&
                       total_bytes >= wire::kIpv4HeaderBytes + wire::kTcpHeaderBytes &&
                       total_bytes <= packet.size() + frame.chained_bytes;
    if (!plain || wire::get_mac(frame.bytes, 0) != here.mac || !here.owns(destination) ||
        ip::is_never_a_host(source) || here.is_broadcast(source) ||
        ip::owns(interfaces(), source)) {
        return false;
    }
    const bool intact = frame.ip_checksum == Checksum::Good ||
                        (frame.ip_checksum == Checksum::Unknown &&
                         wire::checksum(packet.first(wire::kIpv4HeaderBytes)) == 0);
    if (!intact) return false;

    const std::size_t seen = total_bytes < packet.size() ? total_bytes : packet.size();
    const base::Bytes segment = packet.first(seen).subspan(wire::kIpv4HeaderBytes);
    const std::uint8_t dscp_ecn = wire::get8(packet, v4::kDscpEcn);
    // Field by field, where it will be read: an object would be copied in units that its stores
    // have to be waited for.
    datagram.key.local_address = destination;
    datagram.key.remote_address = source;
    datagram.key.local_port = wire::get16(segment, 2);
    datagram.key.remote_port = wire::get16(segment, 0);
    datagram.first = segment;
    datagram.segment_bytes = static_cast<std::uint32_t>(total_bytes - wire::kIpv4HeaderBytes);
    datagram.interface = static_cast<std::uint8_t>(index);
    datagram.dscp = static_cast<std::uint8_t>(dscp_ecn >> 2);
    datagram.ecn = static_cast<std::uint8_t>(dscp_ecn & 3);
    datagram.ttl = ttl;
    datagram.l4_checksum = frame.l4_checksum;
    return true;
}

}  // namespace lastack::stack
