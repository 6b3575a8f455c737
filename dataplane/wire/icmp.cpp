#include "wire/icmp.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "wire/checksum.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace lastack::wire {
namespace {

struct TypeNumber {
    IcmpType type;
    std::uint8_t number;
    bool is_error;
};

constexpr TypeNumber kTypes[] = {
    {IcmpType::EchoReply, 0, false},        {IcmpType::DestinationUnreachable, 3, true},
    {IcmpType::SourceQuench, 4, true},      {IcmpType::Redirect, 5, true},
    {IcmpType::EchoRequest, 8, false},      {IcmpType::TimeExceeded, 11, true},
    {IcmpType::ParameterProblem, 12, true},
};

constexpr TypeNumber find(std::uint8_t number) {
    for (const TypeNumber& entry : kTypes) {
        if (entry.number == number) return entry;
    }
    return {IcmpType::Other, number, false};
}

constexpr TypeNumber find(IcmpType type) {
    for (const TypeNumber& entry : kTypes) {
        if (entry.type == type) return entry;
    }
    return {IcmpType::Other, 0, false};
}

// RFC 792: the least of TCP that comes back, its ports and its sequence number.
constexpr std::size_t kQuotedTcpBytes = 8;

struct Message {
    std::uint8_t number;
    std::uint8_t code;
    std::uint32_t rest;
};

std::size_t emit_message(const Message& message, ByteView data, MutableBytes out) {
    put8(out, icmp_layout::kType, message.number);
    put8(out, icmp_layout::kCode, message.code);
    put16(out, icmp_layout::kChecksum, 0);
    put32(out, icmp_layout::kIdentifier, message.rest);
    std::ranges::copy(data, out.subspan(icmp_layout::kData).begin());
    const std::size_t bytes = kIcmpHeaderBytes + data.size();
    put16(out, icmp_layout::kChecksum, checksum(out.first(bytes)));
    return bytes;
}

std::uint32_t rest_of(const IcmpEcho& echo) {
    return std::uint32_t{echo.identifier} << 16 | echo.sequence;
}

}  // namespace

IcmpType IcmpView::type() const {
    return find(raw_type()).type;
}

bool IcmpView::is_error() const {
    return find(raw_type()).is_error;
}

bool IcmpView::checksum_ok() const {
    return checksum(message_) == 0;
}

std::optional<QuotedTcp> IcmpView::quoted_tcp() const {
    if (!is_error()) return std::nullopt;
    // The quotation is cut off, so Ipv4View's demand that all of the datagram be there is met by
    // saying that the rest lies elsewhere. Its checksum is not checked: routers on the way have
    // changed the TTL, and not all of them repaired it (RFC 1812 4.3.2.3).
    const Ipv4Parse quoted =
        Ipv4View::parse(quote(), {.chained_bytes = 0xffff, .verify_checksum = false});
    if (!quoted) return std::nullopt;
    const Ipv4View& datagram = *quoted.view;
    if (datagram.protocol() != ip_protocol::kTcp || datagram.fragment_offset_bytes() != 0) {
        return std::nullopt;
    }
    const ByteView segment = datagram.payload();
    if (segment.size() < kQuotedTcpBytes) return std::nullopt;
    return QuotedTcp{.source = datagram.source(),
                     .destination = datagram.destination(),
                     .source_port = get16(segment, tcp_layout::kSourcePort),
                     .destination_port = get16(segment, tcp_layout::kDestinationPort),
                     .seq = Seq(get32(segment, tcp_layout::kSeq))};
}

std::size_t emit_echo_request(const IcmpEcho& echo, ByteView data, MutableBytes out) {
    return emit_message({find(IcmpType::EchoRequest).number, 0, rest_of(echo)}, data, out);
}

std::size_t emit_echo_reply(const IcmpEcho& echo, ByteView data, MutableBytes out) {
    return emit_message({find(IcmpType::EchoReply).number, 0, rest_of(echo)}, data, out);
}

std::size_t emit_icmp_error(const IcmpErrorMessage& error, ByteView quote, MutableBytes out) {
    const TypeNumber entry = find(error.type);
    LA_ASSERT(entry.is_error);
    return emit_message({entry.number, error.code, error.rest}, quote, out);
}

}  // namespace lastack::wire
