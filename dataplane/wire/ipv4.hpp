// IPv4 headers (RFC 791 3.1).
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   |version|  IHL  |   DSCP    |ECN|         total length          |
//   |        identification         |0|D|M|     fragment offset     |
//   |  time to live |   protocol    |        header checksum        |
//   |                        source address                         |
//   |                      destination address                      |
//   |                   options, padded to 4 (IHL > 5)              |
//
// Invariant of a view: version 4, IHL*4 contiguous octets of header, header <= total length <= what
// has arrived. Octets behind the total length are padding of the link and are not seen (I-1, I-2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/assert.hpp"
#include "wire/address.hpp"
#include "wire/bytes.hpp"
#include "wire/checksum.hpp"

namespace lastack::wire {

namespace ipv4_layout {
inline constexpr std::size_t kVersionIhl = 0;
inline constexpr std::size_t kDscpEcn = 1;
inline constexpr std::size_t kTotalLength = 2;
inline constexpr std::size_t kIdentification = 4;
inline constexpr std::size_t kFragment = 6;
inline constexpr std::size_t kTimeToLive = 8;
inline constexpr std::size_t kProtocol = 9;
inline constexpr std::size_t kChecksum = 10;
inline constexpr std::size_t kSource = 12;
inline constexpr std::size_t kDestination = 16;
inline constexpr std::size_t kOptions = 20;
inline constexpr std::uint16_t kDontFragment = 0x4000;
inline constexpr std::uint16_t kMoreFragments = 0x2000;
inline constexpr std::uint16_t kOffsetMask = 0x1fff;  // in units of 8 octets
}  // namespace ipv4_layout

inline constexpr std::size_t kIpv4HeaderBytes = 20;

/// Protocol numbers.
namespace ip_protocol {
inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kTcp = 6;
inline constexpr std::uint8_t kUdp = 17;
}  // namespace ip_protocol

/// A header without options, as we send it.
struct Ipv4Header {
    Ipv4Address source{};
    Ipv4Address destination{};
    std::uint8_t protocol = ip_protocol::kTcp;
    std::uint8_t time_to_live = 64;
    std::uint8_t dscp = 0;  // 6 bits
    std::uint8_t ecn = 0;   // 2 bits
    std::uint16_t identification = 0;
    bool dont_fragment = true;
    std::uint16_t total_bytes = 0;  // header and payload

    constexpr bool operator==(const Ipv4Header&) const = default;
};

/// Why a datagram is none, in the order of the checks.
enum class Ipv4Error : std::uint8_t {
    None,
    TooShort,         // fewer octets than the header says it has, or than 20
    BadVersion,       // not 4
    BadHeaderLength,  // IHL below 5
    BadTotalLength,   // the total length is less than the header's
    Truncated,        // the total length is more than has arrived
    BadChecksum,
};

/// What the options of a header contain that matters to us (I-5).
enum class Ipv4Options : std::uint8_t {
    Harmless,     // none, or only such as a host may ignore
    SourceRoute,  // loose or strict
    Malformed,    // a length of 0 or 1, or one that leads beyond the header
};

struct Ipv4Parse;

class Ipv4View {
  public:
    struct How {
        std::size_t chained_bytes = 0;  // octets of the frame that follow in other buffers
        bool verify_checksum = true;    // false where the port has said that it is good
    };

    /// `packet` is what follows the link header: all of it but How::chained_bytes.
    static Ipv4Parse parse(ByteView packet, How how);
    static Ipv4Parse parse(ByteView packet);

    Ipv4Address source() const { return {get32(datagram_, ipv4_layout::kSource)}; }
    Ipv4Address destination() const { return {get32(datagram_, ipv4_layout::kDestination)}; }
    std::uint8_t protocol() const { return get8(datagram_, ipv4_layout::kProtocol); }
    std::uint8_t time_to_live() const { return get8(datagram_, ipv4_layout::kTimeToLive); }
    std::uint8_t dscp() const {
        return static_cast<std::uint8_t>(get8(datagram_, ipv4_layout::kDscpEcn) >> 2);
    }
    std::uint8_t ecn() const { return get8(datagram_, ipv4_layout::kDscpEcn) & 3; }
    std::uint16_t identification() const { return get16(datagram_, ipv4_layout::kIdentification); }
    std::size_t total_bytes() const { return get16(datagram_, ipv4_layout::kTotalLength); }
    std::size_t header_bytes() const {
        return std::size_t{get8(datagram_, ipv4_layout::kVersionIhl)} % 16 * 4;
    }

