#include "wire/ipv4.hpp"

namespace lastack::wire {
namespace {

// RFC 791 3.1: the copied flag, two bits of class and five of number, as one octet.
constexpr std::uint8_t kEndOfList = 0;
constexpr std::uint8_t kNoOperation = 1;
constexpr std::uint8_t kLooseSourceRoute = 0x83;
constexpr std::uint8_t kStrictSourceRoute = 0x89;

}  // namespace

Ipv4Options Ipv4View::judge_options() const {
    const ByteView bytes = options();
    bool source_route = false;
    std::size_t at = 0;
    while (at < bytes.size()) {
        const std::uint8_t kind = get8(bytes, at);
        if (kind == kEndOfList) break;
        if (kind == kNoOperation) {
            ++at;
            continue;
        }
        const std::size_t left = bytes.size() - at;
        if (left < 2) return Ipv4Options::Malformed;
        const std::size_t length = get8(bytes, at + 1);
        if (length < 2 || length > left) return Ipv4Options::Malformed;
        source_route |= kind == kLooseSourceRoute || kind == kStrictSourceRoute;
        at += length;
    }
    return source_route ? Ipv4Options::SourceRoute : Ipv4Options::Harmless;
}

Ipv4Header Ipv4View::header() const {
    return {.source = source(),
            .destination = destination(),
            .protocol = protocol(),
            .time_to_live = time_to_live(),
            .dscp = dscp(),
            .ecn = ecn(),
            .identification = identification(),
            .dont_fragment = dont_fragment(),
            .total_bytes = static_cast<std::uint16_t>(total_bytes())};
}

std::size_t emit(const Ipv4Header& header, MutableBytes out) {
    put8(out, ipv4_layout::kVersionIhl, 0x45);
    put8(out, ipv4_layout::kDscpEcn,
         static_cast<std::uint8_t>(header.dscp << 2 | (header.ecn & 3)));
    put16(out, ipv4_layout::kTotalLength, header.total_bytes);
    put16(out, ipv4_layout::kIdentification, header.identification);
    put16(out, ipv4_layout::kFragment, header.dont_fragment ? ipv4_layout::kDontFragment : 0);
    put8(out, ipv4_layout::kTimeToLive, header.time_to_live);
    put8(out, ipv4_layout::kProtocol, header.protocol);
    put16(out, ipv4_layout::kChecksum, 0);
    put32(out, ipv4_layout::kSource, header.source.value);
    put32(out, ipv4_layout::kDestination, header.destination.value);
    put16(out, ipv4_layout::kChecksum, checksum(out.first(kIpv4HeaderBytes)));
    return kIpv4HeaderBytes;
}

}  // namespace lastack::wire
