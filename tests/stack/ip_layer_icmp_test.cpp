// ICMP through the IP layer: pings answered, errors handed up, and what we report ourselves.
#include <gtest/gtest.h>

#include "tests/stack/ip_host.hpp"

namespace lastack::test {
namespace {

using base::Counter;

raw::Octets icmp_frame(const raw::Icmp& fields, const raw::Octets& data, raw::Ipv4 ip = {},
                       const raw::Ethernet& ethernet = {}) {
    ip.protocol = 1;
    return raw::ethernet(ethernet, raw::ipv4(ip, raw::icmp(fields, data)));
}

TEST(IpLayerIcmp, I_16_a_ping_comes_back_with_its_data_from_the_address_it_was_sent_to) {
    IpHost host;
    host.introduce();
    const auto answers = host.answers(icmp_frame(
        {.type = 8}, raw::text(57),
        {.destination = raw::net18(2), .dscp_ecn = 0xb9, .identification = 0x77, .fragment = 0}));
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].bytes,
              raw::ethernet({.destination = raw::kPeerMac, .source = raw::kOurMac},
                            raw::ipv4({.source = raw::net18(2),
                                       .destination = raw::kPeer,
                                       .protocol = 1,
                                       .dscp_ecn = 0xb8,
                                       .identification = 0x77,
                                       .fragment = 0},
                                      raw::icmp({.type = 0}, raw::text(57)))));
    EXPECT_EQ(host.shell.live(), 0U);
    EXPECT_EQ(host.count(Counter::IcmpInMsgs), 1U);
    EXPECT_EQ(host.count(Counter::IcmpInEchos), 1U);
    EXPECT_EQ(host.count(Counter::IcmpOutEchoReps), 1U);
}

