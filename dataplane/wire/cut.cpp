#include "wire/cut.hpp"

#include <cstring>

#include "base/assert.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace lastack::wire {
namespace {

// RFC 3168 6.1.2 wants CWR once, and what ends the text belongs to its end.
constexpr std::uint8_t flags_of(std::uint8_t whole, bool first, bool last) {
    std::uint8_t flags = whole;
    if (!first) flags = static_cast<std::uint8_t>(flags & ~TcpFlags::kCwr);
    if (!last) flags = static_cast<std::uint8_t>(flags & ~(TcpFlags::kFin | TcpFlags::kPsh));
    return flags;
}

// The sum of an IPv4 header without the fields that the cutter writes.
std::uint16_t unchanging_ip_sum(ByteView ip) {
    Checksum sum;
    sum.add(ip);
    for (const std::size_t offset :
         {ipv4_layout::kTotalLength, ipv4_layout::kIdentification, ipv4_layout::kChecksum}) {
        sum.add16(static_cast<std::uint16_t>(~get16(ip, offset)));
    }
    return sum.sum();
}

PseudoHeader4 pseudo_header_of(ByteView ip, std::uint32_t tcp_bytes) {
    return {.source = {get32(ip, ipv4_layout::kSource)},
            .destination = {get32(ip, ipv4_layout::kDestination)},
            .protocol = ip_protocol::kTcp,
            .bytes = tcp_bytes};
}

}  // namespace

Cutter::Cutter(const CutInput& input) : input_(input) {
    LA_ASSERT(input.l3_bytes >= kIpv4HeaderBytes && input.l4_bytes >= kTcpHeaderBytes);
    LA_ASSERT(input.header.size() == input.l2_bytes + input.l3_bytes + input.l4_bytes);
    LA_ASSERT(get8(input.header, input.l2_bytes) == 0x40 + input.l3_bytes / 4);
    LA_ASSERT(input.mss != 0);
    unchanging_ip_sum_ = unchanging_ip_sum(input.header.subspan(input.l2_bytes, input.l3_bytes));
    LA_ASSERT(input.l3_bytes + input.l4_bytes +
                  std::min<std::size_t>(input.mss, input.text_bytes) <=
              0xffff);
    if (input.text_bytes > input.mss) {
        frame_count_ = (input.text_bytes - 1) / input.mss + 1;
        const std::size_t flags_at = input.l2_bytes + input.l3_bytes + tcp_layout::kFlags;
        LA_ASSERT((get8(input.header, flags_at) & TcpFlags::kUrg) == 0);
    }
}

std::size_t Cutter::emit_partial(std::uint32_t frame, MutableBytes out) const {
    LA_ASSERT(frame < frame_count_ && out.size() >= input_.header.size());
    std::memmove(out.data(), input_.header.data(), input_.header.size());
    const Slice text = slice(frame);
    const std::uint32_t tcp_bytes = static_cast<std::uint32_t>(input_.l4_bytes) + text.len_bytes;

    const MutableBytes ip = out.subspan(input_.l2_bytes, input_.l3_bytes);
    const auto total_bytes = static_cast<std::uint16_t>(ip.size() + tcp_bytes);
    const auto identification =
        static_cast<std::uint16_t>(get16(ip, ipv4_layout::kIdentification) + frame);
    put16(ip, ipv4_layout::kTotalLength, total_bytes);
    put16(ip, ipv4_layout::kIdentification, identification);
    Checksum ip_sum(unchanging_ip_sum_);
    ip_sum.add16(total_bytes);
    ip_sum.add16(identification);
    put16(ip, ipv4_layout::kChecksum, ip_sum.finish());

    const MutableBytes tcp = out.subspan(input_.l2_bytes + input_.l3_bytes, input_.l4_bytes);
    put32(tcp, tcp_layout::kSeq, get32(tcp, tcp_layout::kSeq) + text.offset_bytes);
    put8(tcp, tcp_layout::kFlags,
         flags_of(get8(tcp, tcp_layout::kFlags), frame == 0, frame + 1 == frame_count_));
    put16(tcp, tcp_layout::kChecksum, pseudo_header_sum(pseudo_header_of(ip, tcp_bytes)).sum());
    return input_.header.size();
}

void Cutter::put_checksum(MutableBytes out, std::uint16_t checksum) const {
    put16(out, input_.l2_bytes + input_.l3_bytes + tcp_layout::kChecksum, checksum);
}

}  // namespace lastack::wire
