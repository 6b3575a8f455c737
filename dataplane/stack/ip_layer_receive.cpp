// Frames in, the long way: every reason for not using one has its place here.
#include "stack/ip_layer.hpp"

#include <array>

#include "ip/icmp_input.hpp"
#include "wire/icmp.hpp"

namespace lastack::stack {

using base::Counter;

namespace {

/// A chained ICMP message is gathered, not copied; 16 buffers hold a jumbo frame.
constexpr std::size_t kMostGathered = 16;

/// The octets of an IP payload, and the buffers that were cut from the frame's chain.
struct Gathered {
    std::array<OutPiece, kMostGathered> pieces;
    std::size_t count = 0;
    bool complete = false;
};

Gathered gather(Shell& shell, const Frame& frame, const wire::Ipv4View& datagram) {
    Gathered gathered;
    gathered.pieces[gathered.count++] = {frame.buffer, datagram.payload()};
    std::size_t missing = datagram.payload_bytes() - datagram.payload().size();
    while (missing > 0 && gathered.count < kMostGathered) {
        const auto next = shell.detach_next(gathered.pieces[gathered.count - 1].buffer);
        if (next.buffer == nullptr) break;
        const std::size_t taken = std::min(missing, next.bytes.size());
        gathered.pieces[gathered.count++] = {next.buffer, next.bytes.first(taken)};
        missing -= taken;
    }
    gathered.complete = missing == 0;
    return gathered;
}

}  // namespace

Input IpLayer::drop(const Frame& frame, Counter reason) {
    counters_->add(reason);
    shell_->release(frame.buffer);
    return Consumed{};
}

Input IpLayer::receive_otherwise(const Frame& frame, time::Instant now) {
    const auto ethernet = wire::EthernetView::parse(frame.bytes);
    if (!ethernet) return drop(frame, Counter::LinkInTooShort);
    const std::uint16_t vlan = ethernet->vlan().value_or(ip::kUntagged);
    const std::uint32_t index = find_interface(frame.port, vlan);
    if (index == base::kNoIndex) return drop(frame, why_no_interface(frame.port));

    const wire::MacAddress destination = ethernet->destination();
    const bool broadcast = destination.is_broadcast();
    if (!broadcast && destination != interfaces_[index].mac) {
        return drop(frame, Counter::LinkInNotForUs);
    }
    const auto interface = static_cast<std::uint8_t>(index);
    switch (ethernet->type()) {
        case wire::ether_type::kIpv4:
            return receive_ipv4(
                frame, ethernet->payload(),
                {.interfaces = interfaces(), .interface = interface, .link_broadcast = broadcast},
                now);
        case wire::ether_type::kArp:
            receive_arp(ethernet->payload(), interface, now);
            shell_->release(frame.buffer);
            return Consumed{};
        case wire::ether_type::kIpv6:
            return drop(frame, Counter::LinkInIpv6);
        default:
            return drop(frame, Counter::LinkInUnknownType);
    }
}

Counter IpLayer::why_no_interface(std::uint8_t port) const {
    for (const ip::Interface& interface : interfaces()) {
        if (interface.port == port) return Counter::LinkInWrongVlan;
    }
    return Counter::LinkInUnknownPort;
}

Input IpLayer::receive_ipv4(const Frame& frame, base::Bytes packet, const ip::Arrival& arrival,
                            time::Instant now) {
    counters_->add(Counter::IpInReceives);
    if (frame.ip_checksum == Checksum::Bad) return drop(frame, Counter::IpInCsumErrors);
    const wire::Ipv4Parse parsed =
        wire::Ipv4View::parse(packet, {.chained_bytes = frame.chained_bytes,
                                       .verify_checksum = frame.ip_checksum != Checksum::Good});
    if (!parsed) return drop(frame, ip::reason_of(parsed.error));

    const wire::Ipv4View& datagram = *parsed.view;
    const ip::Ipv4Verdict verdict = ip::judge(datagram, arrival);
    switch (verdict.kind) {
        case ip::Ipv4Verdict::Kind::Drop:
            break;
        case ip::Ipv4Verdict::Kind::Tcp:
            return deliver_tcp(frame, datagram, arrival.interface);
        case ip::Ipv4Verdict::Kind::Icmp:
            return deliver_icmp(frame, datagram, false, now);
        case ip::Ipv4Verdict::Kind::BroadcastIcmp:
            return deliver_icmp(frame, datagram, true, now);
        case ip::Ipv4Verdict::Kind::UnknownProtocol:
            report_unreachable(datagram, now);
            break;
    }
    return drop(frame, verdict.reason);
}

Input IpLayer::deliver_tcp(const Frame& frame, const wire::Ipv4View& datagram,
                           std::uint8_t interface) {
    counters_->add(Counter::IpInDelivers);
    const base::Bytes segment = datagram.payload();
    if (segment.size() < wire::kTcpHeaderBytes) {
        counters_->add(Counter::InSegs);
        return drop(frame, Counter::InErrs);
    }
    return TcpDatagram{.key = {.local_address = datagram.destination(),
                               .remote_address = datagram.source(),
                               .local_port = wire::get16(segment, 2),
                               .remote_port = wire::get16(segment, 0)},
                       .first = segment,
                       .segment_bytes = static_cast<std::uint32_t>(datagram.payload_bytes()),
                       .interface = interface,
                       .dscp = datagram.dscp(),
                       .ecn = datagram.ecn(),
                       .ttl = datagram.time_to_live(),
                       .l4_checksum = frame.l4_checksum};
}

Input IpLayer::deliver_icmp(const Frame& frame, const wire::Ipv4View& datagram, bool broadcast,
                            time::Instant now) {
    counters_->add(Counter::IpInDelivers);
    const Gathered message = gather(*shell_, frame, datagram);
    const std::span pieces = std::span(message.pieces).first(message.count);
    const Input input =
        message.complete ? judge_icmp(datagram, pieces, broadcast, now) : Consumed{};
    if (!message.complete) counters_->add(Counter::IpInDiscards);
    for (const OutPiece& piece : pieces) shell_->release(piece.buffer);
    return input;
}

Input IpLayer::judge_icmp(const wire::Ipv4View& datagram, std::span<const OutPiece> message,
                          bool broadcast, time::Instant now) {
    counters_->add(Counter::IcmpInMsgs);
    const auto view = wire::IcmpView::parse(message[0].bytes);
    if (!view) {
        counters_->add(Counter::IcmpInErrors);
        return Consumed{};
    }
    wire::Checksum sum;
    for (const OutPiece& piece : message) sum.add(piece.bytes);
    if (sum.finish() != 0) {
        counters_->add(Counter::IcmpInCsumErrors);
        return Consumed{};
    }
    const ip::IcmpVerdict verdict =
        ip::judge(*view, {.destination = datagram.destination(), .broadcast = broadcast});
    counters_->add(verdict.type);
    if (verdict.reason) counters_->add(*verdict.reason);
    switch (verdict.kind) {
        case ip::IcmpVerdict::Kind::Nothing:
            break;
        case ip::IcmpVerdict::Kind::Echo:
            answer_echo(datagram, message, now);
            break;
        case ip::IcmpVerdict::Kind::Error:
            return verdict.error;
    }
    return Consumed{};
}

}  // namespace lastack::stack
