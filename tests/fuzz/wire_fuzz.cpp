// Bytes as a frame, through every layer of wire/ (K-44).
//
// Nothing may be read beyond the input, which AddressSanitizer watches, and what was understood
// must survive being written and read again. Checksums are not demanded, or hardly any input would
// get past the first layer; that the right ones verify is checked on the frames we write.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/assert.hpp"
#include "wire/arp.hpp"
#include "wire/checksum.hpp"
#include "wire/cut.hpp"
#include "wire/ethernet.hpp"
#include "wire/icmp.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace lastack::wire {
namespace {

using Octets = std::vector<std::byte>;

bool same(ByteView a, ByteView b) {
    return std::ranges::equal(a, b);
}

bool inside(ByteView inner, ByteView outer) {
    return inner.data() >= outer.data() &&
           inner.data() + inner.size() <= outer.data() + outer.size();
}

void check_checksums(ByteView bytes) {
    const std::size_t split = bytes.empty() ? 0 : get8(bytes, 0) % (bytes.size() + 1);
    Checksum pieces;
    pieces.add(bytes.first(split));
    pieces.add(bytes.subspan(split));
    LA_ASSERT(pieces.finish() == checksum(bytes));
}

void check_arp(ByteView payload) {
    const auto packet = ArpPacket::parse(payload);
    if (!packet) return;
    Octets out(kArpBytes);
    emit(*packet, out);
    LA_ASSERT(same(out, payload.first(kArpBytes)));
}

// Written options take the customary padding, which can cost a SACK block its room.
void check_options(const TcpOptions& before, const TcpOptions& after) {
    LA_ASSERT(after.mss == before.mss && after.window_scale == before.window_scale);
    LA_ASSERT(after.timestamps == before.timestamps);
    LA_ASSERT(after.sack_permitted == before.sack_permitted);
    LA_ASSERT(before.sack_count <= 4 && after.sack_count <= before.sack_count);
    for (std::size_t i = 0; i < after.sack_count; ++i) LA_ASSERT(after.sack[i] == before.sack[i]);
}

void check_tcp(ByteView segment) {
    const auto view = TcpView::parse(segment);
    if (!view) return;
    LA_ASSERT(inside(view->text(), segment));
    const TcpHeader before = view->header();
    LA_ASSERT(before.options == parse_tcp_options(segment.subspan(20, view->header_bytes() - 20)));

    Octets out(header_bytes(before));
    LA_ASSERT(out.size() <= kTcpHeaderMaxBytes && emit(before, out) == out.size());
    const auto again = TcpView::parse(out);
    LA_ASSERT(again && again->text().empty());
    TcpHeader after = again->header();
    check_options(before.options, after.options);
    after.options = before.options;
    LA_ASSERT(after == before);
}

void check_icmp(ByteView message) {
    const auto view = IcmpView::parse(message);
    if (!view) return;
    const auto quoted = view->quoted_tcp();
    LA_ASSERT(!quoted || (view->is_error() && view->quote().size() >= 28));
    LA_ASSERT(!view->is_error() || view->type() != IcmpType::Other);
    LA_ASSERT(view->checksum_ok() == (checksum(message) == 0));

    Octets out(message.size());
    const IcmpEcho echo{.identifier = view->echo_identifier(), .sequence = view->echo_sequence()};
    LA_ASSERT(emit_echo_reply(echo, view->echo_data(), out) == out.size());
    const auto reply = IcmpView::parse(out);
    LA_ASSERT(reply && reply->checksum_ok() && reply->type() == IcmpType::EchoReply);
    LA_ASSERT(same(ByteView(out).subspan(4), message.subspan(4)));
}

// A header without options that says nothing we cannot say comes out as it came in.
void check_ipv4_emit(const Ipv4View& view) {
    Octets out(kIpv4HeaderBytes);
    emit(view.header(), out);
    const Ipv4Parse again = Ipv4View::parse(out, {.chained_bytes = 0xffff});
    LA_ASSERT(again && again.view->header() == view.header());
    const bool sayable = view.header_bytes() == kIpv4HeaderBytes && !view.is_fragment() &&
                         (get8(view.header_span(), 6) & 0x80) == 0;
    if (!sayable) return;
    put16(out, ipv4_layout::kChecksum, get16(view.header_span(), ipv4_layout::kChecksum));
    LA_ASSERT(same(out, view.header_span()));
}

// Cuts a frame's text as TSO would; every frame must be valid, and the text must come back whole.
void check_cut(ByteView frame, std::size_t l2_bytes, const Ipv4View& ip, const TcpView& tcp) {
    const ByteView text = tcp.text();
    const std::uint16_t mss = static_cast<std::uint16_t>(1 + tcp.header().window % 600);
    if (text.size() > mss && tcp.header().flags.urg()) return;
    const std::size_t headers = l2_bytes + ip.header_bytes() + tcp.header_bytes();
    const Cutter cutter({.header = frame.first(headers),
                         .l2_bytes = l2_bytes,
                         .l3_bytes = ip.header_bytes(),
                         .l4_bytes = tcp.header_bytes(),
                         .text_bytes = static_cast<std::uint32_t>(text.size()),
                         .mss = mss});
    std::size_t seen = 0;
    for (std::uint32_t i = 0; i < cutter.frame_count(); ++i) {
        const Slice slice = cutter.slice(i);
        LA_ASSERT(slice.offset_bytes == seen);
        seen += slice.len_bytes;
        const ByteView part = text.subspan(slice.offset_bytes, slice.len_bytes);
        Octets out(headers);
        cutter.emit_complete(i, out, [&](Checksum& sum, Slice) { sum.add(part); });
        out.insert(out.end(), part.begin(), part.end());
        const Ipv4Parse cut = Ipv4View::parse(ByteView(out).subspan(l2_bytes));
        LA_ASSERT(cut && cut.view->payload_bytes() == tcp.header_bytes() + part.size());
        const ByteView segment = cut.view->payload();
        LA_ASSERT(verify_tcp(pseudo_header(*cut.view), {&segment, 1}));
        LA_ASSERT(TcpView::parse(segment)->header().seq == tcp.header().seq + slice.offset_bytes);
    }
    LA_ASSERT(seen == text.size());
}

void check_ipv4(ByteView frame, ByteView packet) {
    const Ipv4Parse strict = Ipv4View::parse(packet);
    const Ipv4Parse loose = Ipv4View::parse(packet, {.verify_checksum = false});
    const Ipv4Parse chained =
        Ipv4View::parse(packet, {.chained_bytes = 1000, .verify_checksum = false});
    LA_ASSERT(strict.view.has_value() == (strict.error == Ipv4Error::None));
    LA_ASSERT(!strict || loose);
    LA_ASSERT(!loose || chained);
    if (chained) LA_ASSERT(inside(chained.view->payload(), packet));
    if (!loose) return;
    const Ipv4View& view = *loose.view;
    LA_ASSERT(view.payload().size() == view.payload_bytes());
    LA_ASSERT(view.has_source_route() == (view.options_verdict() == Ipv4Options::SourceRoute));
    check_ipv4_emit(view);
    check_icmp(view.payload());
    check_tcp(view.payload());
    if (view.protocol() != ip_protocol::kTcp) return;
    const auto tcp = TcpView::parse(view.payload());
    if (tcp) check_cut(frame, frame.size() - packet.size(), view, *tcp);
}

void check_frame(ByteView frame) {
    check_checksums(frame);
    const auto view = EthernetView::parse(frame);
    if (!view) return;
    LA_ASSERT(inside(view->payload(), frame));
    Octets out(header_bytes(view->header()));
    LA_ASSERT(emit(view->header(), out) == view->header_bytes());
    LA_ASSERT(EthernetView::parse(out)->header() == view->header());
    if (view->type() == ether_type::kArp) check_arp(view->payload());
    if (view->type() == ether_type::kIpv4) check_ipv4(frame, view->payload());
}

}  // namespace
}  // namespace lastack::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    lastack::wire::check_frame(std::as_bytes(std::span(data, size)));
    return 0;
}
