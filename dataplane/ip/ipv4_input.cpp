#include "ip/ipv4_input.hpp"

#include <optional>

namespace lastack::ip {

using base::Counter;
using wire::Ipv4Address;
using Kind = Ipv4Verdict::Kind;

namespace {

constexpr Ipv4Verdict drop(Counter reason) {
    return {Kind::Drop, reason};
}

/// RFC 1122 3.2.1.8: a host may refuse source routes, and we forward nothing.
std::optional<Counter> bad_form(const wire::Ipv4View& datagram) {
    switch (datagram.options_verdict()) {
        case wire::Ipv4Options::Harmless:
            break;
        case wire::Ipv4Options::SourceRoute:
            return Counter::IpInSourceRouted;
        case wire::Ipv4Options::Malformed:
            return Counter::IpInHdrErrors;
    }
    // RFC 1122 3.2.1.7: a host never drops for a small TTL; zero should not have left its sender.
    if (datagram.time_to_live() == 0) return Counter::IpInTtlZero;
    return std::nullopt;
}

/// RFC 1122 3.2.1.3: addresses that no single host has. Our own come from nobody else.
std::optional<Counter> bad_source(const wire::Ipv4View& datagram, const Arrival& arrival) {
    const Ipv4Address source = datagram.source();
    if (source == datagram.destination() && datagram.protocol() == wire::ip_protocol::kTcp) {
        return Counter::TcpInLand;
    }
    if (is_never_a_host(source) || arrival.interfaces[arrival.interface].is_broadcast(source) ||
        owns(arrival.interfaces, source)) {
        return Counter::IpInBadSource;
    }
    return std::nullopt;
}

Ipv4Verdict judge_broadcast(std::uint8_t protocol) {
    switch (protocol) {
        case wire::ip_protocol::kTcp:
            return drop(Counter::TcpInBadAddress);  // MUST-57
        case wire::ip_protocol::kIcmp:
            return {.kind = Kind::BroadcastIcmp};
        default:
            return drop(Counter::IpInUnknownProtos);
    }
}

Ipv4Verdict judge_unicast(std::uint8_t protocol) {
    switch (protocol) {
        case wire::ip_protocol::kTcp:
            return {.kind = Kind::Tcp};
        case wire::ip_protocol::kIcmp:
            return {.kind = Kind::Icmp};
        default:
            return {Kind::UnknownProtocol, Counter::IpInUnknownProtos};
    }
}

}  // namespace

Counter reason_of(wire::Ipv4Error error) {
    switch (error) {
        case wire::Ipv4Error::Truncated:
            return Counter::IpInTruncatedPkts;
        case wire::Ipv4Error::BadChecksum:
            return Counter::IpInCsumErrors;
        case wire::Ipv4Error::None:
        case wire::Ipv4Error::TooShort:
        case wire::Ipv4Error::BadVersion:
        case wire::Ipv4Error::BadHeaderLength:
        case wire::Ipv4Error::BadTotalLength:
            break;
    }
    return Counter::IpInHdrErrors;
}

Ipv4Verdict judge(const wire::Ipv4View& datagram, const Arrival& arrival) {
    if (const auto reason = bad_form(datagram)) return drop(*reason);

    const Interface& here = arrival.interfaces[arrival.interface];
    const bool unicast = here.owns(datagram.destination());
    if (!unicast && !here.is_broadcast(datagram.destination())) {
        return drop(Counter::IpInAddrErrors);
    }
    if (const auto reason = bad_source(datagram, arrival)) return drop(*reason);
    // RFC 1122 3.3.6: our own address in a frame for everybody is somebody's mistake, or bait.
    if (unicast && arrival.link_broadcast) return drop(Counter::IpInLinkBroadcast);
    if (datagram.is_fragment()) return drop(Counter::IpInFragments);
    return unicast ? judge_unicast(datagram.protocol()) : judge_broadcast(datagram.protocol());
}

}  // namespace lastack::ip
