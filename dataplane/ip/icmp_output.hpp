// The ICMP errors that we originate: a protocol or, for UDP, a port that nobody serves (I-17).
//
// Asked only about datagrams for which Ipv4Verdict says UnknownProtocol, and that excludes all that
// RFC 1122 3.2.2 forbids to answer: other ICMP errors, fragments, broadcasts of IP or of the link,
// and sources that are no host. How often is for a TokenBucket to say.
#pragma once

#include <algorithm>
#include <cstddef>

#include "wire/icmp.hpp"
#include "wire/ipv4.hpp"

namespace lastack::ip {

/// The header and 8 octets behind it: what RFC 792 asks for, and no bait for amplification.
inline wire::ByteView quotation(const wire::Ipv4View& datagram) {
    const std::size_t text_bytes = std::min<std::size_t>(8, datagram.payload().size());
    return {datagram.header_span().data(), datagram.header_bytes() + text_bytes};
}
inline constexpr std::size_t kQuotationMaxBytes = 60 + 8;

constexpr wire::IcmpErrorMessage unreachable(std::uint8_t protocol) {
    return {.type = wire::IcmpType::DestinationUnreachable,
            .code = protocol == wire::ip_protocol::kUdp ? wire::icmp_unreachable::kPort
                                                        : wire::icmp_unreachable::kProtocol};
}

}  // namespace lastack::ip
