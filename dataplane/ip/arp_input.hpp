// What an ARP packet means to an interface (RFC 826, RFC 5227), as a verdict.
//
//   impossible field, or our own packet come back -> Drop
//   another station says it has our address      -> Conflict
//   everything else                               -> what was heard of its sender, and whether it
//                                                    asks for an address of ours
#pragma once

#include <cstdint>
#include <optional>

#include "ip/interface.hpp"
#include "ip/neighbours.hpp"
#include "wire/arp.hpp"

namespace lastack::ip {

struct ArpVerdict {
    enum class Kind : std::uint8_t { Drop, Conflict, Accept };
    Kind kind = Kind::Drop;
    std::optional<Neighbours::Heard> heard{};  // of the sender; none where it has no address yet
    bool asks_for_ours = false;                // an answer is due
};

inline ArpVerdict judge(const wire::ArpPacket& packet, const Interface& here) {
    using Kind = ArpVerdict::Kind;
    const wire::Ipv4Address sender = packet.sender_ip;
    if (packet.sender_mac.is_multicast() || packet.sender_mac.is_zero() ||
        packet.sender_mac == here.mac) {
        return {.kind = Kind::Drop};
    }
    const bool request = packet.operation == wire::ArpOperation::Request;
    const bool for_us = here.owns(packet.target_ip);
    if (request && sender.is_unspecified()) {
        // RFC 5227 2.1.1: a probe. Our answer tells the asker that the address is taken.
        return {.kind = Kind::Accept, .heard = std::nullopt, .asks_for_ours = for_us};
    }
    if (is_never_a_host(sender) || here.is_broadcast(sender)) return {.kind = Kind::Drop};
    if (here.owns(sender)) return {.kind = Kind::Conflict};

    ArpVerdict verdict{.kind = Kind::Accept, .asks_for_ours = request && for_us};
    // A next hop is always on the link; who is not, is answered and not remembered.
    if (here.is_on_link(sender)) {
        verdict.heard = !for_us   ? Neighbours::Heard::Broadcast
                        : request ? Neighbours::Heard::Request
                                  : Neighbours::Heard::Answer;
    }
    return verdict;
}

}  // namespace lastack::ip
