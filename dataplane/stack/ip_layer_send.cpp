// Segments out: headers and checksums in one buffer on the stack, the text by reference.
#include <algorithm>
#include <array>

#include "stack/ip_layer.hpp"

namespace lastack::stack {

using base::Counter;

namespace {

constexpr std::size_t kTcpChecksum = 16;  // its place in the header

/// Fills the TCP checksum as OutFrame promises. `tcp` is the header, its checksum field zero;
/// `header_sum` its folded sum.
void put_checksum(std::span<std::byte> tcp, std::uint16_t header_sum, const OutSegment& segment,
                  const OutFrame& frame) {
    const bool cut = frame.mss > 0 && frame.text_bytes > frame.mss;
    if (cut && !frame.l4_checksum_by_port) return;  // each frame gets its own from the cutter
    wire::Checksum sum = wire::pseudo_header_sum(
        {.source = segment.local,
         .destination = segment.remote,
         .protocol = wire::ip_protocol::kTcp,
         .bytes = static_cast<std::uint32_t>(tcp.size()) + segment.text_bytes});
    if (frame.l4_checksum_by_port) {
        wire::put16(tcp, kTcpChecksum, sum.sum());
        return;
    }
    sum.add16(header_sum);
    for (const OutPiece& piece : segment.text) sum.add(piece.bytes);
    wire::put16(tcp, kTcpChecksum, sum.finish());
}

}  // namespace

bool IpLayer::is_local(wire::Ipv4Address address) const {
    return ip::owns(interfaces(), address);
}

std::uint8_t IpLayer::number_of(wire::Ipv4Address local) const {
    static_assert(ip::kMaxInterfaces * ip::kMaxAddresses <= 256);
    std::uint8_t number = 0;
    while (local_address(number) != local) {
        ++number;
        LA_ASSERT(number < ip::kMaxInterfaces * ip::kMaxAddresses);
    }
    return number;
}

bool IpLayer::find_path(wire::Ipv4Address remote, wire::Ipv4Address local, Path& path) const {
    // MUST-57, MUST-63 and E-16: whoever asks, nothing of ours goes there.
    if (ip::is_never_a_host(remote)) return false;
    const bool chosen = !local.is_unspecified();
    std::uint32_t owner = base::kNoIndex;
    for (std::uint32_t i = 0; i < interface_count_; ++i) {
        if (interfaces_[i].owns(remote) || interfaces_[i].is_broadcast(remote)) return false;
        if (chosen && interfaces_[i].owns(local)) owner = i;
    }
    if (chosen && owner == base::kNoIndex) return false;
    const auto hop = chosen ? routes_.find(remote, local, static_cast<std::uint8_t>(owner))
                            : routes_.find(remote);
    if (!hop) return false;
    path.source = hop->source;
    path.next_hop = hop->address;
    path.mtu = interfaces_[hop->interface].mtu;
    path.interface = hop->interface;
    return true;
}

SendResult IpLayer::send(const OutSegment& segment, time::Instant now) {
    counters_->add(Counter::IpOutRequests);
    const Path* path = segment.path;
    Path found;
    if (path == nullptr) {
        if (!find_path(segment.remote, segment.local, found)) {
            counters_->add(Counter::IpOutNoRoutes);
            return SendResult::NoRoute;
        }
        path = &found;
    }
    LA_ASSERT(path->interface < interface_count_);
    const ip::Interface& out = interfaces_[path->interface];
    alignas(base::kCacheLine) std::array<std::byte, ip::kWaitingHeaderBytes> room;
    const std::uint8_t l2_bytes = link_bytes(path->interface);
    const std::size_t l4_at = l2_bytes + wire::kIpv4HeaderBytes;
    const auto [l4_bytes, l4_sum] =
        wire::emit_summed(segment.header, std::span(room).subspan(l4_at));
    const std::size_t total_bytes = wire::kIpv4HeaderBytes + l4_bytes + segment.text_bytes;
    LA_ASSERT(total_bytes <= 0xffff);
    // DF always: IP never cuts TCP (I-9), and then any identification will do (RFC 6864 4.1).
    wire::emit(wire::Ipv4Header{.source = segment.local,
                                .destination = segment.remote,
                                .protocol = wire::ip_protocol::kTcp,
                                .time_to_live = segment.ttl == 0 ? ttl_ : segment.ttl,
                                .dscp = segment.dscp,
                                .ecn = segment.ecn,
                                .identification = 0,
                                .dont_fragment = true,
                                .total_bytes = static_cast<std::uint16_t>(total_bytes)},
               std::span(room).subspan(l2_bytes));
    const OutFrame frame{.header = std::span(room).first(l4_at + l4_bytes),
                         .text = segment.text,
                         .text_bytes = segment.text_bytes,
                         .mss = segment.mss,
                         .port = out.port,
                         .l2_bytes = l2_bytes,
                         .l3_bytes = wire::kIpv4HeaderBytes,
                         .l4_bytes = static_cast<std::uint8_t>(l4_bytes),
                         .l4_checksum_by_port = out.tcp_checksum_offload};
    put_checksum(frame.header.subspan(l4_at), l4_sum, segment, frame);
    ip::NeighbourHint unknown = ip::kNoNeighbour;
    return send_datagram(frame, *path, segment.neighbour != nullptr ? *segment.neighbour : unknown,
                         now);
}

/// All but the link header is there.
SendResult IpLayer::send_datagram(const OutFrame& frame, const Path& path, ip::NeighbourHint& hint,
                                  time::Instant now) {
    if (!interfaces_[path.interface].up) {
        counters_->add(Counter::IpOutDiscards);
        return SendResult::LinkDown;
    }
    const ip::NeighbourKey key{path.next_hop, path.interface};
    const ip::Neighbours::Resolution found = neighbours_.resolve(key, hint, now);
    switch (found.answer) {
        case ip::Neighbours::Answer::Known:
            break;
        case ip::Neighbours::Answer::Failed:
            counters_->add(Counter::IpOutDiscards);
            return SendResult::Unreachable;
        case ip::Neighbours::Answer::Ask:
            keep_waiting(frame, found.slot, path.interface);
            ask({key, std::nullopt});
            return SendResult::Waiting;
        case ip::Neighbours::Answer::Wait:
            keep_waiting(frame, found.slot, path.interface);
            return SendResult::Waiting;
    }
    put_link_header(frame.header, neighbours_.mac(found.slot), wire::ether_type::kIpv4,
                    path.interface);
    transmit(frame);
    return SendResult::Sent;
}

void IpLayer::put_link_header(std::span<std::byte> out, const wire::MacAddress& to,
                              std::uint16_t type, std::uint8_t interface) const {
    const ip::Interface& here = interfaces_[interface];
    wire::EthernetHeader header{.destination = to, .source = here.mac, .type = type};
    if (here.vlan != ip::kUntagged) header.vlan = here.vlan;
    wire::emit(header, out);
}

void IpLayer::keep_waiting(const OutFrame& frame, std::uint32_t neighbour, std::uint8_t interface) {
    std::array<OutPiece, ip::kWaitingPieces> copies;
    std::span<const OutPiece> text = frame.text;
    if (text.size() > ip::kWaitingPieces) {
        text = copy_text(frame, copies);
        if (text.empty()) {
            counters_->add(Counter::ArpWaitDrops);
            counters_->add(Counter::IpOutDiscards);
            return;
        }
    }
    ip::WaitingFrame waiting;
    std::copy(frame.header.begin(), frame.header.end(), waiting.header.begin());
    waiting.header_bytes = static_cast<std::uint8_t>(frame.header.size());
    for (const OutPiece& piece : text) {
        waiting.pieces[waiting.piece_count++] = {
            .buffer = piece.buffer,
            .data = piece.bytes.data(),
            .len_bytes = static_cast<std::uint32_t>(piece.bytes.size())};
    }
    waiting.text_bytes = frame.text_bytes;
    waiting.mss = frame.mss;
    waiting.interface = interface;
    waiting.l2_bytes = frame.l2_bytes;
    waiting.l3_bytes = frame.l3_bytes;
    waiting.l4_bytes = frame.l4_bytes;
    waiting.l4_checksum_by_port = frame.l4_checksum_by_port;
    neighbours_.wait(neighbour, waiting);
    if (text.data() != copies.data()) return;
    for (const OutPiece& piece : text) shell_->release(piece.buffer);  // wait() has retained them
}

// The text of many small sends, copied into few buffers of ours; empty where there is no room for
// it. It must not be dropped: a retransmission that comes less often than neighbours are forgotten
// would find its neighbour unknown every time.
std::span<const OutPiece> IpLayer::copy_text(const OutFrame& frame, std::span<OutPiece> copies) {
    if (frame.text_bytes > copies.size() * shell_->max_bytes()) return {};
    std::size_t count = 0;
    std::span<std::byte> room;
    std::uint32_t left = frame.text_bytes;
    for (const OutPiece& piece : frame.text) {
        for (base::Bytes bytes = piece.bytes; !bytes.empty();) {
            if (room.empty()) {
                const std::size_t size = std::min<std::size_t>(left, shell_->max_bytes());
                const base::BufferRef buffer = shell_->allocate(size);
                if (buffer == nullptr) {
                    while (count > 0) shell_->release(copies[--count].buffer);
                    return {};
                }
                room = shell_->room(buffer).first(size);
                copies[count++] = {buffer, room};
            }
            const std::size_t size = std::min(room.size(), bytes.size());
            std::copy_n(bytes.data(), size, room.data());
            room = room.subspan(size);
            bytes = bytes.subspan(size);
            left -= static_cast<std::uint32_t>(size);
        }
    }
    return copies.first(count);
}

void IpLayer::send_waiting(std::uint32_t neighbour) {
    while (neighbours_.anyone_waits(neighbour)) {
        ip::WaitingFrame& waiting = neighbours_.oldest_waiting(neighbour);
        std::array<OutPiece, ip::kWaitingPieces> text;
        for (std::size_t i = 0; i < waiting.piece_count; ++i) {
            text[i] = {waiting.pieces[i].buffer, waiting.pieces[i].bytes()};
        }
        const std::span header = std::span(waiting.header).first(waiting.header_bytes);
        put_link_header(header, neighbours_.mac(neighbour), wire::ether_type::kIpv4,
                        waiting.interface);
        transmit({.header = header,
                  .text = std::span(text).first(waiting.piece_count),
                  .text_bytes = waiting.text_bytes,
                  .mss = waiting.mss,
                  .port = interfaces_[waiting.interface].port,
                  .l2_bytes = waiting.l2_bytes,
                  .l3_bytes = waiting.l3_bytes,
                  .l4_bytes = waiting.l4_bytes,
                  .l4_checksum_by_port = waiting.l4_checksum_by_port});
        neighbours_.drop_oldest_waiting(neighbour);
    }
}

void IpLayer::transmit(const OutFrame& frame) {
    counters_->add(Counter::LinkOutFrames);
    shell_->transmit(frame);
}

}  // namespace lastack::stack
