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

}  // namespace lastack::wire
