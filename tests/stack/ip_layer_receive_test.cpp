// Frames into the IP layer: what becomes a TCP datagram, and the counter of everything that does
// not.
#include <gtest/gtest.h>

#include <random>

#include "tests/stack/ip_host.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

using base::Counter;
using stack::TcpDatagram;

raw::Octets tcp_frame(const raw::Ipv4& ip = {}, const raw::Ethernet& ethernet = {},
                      std::size_t text_bytes = 10) {
    return raw::ethernet(ethernet, raw::ipv4(ip, raw::tcp({}, raw::text(text_bytes))));
}

TEST(IpLayerReceive, I_3_a_segment_for_us_comes_out_with_its_key_turned_round) {
    IpHost host;
    const auto input = host.receive(tcp_frame({.ttl = 17, .dscp_ecn = 0xb9}));
    const auto* datagram = std::get_if<TcpDatagram>(&input);
    ASSERT_NE(datagram, nullptr);
    EXPECT_EQ(datagram->key, (wire::FlowKey4{.local_address = {raw::kOurs},
                                             .remote_address = {raw::kPeer},
                                             .local_port = 80,
                                             .remote_port = 40'000}));
    EXPECT_EQ(raw::Octets(datagram->first.begin(), datagram->first.end()),
              raw::tcp({}, raw::text(10)));
    EXPECT_EQ(datagram->segment_bytes, 30U);
    EXPECT_EQ(datagram->interface, 0);
    EXPECT_EQ(datagram->ttl, 17);
    EXPECT_EQ(datagram->dscp, 0x2e);
    EXPECT_EQ(datagram->ecn, 1);
    EXPECT_EQ(host.shell.live(), 1U) << "the buffer is the caller's now";
    EXPECT_EQ(host.count(Counter::LinkInFrames), 1U);
    EXPECT_EQ(host.count(Counter::IpInReceives), 1U);
    EXPECT_EQ(host.count(Counter::IpInDelivers), 1U);
}

TEST(IpLayerReceive, I_1_padding_behind_the_datagram_is_not_seen) {
    IpHost host;
    auto frame = tcp_frame({}, {}, 0);
    frame.resize(60);  // 54 octets, and 6 of padding
    const auto input = host.receive(frame);
    EXPECT_EQ(std::get<TcpDatagram>(input).first.size(), 20U);
    EXPECT_EQ(std::get<TcpDatagram>(input).segment_bytes, 20U);
}

TEST(IpLayerReceive, chained_text_is_counted_and_its_padding_is_not) {
    IpHost host;
    auto bytes = tcp_frame({}, {}, 100);
    bytes.resize(bytes.size() + 9);
    const auto frame = host.shell.frame(bytes, 0, {.first_bytes = 64, .chunk_bytes = 40});
    const auto input = host.ip.receive(frame, host.now);
    EXPECT_EQ(std::get<TcpDatagram>(input).first.size(), 30U);
    EXPECT_EQ(std::get<TcpDatagram>(input).segment_bytes, 120U);
    host.shell.release(frame.buffer);
    EXPECT_EQ(host.shell.live(), 0U);
}

TEST(IpLayerReceive, the_ports_verdict_on_the_segment_is_handed_on) {
    IpHost host;
    auto frame = host.shell.frame(tcp_frame());
    frame.l4_checksum = stack::Checksum::Bad;
    const auto input = host.ip.receive(frame, host.now);
    EXPECT_EQ(std::get<TcpDatagram>(input).l4_checksum, stack::Checksum::Bad);
}

TEST(IpLayerReceive, I_2_the_ports_verdict_on_the_header_is_believed) {
    IpHost host;
    auto good = host.shell.frame(tcp_frame({.checksum_error = 1}));
    good.ip_checksum = stack::Checksum::Good;
    EXPECT_TRUE(std::holds_alternative<TcpDatagram>(host.ip.receive(good, host.now)));
    auto bad = host.shell.frame(tcp_frame());
    bad.ip_checksum = stack::Checksum::Bad;
    EXPECT_TRUE(std::holds_alternative<stack::Consumed>(host.ip.receive(bad, host.now)));
    EXPECT_EQ(host.count(Counter::IpInCsumErrors), 1U);
}

struct Dropped {
    std::string why;
    raw::Octets frame;
    Counter reason;
};

std::vector<Dropped> dropped() {
    return {
        {"an empty frame", {}, Counter::LinkInTooShort},
        {"13 octets", raw::text(13), Counter::LinkInTooShort},
        {"a tag cut off", raw::octets({2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x81, 0, 0}),
         Counter::LinkInTooShort},
        {"I_1 another MAC", tcp_frame({}, {.destination = {2, 0, 0, 0, 0, 7}}),
         Counter::LinkInNotForUs},
        {"I_1 a multicast MAC nobody joined", tcp_frame({}, {.destination = {1, 0, 0x5e, 0, 0, 1}}),
         Counter::LinkInNotForUs},
        {"I_1 a VLAN that is not ours", tcp_frame({}, {.vlan = 9}), Counter::LinkInWrongVlan},
        {"I_1 an unknown EtherType", tcp_frame({}, {.type = 0x88cc}), Counter::LinkInUnknownType},
        {"IPv6", tcp_frame({}, {.type = 0x86dd}), Counter::LinkInIpv6},
        {"a broadcast frame to our address", tcp_frame({}, {.destination = raw::kBroadcastMac}),
         Counter::IpInLinkBroadcast},
        {"I_2 19 octets of header", raw::ethernet({}, raw::text(19)), Counter::IpInHdrErrors},
        {"I_2 version 6", tcp_frame({.version = 6}), Counter::IpInHdrErrors},
        {"I_2 IHL 4", tcp_frame({.ihl = 4}), Counter::IpInHdrErrors},
        {"I_2 IHL beyond the frame", tcp_frame({.ihl = 15}, {}, 0), Counter::IpInHdrErrors},
        {"I_2 total length below the header's", tcp_frame({.total_bytes = 19}),
         Counter::IpInHdrErrors},
        {"I_2 total length beyond the frame", tcp_frame({.total_bytes = 51}),
         Counter::IpInTruncatedPkts},
        {"I_2 checksum", tcp_frame({.checksum_error = 0x0100}), Counter::IpInCsumErrors},
        {"I_3 not our address", tcp_frame({.destination = raw::net18(3)}), Counter::IpInAddrErrors},
        {"I_3 source", tcp_frame({.source = 0x7f00'0001}), Counter::IpInBadSource},
        {"E_17 land", tcp_frame({.source = raw::kOurs}), Counter::TcpInLand},
        {"E_16 broadcast",
         tcp_frame({.destination = raw::net18(255)}, {.destination = raw::kBroadcastMac}),
         Counter::TcpInBadAddress},
        {"I_4 TTL", tcp_frame({.ttl = 0}), Counter::IpInTtlZero},
        {"I_5 source route", tcp_frame({.options = raw::octets({0x83, 7, 4, 198, 18, 0, 9, 0})}),
         Counter::IpInSourceRouted},
        {"fragment", tcp_frame({.fragment = 0x2000}), Counter::IpInFragments},
        {"a TCP header cut short", raw::ethernet({}, raw::ipv4({}, raw::text(19))),
         Counter::InErrs},
    };
}

TEST(IpLayerReceive, J_32_each_frame_not_used_bumps_its_counter_and_frees_its_buffer) {
    IpHost host;
    for (const Dropped& row : dropped()) {
        const Moved reason(host, row.reason);
        const auto answers = host.answers(row.frame);
        EXPECT_EQ(reason.by(), 1U) << row.why;
        EXPECT_TRUE(answers.empty()) << row.why;
        EXPECT_EQ(host.shell.live(), 0U) << row.why;
    }
}

TEST(IpLayerReceive, a_port_that_no_interface_has) {
    IpHost host;
    host.receive(tcp_frame(), 3);
    EXPECT_EQ(host.count(Counter::LinkInUnknownPort), 1U);
    EXPECT_EQ(host.shell.live(), 0U);
}

TEST(IpLayerReceive, I_1_a_tag_without_vlan_is_as_good_as_none) {
    IpHost host;
    EXPECT_TRUE(std::holds_alternative<TcpDatagram>(
        host.receive(tcp_frame({}, {.vlan = static_cast<std::uint16_t>(0xa000)}))));
}

TEST(IpLayerReceive, I_1_an_interface_in_a_vlan_takes_its_own_tag_only) {
    auto config = ip_config();
    config.interfaces[0].vlan = 42;
    IpHost host(config);
    EXPECT_TRUE(std::holds_alternative<TcpDatagram>(
        host.receive(tcp_frame({}, {.vlan = static_cast<std::uint16_t>(0xa000 | 42)}))));
    EXPECT_TRUE(std::holds_alternative<stack::Consumed>(host.receive(tcp_frame())));
    EXPECT_EQ(host.count(Counter::LinkInWrongVlan), 1U);
}

TEST(IpLayerReceive, I_3_two_interfaces_of_one_port_are_told_apart_by_their_vlan) {
    auto config = ip_config();
    stack::InterfaceConfig second;
    second.mac = {raw::kOurMac};
    second.addresses = {{{0xc613'0001}, 24}};
    second.vlan = 7;
    config.interfaces.push_back(second);
    IpHost host(config);
    const auto input =
        host.receive(tcp_frame({.source = 0xc613'0063, .destination = 0xc613'0001}, {.vlan = 7}));
    EXPECT_EQ(std::get<TcpDatagram>(input).interface, 1);
    EXPECT_TRUE(std::holds_alternative<stack::Consumed>(
        host.receive(tcp_frame({.destination = raw::kOurs}, {.vlan = 7}))));
    EXPECT_EQ(host.count(Counter::IpInAddrErrors), 1U);
}

/// Without what the short way handles: a priority tag sends the same datagram the long way.
raw::Octets the_long_way(const raw::Octets& frame) {
    raw::Octets tagged = slice(frame, 0, 12);
    raw::put32(tagged, 0x8100'0000);
    raw::append(tagged, std::span(frame).subspan(12));
    return tagged;
}

TEST(IpLayerReceive, the_short_way_and_the_long_way_agree_on_any_frame) {
    std::mt19937_64 random(seed_or(23));
    IpHost host;
    int delivered = 0;
    for (int round = 0; round < 20'000; ++round) {
        auto frame = tcp_frame(
            {.source = random() % 4 == 0 ? static_cast<std::uint32_t>(random()) : raw::kPeer}, {},
            random() % 4 == 0 ? 0 : 40);
        const std::size_t changes = random() % 3;
        for (std::size_t i = 0; i < changes; ++i) {
            // The type stays: changed to a tag, it would make the long way a frame of two tags.
            const std::size_t at = 14 + random() % 24;
            frame[at] ^= static_cast<std::byte>(1U << (random() % 8));
        }
        if (random() % 4 == 0) frame[random() % 6] ^= std::byte{1};
        if (random() % 4 == 0) frame.resize(random() % (frame.size() + 20));
        if (frame.size() < 14) continue;
        // With a checksum that is right for what it has become, or as it came.
        const auto trust = random() % 2 == 0 ? stack::Checksum::Good : stack::Checksum::Unknown;

        auto plain = host.shell.frame(frame);
        plain.ip_checksum = trust;
        auto tagged = host.shell.frame(the_long_way(frame));
        tagged.ip_checksum = trust;
        const auto a = host.ip.receive(plain, host.now);
        const auto b = host.ip.receive(tagged, host.now);
        const auto* short_way = std::get_if<TcpDatagram>(&a);
        const auto* long_way = std::get_if<TcpDatagram>(&b);
        ASSERT_EQ(short_way != nullptr, long_way != nullptr) << "round " << round;
        if (short_way == nullptr) continue;
        host.shell.release(plain.buffer);
        host.shell.release(tagged.buffer);
        ++delivered;
        ASSERT_EQ(short_way->key, long_way->key);
        ASSERT_EQ(short_way->segment_bytes, long_way->segment_bytes);
        ASSERT_EQ(short_way->first.size(), long_way->first.size());
        ASSERT_EQ(short_way->ttl, long_way->ttl);
        ASSERT_EQ(short_way->dscp * 4 + short_way->ecn, long_way->dscp * 4 + long_way->ecn);
    }
    EXPECT_GT(delivered, 1'000);
    EXPECT_EQ(host.shell.live(), 0U);
}

}  // namespace
}  // namespace lastack::test
