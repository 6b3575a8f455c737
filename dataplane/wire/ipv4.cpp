#include "wire/ipv4.hpp"

#include "base/assert.hpp"

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

// Summed from the values as they are written: reading the octets back in larger units has to wait
// for the stores, and takes more than twice as long.
std::size_t emit(const Ipv4Header& header, MutableBytes out) {
    LA_ASSERT(out.size() >= kIpv4HeaderBytes);
    Checksum sum;
    const auto word = [&](std::size_t offset, std::uint32_t value) {
        sum.add16(static_cast<std::uint16_t>(value));
        put16(out, offset, static_cast<std::uint16_t>(value));
    };
    word(ipv4_layout::kVersionIhl, 0x4500U | (header.dscp & 63U) << 2 | (header.ecn & 3U));
    word(ipv4_layout::kTotalLength, header.total_bytes);
    word(ipv4_layout::kIdentification, header.identification);
    word(ipv4_layout::kFragment, header.dont_fragment ? ipv4_layout::kDontFragment : 0U);
    word(ipv4_layout::kTimeToLive, std::uint32_t{header.time_to_live} << 8 | header.protocol);
    sum.add32(header.source.value);
    sum.add32(header.destination.value);
    put32(out, ipv4_layout::kSource, header.source.value);
    put32(out, ipv4_layout::kDestination, header.destination.value);
    put16(out, ipv4_layout::kChecksum, sum.finish());
    return kIpv4HeaderBytes;
}

}  // namespace lastack::wire
