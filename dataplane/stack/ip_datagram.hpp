// What passes between the IP layer and TCP: datagrams up, segments down, and how the latter fared.
#pragma once

#include <cstdint>
#include <span>
#include <variant>

#include "base/buffer.hpp"
#include "ip/icmp_error.hpp"
#include "ip/neighbour.hpp"
#include "stack/shell.hpp"
#include "wire/address.hpp"
#include "wire/flow_key.hpp"
#include "wire/tcp.hpp"

namespace lastack::stack {

/// The frame was answered or dropped, and its buffer released.
struct Consumed {};

/// A TCP segment for us. The receiver of this owns the frame's buffer.
struct TcpDatagram {
    wire::FlowKey4 key;               // local is the destination
    base::Bytes first;                // header and text as far as they are contiguous: >= 20 octets
    std::uint32_t segment_bytes = 0;  // header and text, chained text included; what a chain holds
                                      // beyond is padding
    std::uint8_t interface = 0;
    std::uint8_t dscp = 0;
    std::uint8_t ecn = 0;
    std::uint8_t ttl = 0;
    Checksum l4_checksum = Checksum::Unknown;
};

using Input = std::variant<Consumed, TcpDatagram, ip::IcmpError>;

/// How a remote address is reached.
struct Path {
    wire::Ipv4Address source;    // our address
    wire::Ipv4Address next_hop;  // the remote itself, or a gateway
    std::uint16_t mtu = 0;       // octets of IP datagram
    std::uint8_t interface = 0;

    constexpr bool operator==(const Path&) const = default;
};

/// A TCP segment to send; everything it points to is borrowed for the call.
struct OutSegment {
    wire::Ipv4Address local;
    wire::Ipv4Address remote;
    const wire::TcpHeader& header;
    std::span<const OutPiece> text{};
    std::uint32_t text_bytes = 0;
    std::uint16_t mss = 0;  // where text_bytes exceeds it the frame is cut; 0: never
    std::uint8_t dscp = 0;
    std::uint8_t ecn = 0;
    std::uint8_t ttl = 0;                    // 0: the configured one
    const Path* path = nullptr;              // from route(); looked up where absent
    ip::NeighbourHint* neighbour = nullptr;  // the connection's, kNoNeighbour at first
};

enum class SendResult : std::uint8_t {
    Sent,         // handed to the shell
    Waiting,      // for the neighbour's MAC; it may still be dropped
    NoRoute,      // or a remote address that nothing may be sent to (E-16)
    Unreachable,  // the neighbour answers no ARP: a soft EHOSTUNREACH (I-12)
    LinkDown,
};

}  // namespace lastack::stack