    bool dont_fragment() const { return (fragment_field() & ipv4_layout::kDontFragment) != 0; }
    bool more_fragments() const { return (fragment_field() & ipv4_layout::kMoreFragments) != 0; }
    std::size_t fragment_offset_bytes() const {
        return std::size_t{8} * (fragment_field() & ipv4_layout::kOffsetMask);
    }
    /// A piece of a larger datagram, the first one included.
    bool is_fragment() const {
        return (fragment_field() & (ipv4_layout::kMoreFragments | ipv4_layout::kOffsetMask)) != 0;
    }

    ByteView header_span() const { return datagram_.first(header_bytes()); }
    ByteView options() const { return header_span().subspan(ipv4_layout::kOptions); }
    Ipv4Options options_verdict() const {
        return header_bytes() == kIpv4HeaderBytes ? Ipv4Options::Harmless : judge_options();
    }
    bool has_source_route() const { return options_verdict() == Ipv4Options::SourceRoute; }

    /// The contiguous part of the payload: all payload_bytes() of it unless buffers are chained.
    ByteView payload() const { return datagram_.subspan(header_bytes()); }
    std::size_t payload_bytes() const { return total_bytes() - header_bytes(); }

    /// The fields, without options and fragmentation.
    Ipv4Header header() const;

  private:
    explicit Ipv4View(ByteView datagram) : datagram_(datagram) {}
    std::uint16_t fragment_field() const { return get16(datagram_, ipv4_layout::kFragment); }
    Ipv4Options judge_options() const;

    ByteView datagram_;  // ends with the datagram or with its first buffer
};

/// A view, or the reason why there is none.
struct Ipv4Parse {
    std::optional<Ipv4View> view;
    Ipv4Error error = Ipv4Error::None;

    explicit operator bool() const { return view.has_value(); }
};

/// Writes the 20 octets with their checksum and returns 20; `out` has room for them.
inline std::size_t emit(const Ipv4Header& header, MutableBytes out) {
    LA_ASSERT(out.size() >= kIpv4HeaderBytes);
    SummedWords words(out);
    words.put16(ipv4_layout::kVersionIhl, 0x4500U | (header.dscp & 63U) << 2 | (header.ecn & 3U));
    words.put16(ipv4_layout::kTotalLength, header.total_bytes);
    words.put16(ipv4_layout::kIdentification, header.identification);
    words.put16(ipv4_layout::kFragment, header.dont_fragment ? ipv4_layout::kDontFragment : 0U);
    words.put16(ipv4_layout::kTimeToLive,
                std::uint32_t{header.time_to_live} << 8 | header.protocol);
    words.put32(ipv4_layout::kSource, header.source.value);
    words.put32(ipv4_layout::kDestination, header.destination.value);
    put16(out, ipv4_layout::kChecksum, static_cast<std::uint16_t>(~words.sum()));
    return kIpv4HeaderBytes;
}

/// Where TCP's or ICMP's pseudo-header comes from.
inline PseudoHeader4 pseudo_header(const Ipv4View& view) {
    return {.source = view.source(),
            .destination = view.destination(),
            .protocol = view.protocol(),
            .bytes = static_cast<std::uint32_t>(view.payload_bytes())};
}

inline Ipv4Parse Ipv4View::parse(ByteView packet, How how) {
    if (packet.size() < kIpv4HeaderBytes) return {std::nullopt, Ipv4Error::TooShort};
    const std::uint8_t version_ihl = get8(packet, ipv4_layout::kVersionIhl);
    if (version_ihl >> 4 != 4) return {std::nullopt, Ipv4Error::BadVersion};
    const std::size_t header_bytes = std::size_t{version_ihl} % 16 * 4;
    if (header_bytes < kIpv4HeaderBytes) return {std::nullopt, Ipv4Error::BadHeaderLength};
    if (header_bytes > packet.size()) return {std::nullopt, Ipv4Error::TooShort};
    const std::size_t total_bytes = get16(packet, ipv4_layout::kTotalLength);
    if (total_bytes < header_bytes) return {std::nullopt, Ipv4Error::BadTotalLength};
    if (total_bytes > packet.size() + how.chained_bytes) {
        return {std::nullopt, Ipv4Error::Truncated};
    }
    if (how.verify_checksum && checksum(packet.first(header_bytes)) != 0) {
        return {std::nullopt, Ipv4Error::BadChecksum};
    }
    const std::size_t seen = total_bytes < packet.size() ? total_bytes : packet.size();
    return {Ipv4View(packet.first(seen)), Ipv4Error::None};
}

inline Ipv4Parse Ipv4View::parse(ByteView packet) {
    return parse(packet, How{});
}

}  // namespace lastack::wire
