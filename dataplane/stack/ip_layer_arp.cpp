// ARP as the IP layer speaks it: answers, questions, announcements, and the timers of all three.
#include <algorithm>
#include <array>

#include "ip/arp_input.hpp"
#include "stack/ip_layer.hpp"

namespace lastack::stack {

using base::Counter;

namespace {

constexpr time::Duration kAnnounceInterval = std::chrono::seconds(2);  // RFC 5227 1.1
constexpr std::uint8_t kAnnouncements = 2;
constexpr time::Duration kDefendInterval = std::chrono::seconds(10);

}  // namespace

void IpLayer::receive_arp(base::Bytes packet, std::uint8_t interface, time::Instant now) {
    const auto arp = wire::ArpPacket::parse(packet);
    if (!arp) {
        counters_->add(Counter::ArpInErrors);
        return;
    }
    counters_->add(arp->operation == wire::ArpOperation::Request ? Counter::ArpInRequests
                                                                 : Counter::ArpInReplies);
    const ip::ArpVerdict verdict = ip::judge(*arp, interfaces_[interface]);
    switch (verdict.kind) {
        case ip::ArpVerdict::Kind::Drop:
            counters_->add(Counter::ArpInErrors);
            return;
        case ip::ArpVerdict::Kind::Conflict:
            counters_->add(Counter::ArpConflicts);
            defend(arp->sender_ip, interface, now);
            return;
        case ip::ArpVerdict::Kind::Accept:
            break;
    }
    if (verdict.heard) {
        const std::uint32_t neighbour =
            neighbours_.learn({arp->sender_ip, interface}, arp->sender_mac, *verdict.heard, now);
        if (neighbour != base::kNoIndex) send_waiting(neighbour);
    }
    if (verdict.asks_for_ours) answer_arp(*arp, interface);
}

void IpLayer::answer_arp(const wire::ArpPacket& request, std::uint8_t interface) {
    counters_->add(Counter::ArpOutReplies);
    send_arp({.operation = wire::ArpOperation::Reply,
              .sender_mac = interfaces_[interface].mac,
              .sender_ip = request.target_ip,
              .target_mac = request.sender_mac,
              .target_ip = request.sender_ip},
             request.sender_mac, interface);
}

/// RFC 5227 2.4 (b): say once that it is ours; if the other insists, more would be a war.
void IpLayer::defend(wire::Ipv4Address address, std::uint8_t interface, time::Instant now) {
    if (now < defend_after_) return;
    defend_after_ = now + kDefendInterval;
    announce_address(address, interface);
}

void IpLayer::ask(const ip::ArpQuestion& question) {
    const ip::Interface& here = interfaces_[question.key.interface];
    // RFC 1122 and the asked one's own checks want a sender of the same prefix, where there is one.
    wire::Ipv4Address sender = here.prefixes[0].address;
    for (const wire::Ipv4Prefix& own : here.addresses()) {
        if (own.contains(question.key.address)) {
            sender = own.address;
            break;
        }
    }
    counters_->add(Counter::ArpOutRequests);
    send_arp({.operation = wire::ArpOperation::Request,
              .sender_mac = here.mac,
              .sender_ip = sender,
              .target_mac = {},
              .target_ip = question.key.address},
             question.unicast.value_or(wire::MacAddress::broadcast()), question.key.interface);
}

void IpLayer::announce(time::Instant now) {
    for (std::uint8_t i = 0; i < interface_count_; ++i) start_announcing(i, now);
}

void IpLayer::start_announcing(std::uint8_t interface, time::Instant now) {
    announce_interface(interface);
    announcements_left_[interface] = kAnnouncements - 1;
    announce_at_[interface] = now + kAnnounceInterval;
}

void IpLayer::announce_interface(std::uint8_t interface) {
    for (const wire::Ipv4Prefix& own : interfaces_[interface].addresses()) {
        announce_address(own.address, interface);
    }
}

/// RFC 5227 2.3: a request for our own address, from our own address.
void IpLayer::announce_address(wire::Ipv4Address address, std::uint8_t interface) {
    counters_->add(Counter::ArpOutRequests);
    send_arp({.operation = wire::ArpOperation::Request,
              .sender_mac = interfaces_[interface].mac,
              .sender_ip = address,
              .target_mac = {},
              .target_ip = address},
             wire::MacAddress::broadcast(), interface);
}

void IpLayer::send_arp(const wire::ArpPacket& packet, const wire::MacAddress& to,
                       std::uint8_t interface) {
    if (!interfaces_[interface].up) return;
    std::array<std::byte, wire::kEthernetTaggedBytes + wire::kArpBytes> room;
    const std::uint8_t l2_bytes = link_bytes(interface);
    put_link_header(room, to, wire::ether_type::kArp, interface);
    wire::emit(packet, std::span(room).subspan(l2_bytes));
    OutFrame frame;
    frame.header = std::span(room).first(l2_bytes + wire::kArpBytes);
    frame.port = interfaces_[interface].port;
    frame.l2_bytes = l2_bytes;
    transmit(frame);
}

std::uint32_t IpLayer::expire(time::Instant now, std::uint32_t at_most) {
    std::uint32_t fired = 0;
    for (std::uint8_t i = 0; i < interface_count_ && fired < at_most; ++i) {
        if (announcements_left_[i] == 0 || announce_at_[i] > now) continue;
        ++fired;
        --announcements_left_[i];
        announce_at_[i] = now + kAnnounceInterval;
        announce_interface(i);
    }
    while (fired < at_most) {
        const ip::Neighbours::Work work = neighbours_.work(now);
        if (!work.did) break;
        ++fired;
        if (work.ask) ask(*work.ask);
    }
    return fired;
}

std::optional<time::Instant> IpLayer::next_deadline() const {
    std::optional<time::Instant> next = neighbours_.deadline();
    for (std::uint8_t i = 0; i < interface_count_; ++i) {
        if (announcements_left_[i] == 0) continue;
        next = next ? std::min(*next, announce_at_[i]) : announce_at_[i];
    }
    return next;
}

void IpLayer::set_link(std::uint8_t port, bool up, time::Instant now) {
    for (std::uint8_t i = 0; i < interface_count_; ++i) {
        ip::Interface& interface = interfaces_[i];
        if (interface.port != port || interface.up == up) continue;
        interface.up = up;
        if (up) {
            start_announcing(i, now);
        } else {
            neighbours_.forget(i);
            announcements_left_[i] = 0;
        }
    }
}

}  // namespace lastack::stack
