// Ethernet II frames (RFC 894), with at most one 802.1Q tag.
//
//    0        6        12        14
//   | dest   | source | type    | payload ...
//   | dest   | source | 0x8100  | PCP DEI VID | type | payload ...
//                       12        14            16     18
//
// A second tag is not looked into: the type then reads 0x8100, which nobody here speaks. Whether a
// frame is for us, and in our VLAN, is for its interface to say (I-1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "wire/address.hpp"
#include "wire/bytes.hpp"

namespace lastack::wire {

namespace ethernet_layout {
inline constexpr std::size_t kDestination = 0;
inline constexpr std::size_t kSource = 6;
inline constexpr std::size_t kType = 12;
inline constexpr std::size_t kTagControl = 14;
inline constexpr std::size_t kTypeAfterTag = 16;
inline constexpr std::uint16_t kVlanIdMask = 0x0fff;
}  // namespace ethernet_layout

inline constexpr std::size_t kEthernetBytes = 14;
inline constexpr std::size_t kEthernetTaggedBytes = 18;

/// EtherTypes. A plain number on the wire, so plain numbers here.
namespace ether_type {
inline constexpr std::uint16_t kIpv4 = 0x0800;
inline constexpr std::uint16_t kArp = 0x0806;
inline constexpr std::uint16_t kVlan = 0x8100;
inline constexpr std::uint16_t kIpv6 = 0x86dd;
}  // namespace ether_type

struct EthernetHeader {
    MacAddress destination{};
    MacAddress source{};
    std::uint16_t type = 0;               // behind the tag, if there is one
    std::optional<std::uint16_t> vlan{};  // 12 bits; 0 is a tag that carries a priority only

    bool operator==(const EthernetHeader&) const = default;
};

constexpr MacAddress get_mac(ByteView bytes, std::size_t offset) {
    MacAddress mac;
    for (std::size_t i = 0; i < 6; ++i) mac.octets[i] = get8(bytes, offset + i);
    return mac;
}

constexpr void put_mac(MutableBytes bytes, std::size_t offset, const MacAddress& mac) {
    for (std::size_t i = 0; i < 6; ++i) put8(bytes, offset + i, mac.octets[i]);
}

/// A frame that is long enough for its header.
class EthernetView {
  public:
    /// nullopt where the frame ends inside the header or the tag.
    static constexpr std::optional<EthernetView> parse(ByteView frame) {
        if (frame.size() < kEthernetBytes) return std::nullopt;
        const bool tagged = get16(frame, ethernet_layout::kType) == ether_type::kVlan;
        if (tagged && frame.size() < kEthernetTaggedBytes) return std::nullopt;
        return EthernetView(frame, tagged);
    }

    constexpr MacAddress destination() const {
        return get_mac(frame_, ethernet_layout::kDestination);
    }
    constexpr MacAddress source() const { return get_mac(frame_, ethernet_layout::kSource); }

    constexpr std::uint16_t type() const {
        return get16(frame_, tagged_ ? ethernet_layout::kTypeAfterTag : ethernet_layout::kType);
    }

    constexpr std::optional<std::uint16_t> vlan() const {
        if (!tagged_) return std::nullopt;
        return static_cast<std::uint16_t>(get16(frame_, ethernet_layout::kTagControl) &
                                          ethernet_layout::kVlanIdMask);
    }

    constexpr EthernetHeader header() const { return {destination(), source(), type(), vlan()}; }
    constexpr std::size_t header_bytes() const {
        return tagged_ ? kEthernetTaggedBytes : kEthernetBytes;
    }

    /// Everything behind the header, a short frame's padding included.
    constexpr ByteView payload() const { return frame_.subspan(header_bytes()); }

  private:
    constexpr EthernetView(ByteView frame, bool tagged) : frame_(frame), tagged_(tagged) {}

    ByteView frame_;
    bool tagged_;
};

/// How many bytes emit() will write: 14 or 18.
constexpr std::size_t header_bytes(const EthernetHeader& header) {
    return header.vlan ? kEthernetTaggedBytes : kEthernetBytes;
}

/// Writes the header and returns its length; `out` has room for header_bytes(header). A tag has
/// priority 0.
constexpr std::size_t emit(const EthernetHeader& header, MutableBytes out) {
    put_mac(out, ethernet_layout::kDestination, header.destination);
    put_mac(out, ethernet_layout::kSource, header.source);
    if (!header.vlan) {
        put16(out, ethernet_layout::kType, header.type);
        return kEthernetBytes;
    }
    put16(out, ethernet_layout::kType, ether_type::kVlan);
    put16(out, ethernet_layout::kTagControl,
          static_cast<std::uint16_t>(*header.vlan & ethernet_layout::kVlanIdMask));
    put16(out, ethernet_layout::kTypeAfterTag, header.type);
    return kEthernetTaggedBytes;
}

}  // namespace lastack::wire
