// ICMP that we send: echo replies, and errors about protocols that nobody here speaks.
#include <array>

#include "ip/icmp_output.hpp"
#include "stack/ip_layer.hpp"
#include "wire/icmp.hpp"

namespace lastack::stack {

using base::Counter;

namespace {

constexpr std::size_t kMostPieces = 16;

}  // namespace

/// RFC 1122 3.2.2.6: the same identifier, sequence number and data, from the address that was
/// asked. The data is not copied, it is sent from the buffers it came in. DF and the IP
/// identification are the request's: its sender chose them so that they are right between the two
/// of us (I-6).
void IpLayer::answer_echo(const wire::Ipv4View& request, std::span<const OutPiece> message,
                          time::Instant now) {
    if (!echo_limit_.take(now)) {
        counters_->add(Counter::IcmpEchoRateLimited);
        return;
    }
    const auto view = wire::IcmpView::parse(message[0].bytes);
    LA_ASSERT(view && message.size() <= kMostPieces);
    std::array<OutPiece, kMostPieces> data{};
    std::copy(message.begin(), message.end(), data.begin());
    data[0].bytes = view->echo_data();

    std::array<std::byte, wire::kIcmpHeaderBytes> icmp{};
    wire::emit_echo_reply({view->echo_identifier(), view->echo_sequence()}, {}, icmp);
    const std::size_t at = wire::icmp_layout::kChecksum;
    wire::Checksum sum(static_cast<std::uint16_t>(~wire::get16(icmp, at)));
    for (const OutPiece& piece : std::span(data).first(message.size())) sum.add(piece.bytes);
    wire::put16(icmp, at, sum.finish());

    wire::Ipv4Header header = request.header();
    header.source = request.destination();
    header.destination = request.source();
    header.time_to_live = ttl_;
    header.ecn = 0;
    const std::size_t data_bytes = request.payload_bytes() - wire::kIcmpHeaderBytes;
    header.total_bytes =
        static_cast<std::uint16_t>(wire::kIpv4HeaderBytes + icmp.size() + data_bytes);
    const SendResult sent = send_icmp(header, icmp, std::span(data).first(message.size()), now);
    if (sent == SendResult::Sent || sent == SendResult::Waiting) {
        counters_->add(Counter::IcmpOutEchoReps);
    }
}

void IpLayer::report_unreachable(const wire::Ipv4View& datagram, time::Instant now) {
    if (!error_limit_.take(now)) {
        counters_->add(Counter::IcmpOutRateLimited);
        return;
    }
    std::array<std::byte, wire::kIcmpHeaderBytes + ip::kQuotationMaxBytes> icmp;
    const std::size_t icmp_bytes =
        wire::emit_icmp_error(ip::unreachable(datagram.protocol()), ip::quotation(datagram), icmp);
    const wire::Ipv4Header header{
        .source = datagram.destination(),
        .destination = datagram.source(),
        .protocol = wire::ip_protocol::kIcmp,
        .time_to_live = ttl_,
        .total_bytes = static_cast<std::uint16_t>(wire::kIpv4HeaderBytes + icmp_bytes)};
    const SendResult sent = send_icmp(header, std::span(icmp).first(icmp_bytes), {}, now);
    if (sent == SendResult::Sent || sent == SendResult::Waiting) {
        counters_->add(Counter::IcmpOutDestUnreachs);
    }
}

/// `icmp` is the message's beginning, `text` the rest of it.
SendResult IpLayer::send_icmp(const wire::Ipv4Header& header, base::Bytes icmp,
                              std::span<const OutPiece> text, time::Instant now) {
    counters_->add(Counter::IpOutRequests);
    const auto path = route(header.destination, header.source);
    if (!path) {
        counters_->add(Counter::IpOutNoRoutes);
        return SendResult::NoRoute;
    }
    if (header.total_bytes > path->mtu) {  // it came in a larger frame than ours may be
        counters_->add(Counter::IpOutDiscards);
        return SendResult::NoRoute;
    }
    std::array<std::byte, ip::kWaitingHeaderBytes> room;
    const std::uint8_t l2_bytes = link_bytes(path->interface);
    const std::span header_room =
        std::span(room).first(l2_bytes + wire::kIpv4HeaderBytes + icmp.size());
    wire::emit(header, header_room.subspan(l2_bytes));
    std::copy(icmp.begin(), icmp.end(), header_room.begin() + l2_bytes + wire::kIpv4HeaderBytes);
    OutFrame frame;
    frame.header = header_room;
    frame.text = text;
    frame.text_bytes =
        static_cast<std::uint32_t>(header.total_bytes - wire::kIpv4HeaderBytes - icmp.size());
    frame.port = interfaces_[path->interface].port;
    frame.l2_bytes = l2_bytes;
    frame.l3_bytes = wire::kIpv4HeaderBytes;
    ip::NeighbourHint nobody = ip::kNoNeighbour;
    return send_datagram(frame, *path, nobody, now);
}

}  // namespace lastack::stack
