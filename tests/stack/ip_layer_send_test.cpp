// Segments out of the IP layer: the frame's octets, its checksums, its way.
#include <gtest/gtest.h>

#include "tests/stack/ip_host.hpp"

namespace lastack::test {
namespace {

using base::Counter;
using stack::SendResult;

constexpr std::size_t kIp = 14, kTcp = 34;

/// A segment with `text_bytes` of text in two buffers, to send from a host.
struct Segment {
    explicit Segment(IpHost& h, std::size_t text_bytes = 0,
                     std::uint32_t remote_address = raw::kPeer)
        : host(h), remote{remote_address} {
        header.source_port = 80;
        header.destination_port = 40'000;
        header.seq = wire::Seq(0x1000);
        header.ack = wire::Seq(0x2000);
        header.flags = {wire::TcpFlags::kAck | wire::TcpFlags::kPsh};
        header.window = 500;
        text = raw::text(text_bytes);
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t len = std::min<std::size_t>(at == 0 ? 3 : 2'000, text.size() - at);
            const auto buffer = host.shell.allocate(len);
            const auto room = host.shell.room(buffer);
            std::copy_n(text.begin() + static_cast<std::ptrdiff_t>(at), len, room.begin());
            pieces.push_back({buffer, room});
            at += len;
        }
    }
    ~Segment() {
        for (const auto& piece : pieces) host.shell.release(piece.buffer);
    }
    Segment(const Segment&) = delete;
    Segment& operator=(const Segment&) = delete;

    stack::OutSegment out() {
        return {.local = {raw::kOurs},
                .remote = remote,
                .header = header,
                .text = pieces,
                .text_bytes = static_cast<std::uint32_t>(text.size()),
                .mss = mss,
                .neighbour = &hint};
    }
    SendResult send() { return host.ip.send(out(), host.now); }

    IpHost& host;
    wire::Ipv4Address remote;
    wire::TcpHeader header;
    raw::Octets text;
    std::vector<stack::OutPiece> pieces;
    std::uint16_t mss = 1'460;
    ip::NeighbourHint hint = ip::kNoNeighbour;
};

/// True where the TCP checksum of an untagged frame is right.
bool tcp_checksum_ok(const raw::Octets& frame) {
    const auto segment = slice(frame, kTcp, frame.size() - kTcp);
    return raw::checksum(segment, raw::pseudo_sum(raw::kOurs, raw::kPeer, segment.size())) == 0;
}

TEST(IpLayerSend, I_9_a_segment_is_a_frame_with_df_and_both_checksums) {
    IpHost host;
    host.introduce();
    Segment segment(host, 11);
    ASSERT_EQ(segment.send(), SendResult::Sent);
    const auto sent = host.shell.take_sent();
    ASSERT_EQ(sent.size(), 1U);

    raw::Octets expected;
    raw::Octets tcp = raw::octets(
        {0, 80, 0x9c, 0x40, 0, 0, 0x10, 0, 0, 0, 0x20, 0, 0x50, 0x18, 0x01, 0xf4, 0, 0, 0, 0});
    raw::append(tcp, raw::text(11));
    raw::set16(tcp, 16, raw::checksum(tcp, raw::pseudo_sum(raw::kOurs, raw::kPeer, tcp.size())));
    expected = raw::ethernet(
        {.destination = raw::kPeerMac, .source = raw::kOurMac},
        raw::ipv4({.source = raw::kOurs, .destination = raw::kPeer, .fragment = 0x4000}, tcp));
    EXPECT_EQ(sent[0].bytes, expected);
    EXPECT_EQ(host.count(Counter::IpOutRequests), 1U);
}

TEST(IpLayerSend, I_4_I_40_ttl_dscp_and_ecn_are_as_asked) {
    auto config = ip_config();
    config.ip.ttl = 33;
    IpHost host(config);
    host.introduce();
    Segment segment(host);
    host.ip.send(segment.out(), host.now);
    auto special = segment.out();
    special.ttl = 5;
    special.dscp = 46;
    special.ecn = 2;
    host.ip.send(special, host.now);
    const auto sent = host.shell.take_sent();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].bytes[kIp + 8], std::byte{33});
    EXPECT_EQ(sent[0].bytes[kIp + 1], std::byte{0});
    EXPECT_EQ(sent[1].bytes[kIp + 8], std::byte{5});
    EXPECT_EQ(sent[1].bytes[kIp + 1], std::byte{46 * 4 + 2});
    EXPECT_EQ(raw::checksum(slice(sent[1].bytes, kIp, 20)), 0);
}