TEST(IpLayerIcmp, I_16_any_length_of_data_in_any_chain_of_buffers) {
    IpHost host;
    host.introduce();
    for (const std::size_t bytes : {0U, 1U, 8U, 500U, 1'472U}) {
        for (const std::size_t first : {42U, 43U, 100U, 2'000U}) {
            auto frame = icmp_frame({.type = 8}, raw::text(bytes));
            if (bytes < 18) frame.resize(60);  // padding, which is not to come back
            const auto received =
                host.shell.frame(frame, 0, {.first_bytes = first, .chunk_bytes = 399});
            host.ip.receive(received, host.now);
            const auto sent = host.shell.take_sent();
            ASSERT_EQ(sent.size(), 1U) << bytes << " in " << first;
            EXPECT_EQ(slice(sent[0].bytes, 34, sent[0].bytes.size() - 34),
                      raw::icmp({.type = 0}, raw::text(bytes)))
                << bytes << " in " << first;
            EXPECT_EQ(host.shell.live(), 0U);
        }
    }
}

TEST(IpLayerIcmp, I_16_a_chain_of_too_many_buffers_is_counted_and_released) {
    IpHost host;
    host.introduce();
    const auto frame = icmp_frame({.type = 8}, raw::text(1'000));
    host.ip.receive(host.shell.frame(frame, 0, {.first_bytes = 60, .chunk_bytes = 10}), host.now);
    EXPECT_TRUE(host.shell.sent().empty());
    EXPECT_EQ(host.count(Counter::IpInDiscards), 1U);
    EXPECT_EQ(host.shell.live(), 0U);
}

TEST(IpLayerIcmp, I_16_the_answer_to_a_stranger_waits_for_arp_and_keeps_its_data) {
    IpHost host;
    EXPECT_EQ(host.answers(icmp_frame({.type = 8}, raw::text(57))).size(), 1U) << "the question";
    EXPECT_EQ(host.shell.live(), 1U);
    host.answer_arp();
    const auto sent = host.shell.take_sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(slice(sent[0].bytes, 34, 65), raw::icmp({.type = 0}, raw::text(57)));
    EXPECT_EQ(host.shell.live(), 0U);
}

TEST(IpLayerIcmp, I_16_a_broadcast_ping_is_not_answered) {
    IpHost host;
    host.introduce();
    for (const std::uint32_t to : {0xffff'ffffU, raw::net18(255)}) {
        EXPECT_TRUE(host.answers(icmp_frame({.type = 8}, {}, {.destination = to},
                                            {.destination = raw::kBroadcastMac}))
                        .empty());
    }
    EXPECT_EQ(host.count(Counter::IcmpInEchoIgnored), 2U);
}

TEST(IpLayerIcmp, I_16_pings_beyond_the_rate_are_counted_and_not_answered) {
    auto config = ip_config();
    config.ip.echo_rate_limit = 100;  // a burst of 10
    IpHost host(config);
    host.introduce();
    const auto ping = icmp_frame({.type = 8}, raw::text(8));
    for (int i = 0; i < 25; ++i) host.receive(ping);
    EXPECT_EQ(host.shell.take_sent().size(), 10U);
    EXPECT_EQ(host.count(Counter::IcmpEchoRateLimited), 15U);
    host.now += 10ms - 1ns;
    EXPECT_TRUE(host.answers(ping).empty());
    host.now += 1ns;
    EXPECT_EQ(host.answers(ping).size(), 1U);
}

TEST(IpLayerIcmp, J_33_malformed_messages_have_their_counters) {
    IpHost host;
    host.answers(raw::ethernet({}, raw::ipv4({.protocol = 1}, raw::text(7))));
    EXPECT_EQ(host.count(Counter::IcmpInErrors), 1U);
    host.answers(icmp_frame({.type = 8, .checksum_error = 1}, raw::text(9)));
    EXPECT_EQ(host.count(Counter::IcmpInCsumErrors), 1U);
    host.answers(icmp_frame({.type = 3, .code = 1}, raw::text(9)));
    EXPECT_EQ(host.count(Counter::IcmpQuoteErrors), 1U);
    EXPECT_EQ(host.count(Counter::IcmpInMsgs), 3U);
    EXPECT_EQ(host.shell.live(), 0U);
}

TEST(IpLayerIcmp, I_19_an_error_about_a_segment_of_ours_is_handed_up) {
    IpHost host;
    const auto quoted =
        raw::ipv4({.source = raw::kOurs, .destination = 0x0808'0808},
                  raw::tcp({.source_port = 80, .destination_port = 40'000, .seq = 0x0102'0304}));
    const auto input = host.receive(icmp_frame({.type = 3, .code = 4, .rest = 1'300}, quoted));
    const auto* error = std::get_if<ip::IcmpError>(&input);
    ASSERT_NE(error, nullptr);
    EXPECT_EQ(error->kind, ip::IcmpErrorKind::FragmentationNeeded);
    EXPECT_EQ(error->next_hop_mtu, 1'300);
    EXPECT_EQ(error->seq, wire::Seq(0x0102'0304));
    EXPECT_EQ(error->key, (wire::FlowKey4{.local_address = {raw::kOurs},
                                          .remote_address = {0x0808'0808},
                                          .local_port = 80,
                                          .remote_port = 40'000}));
    EXPECT_EQ(host.shell.live(), 0U) << "the buffer is released";
}

TEST(IpLayerIcmp, I_17_a_protocol_that_nobody_speaks_is_reported_with_a_quotation) {
    IpHost host;
    host.introduce();
    const auto datagram = raw::ipv4({.protocol = 132}, raw::text(100));
    const auto answers = host.answers(raw::ethernet({}, datagram));
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].bytes,
              raw::ethernet(
                  {.destination = raw::kPeerMac, .source = raw::kOurMac},
                  raw::ipv4({.source = raw::kOurs, .destination = raw::kPeer, .protocol = 1},
                            raw::icmp({.type = 3, .code = 2, .rest = 0}, slice(datagram, 0, 28)))));
    EXPECT_EQ(host.count(Counter::IpInUnknownProtos), 1U);
    EXPECT_EQ(host.count(Counter::IcmpOutDestUnreachs), 1U);
    EXPECT_EQ(host.shell.live(), 0U);
}

TEST(IpLayerIcmp, I_17_nothing_is_reported_about_what_must_not_be_answered) {
    IpHost host;
    host.introduce();
    const raw::Octets silent[] = {
        raw::ethernet({.destination = raw::kBroadcastMac},
                      raw::ipv4({.destination = raw::net18(255), .protocol = 17}, raw::text(20))),
        raw::ethernet({.destination = raw::kBroadcastMac},
                      raw::ipv4({.protocol = 17}, raw::text(20))),
        raw::ethernet({}, raw::ipv4({.protocol = 17, .fragment = 0x00b9}, raw::text(20))),
        raw::ethernet({}, raw::ipv4({.source = 0, .protocol = 17}, raw::text(20))),
        raw::ethernet({}, raw::ipv4({.source = 0xe000'0001, .protocol = 17}, raw::text(20))),
        icmp_frame({.type = 3, .code = 1}, raw::text(20)),
    };
    for (const auto& frame : silent) EXPECT_TRUE(host.answers(frame).empty());
    EXPECT_EQ(host.count(Counter::IcmpOutDestUnreachs), 0U);
}

TEST(IpLayerIcmp, I_17_reports_are_limited_to_a_hundred_a_second) {
    IpHost host;
    host.introduce();
    const auto frame = raw::ethernet({}, raw::ipv4({.protocol = 17}, raw::text(20)));
    for (int i = 0; i < 50; ++i) host.receive(frame);
    EXPECT_EQ(host.shell.take_sent().size(), 10U);
    EXPECT_EQ(host.count(Counter::IcmpOutRateLimited), 40U);
}

TEST(IpLayerIcmp, I_9_an_answer_larger_than_our_mtu_is_not_sent) {
    auto config = ip_config();
    config.interfaces[0].mtu = 600;
    IpHost host(config);
    host.introduce();
    EXPECT_TRUE(host.answers(icmp_frame({.type = 8}, raw::text(573))).empty());
    EXPECT_EQ(host.count(Counter::IpOutDiscards), 1U);
    EXPECT_EQ(host.answers(icmp_frame({.type = 8}, raw::text(572))).size(), 1U);
    EXPECT_EQ(host.shell.live(), 0U);
}

}  // namespace
}  // namespace lastack::test
