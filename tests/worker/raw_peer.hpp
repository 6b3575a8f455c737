// The other end of a connection, made by hand: frames out of values, values out of frames.
#pragma once

#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/arp.hpp"
#include "wire/checksum.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace lastack::worker {

inline constexpr wire::MacAddress kPeerMac{{2, 0, 0, 0, 0, 0x99}};
inline constexpr wire::MacAddress kOurMac{{2, 0, 0, 0, 0, 1}};
inline constexpr wire::Ipv4Address kPeerAddress{0xc6120002};  // 198.18.0.2
inline constexpr wire::Ipv4Address kOurAddress{0xc6120001};

/// What the peer says or hears.
struct Said {
    std::uint8_t flags = 0;
    std::uint32_t seq = 0;
    std::uint32_t ack = 0;
    std::string text{};
};

inline wire::MutableBytes writable(std::string& text) {
    return {reinterpret_cast<std::byte*>(text.data()), text.size()};
}
inline wire::ByteView readable(std::string_view text) {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string ethernet_with(std::uint16_t type, std::string_view payload) {
    std::string out(14, '\0');
    wire::emit(wire::EthernetHeader{.destination = kOurMac, .source = kPeerMac, .type = type},
               writable(out));
    return out.append(payload);
}

/// A TCP segment from the peer's `port` to ours, in its frame.
inline std::string frame_of(const Said& said, std::uint16_t port, std::uint16_t our_port) {
    wire::TcpHeader header;
    header.source_port = port;
    header.destination_port = our_port;
    header.seq = wire::Seq(said.seq);
    header.ack = wire::Seq(said.ack);
    header.flags = {said.flags};
    header.window = 65'000;
    std::string segment(20, '\0');
    wire::emit(header, writable(segment));
    segment += said.text;
    const auto bytes = static_cast<std::uint32_t>(segment.size());
    wire::Checksum sum = wire::pseudo_header_sum(
        wire::PseudoHeader4{.source = kPeerAddress, .destination = kOurAddress, .bytes = bytes});
    sum.add(readable(segment));
    wire::put16(writable(segment), 16, sum.finish());

    std::string packet(20, '\0');
    wire::emit(wire::Ipv4Header{.source = kPeerAddress,
                                .destination = kOurAddress,
                                .total_bytes = static_cast<std::uint16_t>(20 + bytes)},
               writable(packet));
    return ethernet_with(wire::ether_type::kIpv4, packet + segment);
}

/// "The peer is at its MAC": without being asked, so that nothing has to wait for it.
inline std::string arp_reply_frame() {
    std::string packet(28, '\0');
    wire::emit(wire::ArpPacket{.operation = wire::ArpOperation::Request,
                               .sender_mac = kPeerMac,
                               .sender_ip = kPeerAddress,
                               .target_mac = {},
                               .target_ip = kOurAddress},
               writable(packet));
    return ethernet_with(wire::ether_type::kArp, packet);
}

/// The segment in a frame of ours; nullopt where it is none.
inline std::optional<Said> segment_in(std::string_view frame) {
    const auto ethernet = wire::EthernetView::parse(readable(frame));
    if (!ethernet || ethernet->header().type != wire::ether_type::kIpv4) return std::nullopt;
    const wire::Ipv4Parse ip = wire::Ipv4View::parse(readable(frame).subspan(14));
    if (!ip || ip.view->protocol() != wire::ip_protocol::kTcp) return std::nullopt;
    const auto tcp = wire::TcpView::parse(ip.view->payload());
    if (!tcp) return std::nullopt;
    const wire::TcpHeader header = tcp->header();
    const wire::ByteView text = tcp->text();
    return Said{.flags = header.flags.bits,
                .seq = header.seq.value(),
                .ack = header.ack.value(),
                .text = {reinterpret_cast<const char*>(text.data()), text.size()}};
}

}  // namespace lastack::worker
