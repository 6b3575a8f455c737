// May this datagram come in, and who gets it? The host's rules of RFC 1122 3.2.1, as one verdict.
//
// Strong host model: the destination must be an address of the interface it came in by (I-3). Each
// reason to refuse is a counter. The order of the checks is the order of the questions: is it well
// formed, is it for us, can its sender be real, is it whole, do we speak its protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/counters.hpp"
#include "ip/interface.hpp"
#include "wire/ipv4.hpp"

namespace lastack::ip {

struct Ipv4Verdict {
    enum class Kind : std::uint8_t {
        Tcp,
        Icmp,
        BroadcastIcmp,    // to a broadcast address: nobody may be answered
        UnknownProtocol,  // to us alone: an ICMP error may say so (I-17)
        Drop,
    };
    Kind kind = Kind::Drop;
    base::Counter reason = base::Counter::IpInDelivers;  // of Drop and UnknownProtocol
};

/// Where a datagram arrived.
struct Arrival {
    std::span<const Interface> interfaces;  // all of ours
    std::uint8_t interface = 0;             // this one
    bool link_broadcast = false;            // the frame was not addressed to our MAC
};

/// The counter for a header that is none.
base::Counter reason_of(wire::Ipv4Error error);

Ipv4Verdict judge(const wire::Ipv4View& datagram, const Arrival& arrival);

inline bool owns(std::span<const Interface> interfaces, wire::Ipv4Address address) {
    for (const Interface& interface : interfaces) {
        if (interface.owns(address)) return true;
    }
    return false;
}

}  // namespace lastack::ip