TEST(IpLayerSend, a_text_of_many_mss_leaves_as_many_frames_each_with_its_own_checksum) {
    auto config = ip_config();
    config.interfaces[0].max_text_bytes = 60'000;
    IpHost host(config);
    host.introduce();
    Segment segment(host, 3'500);
    segment.mss = 1'000;
    ASSERT_EQ(segment.send(), SendResult::Sent);
    const auto sent = host.shell.take_sent();
    ASSERT_EQ(sent.size(), 4U);
    raw::Octets together;
    for (const auto& frame : sent) {
        EXPECT_TRUE(tcp_checksum_ok(frame.bytes));
        EXPECT_EQ(raw::checksum(slice(frame.bytes, kIp, 20)), 0);
        raw::append(together, std::span(frame.bytes).subspan(kTcp + 20));
    }
    EXPECT_EQ(together, segment.text);
    EXPECT_EQ(host.count(Counter::LinkOutFrames), 2U) << "the ARP reply, and one for the shell";
}

class OffloadCheck final : public stack::Shell {
  public:
    base::BufferRef allocate(std::size_t) override { return nullptr; }
    std::span<std::byte> room(base::BufferRef) override { return {}; }
    std::size_t max_bytes() const override { return 0; }
    base::BufferRef wrap(base::Bytes, base::ReleaseFunction, void*) override { return nullptr; }
    void retain(base::BufferRef) override {}
    void release(base::BufferRef) override {}
    Next detach_next(base::BufferRef) override { return {}; }
    void transmit(const stack::OutFrame& frame) override {
        last = {frame.header.begin(), frame.header.end()};
        by_port = frame.l4_checksum_by_port;
        lengths = {frame.l2_bytes, frame.l3_bytes, frame.l4_bytes};
    }
    raw::Octets last;
    bool by_port = false;
    std::vector<int> lengths;
};

TEST(IpLayerSend, a_port_that_completes_checksums_is_given_the_pseudo_headers_sum) {
    auto config = ip_config();
    config.interfaces[0].tcp_checksum_offload = true;
    base::Counters counters;
    OffloadCheck shell;
    ArenaMemory memory([&](base::Arena& a) { stack::IpLayer(a, config, counters, shell); });
    base::Arena arena(memory.bytes());
    stack::IpLayer ip(arena, config, counters, shell);
    const auto introduction = raw::ethernet({.type = 0x0806}, raw::arp({}));
    stack::Frame frame;
    frame.bytes = introduction;
    ip.receive(frame, time::Instant(1s));
    const auto text = raw::text(3'000);
    const stack::OutPiece piece{nullptr, text};
    const wire::TcpHeader header;
    ip.send({.local = {raw::kOurs},
             .remote = {raw::kPeer},
             .header = header,
             .text = {&piece, 1},
             .text_bytes = 3'000,
             .mss = 1'460},
            time::Instant(1s));
    EXPECT_TRUE(shell.by_port);
    EXPECT_EQ(shell.lengths, (std::vector{14, 20, 20}));
    std::uint32_t folded = raw::pseudo_sum(raw::kOurs, raw::kPeer, 3'020);
    folded = (folded & 0xffff) + (folded >> 16);
    EXPECT_EQ(read16(shell.last, kTcp + 16), folded);
}

TEST(IpLayerSend, a_vlans_frames_carry_its_tag) {
    auto config = ip_config();
    config.interfaces[0].vlan = 42;
    IpHost host(config);
    host.receive(raw::ethernet({.vlan = 42, .type = 0x0806}, raw::arp({})));
    Segment segment(host, 5);
    ASSERT_EQ(segment.send(), SendResult::Sent);
    const auto sent = host.shell.take_sent();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(read16(sent[0].bytes, 12), 0x8100) << "the ARP reply, too";
    EXPECT_EQ(read16(sent[1].bytes, 12), 0x8100);
    EXPECT_EQ(read16(sent[1].bytes, 14), 42);
    EXPECT_EQ(read16(sent[1].bytes, 16), 0x0800);
    EXPECT_EQ(sent[1].bytes.size(), 18U + 20 + 20 + 5);
}

TEST(IpLayerSend, I_10_on_link_goes_to_the_neighbour_and_the_rest_to_the_gateway) {
    IpHost host;
    const auto near = host.ip.route({raw::kPeer});
    ASSERT_TRUE(near);
    EXPECT_EQ(*near,
              (stack::Path{
                  .source = {raw::kOurs}, .next_hop = {raw::kPeer}, .mtu = 1'500, .interface = 0}));
    EXPECT_EQ(host.ip.route({0x0808'0808})->next_hop.value, raw::net18(254));
    EXPECT_EQ(host.ip.route({0x0808'0808}, wire::Ipv4Address{raw::net18(2)})->source.value,
              raw::net18(2));
    EXPECT_FALSE(host.ip.route({raw::kPeer}, wire::Ipv4Address{raw::net18(77)}))
        << "not an address of ours";
}

TEST(IpLayerSend, I_10_without_a_route_nothing_is_sent_and_it_is_counted) {
    auto config = ip_config();
    config.routes.clear();
    IpHost host(config);
    Segment segment(host, 0, 0x0808'0808);
    EXPECT_EQ(segment.send(), SendResult::NoRoute);
    EXPECT_EQ(host.count(Counter::IpOutNoRoutes), 1U);
    EXPECT_TRUE(host.shell.sent().empty());
}

TEST(IpLayerSend, E_16_no_segment_goes_where_no_single_host_is) {
    IpHost host;
    for (const std::uint32_t remote :
         {0xffff'ffffU, raw::net18(255), 0xe000'0001U, 0U, 0x0001'0203U, 0x7f00'0001U, 0xf000'0001U,
          raw::kOurs, raw::net18(2)}) {
        EXPECT_FALSE(host.ip.route({remote})) << std::hex << remote;
        Segment segment(host, 0, remote);
        EXPECT_EQ(segment.send(), SendResult::NoRoute) << std::hex << remote;
    }
    EXPECT_TRUE(host.shell.sent().empty());
}

TEST(IpLayerSend, max_text_is_one_mss_unless_the_port_cuts) {
    auto config = ip_config();
    IpHost plain(config);
    EXPECT_EQ(plain.ip.max_text_bytes(0, 1'460), 1'460U);
    config.interfaces[0].max_text_bytes = 64'000;
    IpHost cutting(config);
    EXPECT_EQ(cutting.ip.max_text_bytes(0, 1'460), 64'000U);
}

TEST(IpLayerSend, I_41_a_link_that_is_down_loses_segments_and_says_so) {
    IpHost host;
    host.introduce();
    host.ip.set_link(0, false, host.now);
    Segment segment(host);
    EXPECT_EQ(segment.send(), SendResult::LinkDown);
    EXPECT_EQ(host.count(Counter::IpOutDiscards), 1U);
    host.ip.set_link(0, true, host.now);
    host.introduce();
    EXPECT_EQ(segment.send(), SendResult::Sent);
}

}  // namespace
}  // namespace lastack::test
