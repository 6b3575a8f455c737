// Scenarios of attackers that guess numbers: K-16 to K-21 and K-36 of requirements.md.
#include <random>

#include "tests/sim/blind.hpp"

namespace lastack::test {
namespace {

using base::Counter;

TEST_F(Blind, K_16_a_sweep_of_resets_resets_nothing_but_by_the_exact_number) {
    start();
    duo.log.clear();
    for (std::uint32_t i = 0; i < 65'536; ++i) {  // one in every window of the whole space
        duo.spoof(Duo::kFromA, {.flags = "R", .seq = to_b + 1 + i * 65'536});
    }
    EXPECT_EQ(duo.state_b(), "ESTABLISHED");
    EXPECT_LE(duo.b.count(Counter::TCPChallengeACK), 2U);  // all in one instant
    expect_data_flows();
    duo.spoof(Duo::kFromA, {.flags = "R", .seq = duo.end_of(Duo::kFromA)});
    EXPECT_EQ(duo.state_b(), "CLOSED");
}

TEST_F(Blind, K_17_a_sweep_of_syns_is_challenged_and_the_connection_flows_on) {
    start();
    const auto sweep = [this] {
        for (std::uint32_t i = 0; i < 1'024; ++i) {
            duo.spoof(Duo::kFromA, {.flags = "S", .seq = to_b + i * 4'194'301});
        }
    };
    sweep();
    EXPECT_EQ(duo.state_b(), "ESTABLISHED");
    expect_data_flows();
    duo.at_b.shutdown_write();
    duo.link.turn();
    ASSERT_EQ(duo.state_b(), "FIN-WAIT-1");
    sweep();
    ASSERT_EQ(duo.state_b(), "FIN-WAIT-1");
    duo.run(1s);
    ASSERT_EQ(duo.state_b(), "FIN-WAIT-2");
    sweep();
    EXPECT_EQ(duo.state_b(), "FIN-WAIT-2");
    expect_data_flows();
    duo.at_a.close();
    duo.run(1s);
    EXPECT_EQ(duo.state_b(), "TIME-WAIT");
    EXPECT_EQ(told(duo.b, "closed reset"), 0U);
}

TEST_F(Blind, K_18_E_6_text_with_a_random_ack_is_taken_only_if_the_ack_is_in_range) {
    start();
    std::mt19937 random(18);
    for (int i = 0; i < 20'000; ++i) {
        const auto ack = static_cast<std::uint32_t>(random());
        if (to_a - ack <= 1 << 20) continue;  // SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT
        duo.spoof(Duo::kFromA, {.flags = "A", .seq = to_b, .ack = ack, .text = "evil"});
    }
    EXPECT_EQ(duo.b.app().received, "s");
    EXPECT_GT(duo.b.count(Counter::TcpInAckTooOld), 5'000U);
    EXPECT_GT(duo.b.count(Counter::TcpInAckUnsent), 5'000U);
    expect_data_flows();
}

TEST_F(Blind, K_19_challenges_on_one_connection_tell_nothing_about_another) {
    // The attacker's own connection is the duo's; its challenges are counted with and without
    // spoofed resets for the victim's, which is the same host's.
    std::array<std::uint64_t, 2> counts{};
    for (const bool attacked : {false, true}) {
        Duo own(plain(), plain());
        own.open();
        const auto victim = own.a.stack().connect({Address::ipv4(kPeerAddress.value), 80},
                                                  own.a.app(), {.local = {Address{}, 40'001}});
        ASSERT_TRUE(victim);
        own.run(100ms);
        own.say(own.at_a, 1);
        own.run(100ms);
        const std::uint32_t next = own.end_of(Duo::kFromA);
        own.log.clear();
        for (int i = 0; i < 100; ++i) {
            own.spoof(Duo::kFromA, {.flags = "R", .seq = next + 100});
            if (attacked) {
                const Wire reset{
                    .flags = "R", .seq = 77, .source_port = 40'001, .destination_port = 80};
                own.b.receive(encode(reset, {.from_mac = kHostMac,
                                             .to_mac = kPeerMac,
                                             .from = kHostAddress,
                                             .to = kPeerAddress}));
            }
            own.run(20ms);
        }
        for (const Logged& one : own.sent(Duo::kFromB, 'A')) {
            counts[attacked ? 1 : 0] += one.segment.destination_port == Duo::kPortA ? 1 : 0;
        }
    }
    EXPECT_GT(counts[0], 0U);
    EXPECT_EQ(counts[0], counts[1]);
}

// A middlebox that shifts the numbers of one direction, from now on.
TEST(Scenario, K_20_two_ends_that_disagree_do_not_answer_each_other_for_ever) {
    Host a(plain());
    stack::Config config = plain();
    config.interfaces[0].mac = kPeerMac;
    config.interfaces[0].addresses = {{kPeerAddress, 24}};
    Host b(config);
    std::uint32_t shift = 0;
    std::uint64_t segments = 0;
    const Route to_b{
        .from_mac = kHostMac, .to_mac = kPeerMac, .from = kHostAddress, .to = kPeerAddress};
    const auto carry = [&](Host& from, Host& to, const Route& route) {
        for (const SentFrame& frame : from.take_frames()) {
            auto segment = decode(frame.bytes);
            if (!segment) {
                to.receive(frame.bytes);  // ARP
                continue;
            }
            segment->seq += shift;
            ++segments;
            to.receive(encode(*segment, route));
        }
    };
    const auto pass = [&](time::Duration duration) {
        for (time::Duration left = duration; left > 0s; left -= 1ms) {
            a.advance(1ms);
            b.advance(1ms);
            carry(a, b, to_b);
            carry(b, a, Route{});
        }
    };
    a.answer_arp(false);
    b.answer_arp(false);
    ASSERT_TRUE(b.stack().listen({Address{}, 80}, b.app(), {}));
    const auto result = a.stack().connect({Address::ipv4(kPeerAddress.value), 80}, a.app(), {});
    ASSERT_TRUE(result);
    pass(100ms);
    ASSERT_TRUE(a.app().saw("open"));
    Connection connection = result.connection;
    shift = 1'000'000'000;
    segments = 0;
    ASSERT_EQ(connection.send(as_bytes("hello")), 5U);
    pass(10s);
    // Each side answers twice a second at most; besides, a's retransmissions.
    EXPECT_LE(segments, 2U * 2U * 10U + 10U);
}

TEST(Scenario, K_21_an_exact_reset_ends_time_wait_only_without_rfc1337) {
    for (const bool rfc1337 : {true, false}) {
        stack::Config config = plain();
        config.tcp.rfc1337 = rfc1337;
        Duo duo(config, plain());
        duo.open();
        duo.b_follows();
        duo.at_a.close();
        duo.run(1s);
        ASSERT_EQ(duo.state_a(), "TIME-WAIT");
        // Old text arrives from nowhere; our ACK meets a peer without a record, whose RST is exact.
        const auto fin = duo.sent(Duo::kFromB, 'F').back().segment;
        duo.spoof(Duo::kFromB, {.flags = "A", .seq = fin.seq - 100, .ack = fin.ack, .text = "old"});
        duo.run(100ms);
        EXPECT_GE(duo.sent(Duo::kFromB, 'R').size(), 1U);
        EXPECT_EQ(duo.state_a(), rfc1337 ? "TIME-WAIT" : "CLOSED");
        EXPECT_EQ(duo.a.count(Counter::TimeWaitResetByPeer), rfc1337 ? 0U : 1U);
    }
}

TEST_F(Blind, K_36_forged_icmp_aborts_no_synchronized_connection_and_the_mtu_has_a_floor) {
    start();
    for (std::uint8_t code = 0; code <= 15; ++code) {
        if (code == 4) continue;
        duo.icmp(Duo::kFromA, 3, code, 0, to_b);           // nothing of it is in flight
        duo.icmp(Duo::kFromA, 3, code, 0, to_b + 50'000);  // never sent
    }
    duo.icmp(Duo::kFromA, 4, 0, 0, to_b);
    duo.icmp(Duo::kFromA, 5, 1, 0xc612'0063, to_b);
    for (const std::uint32_t mtu : {0U, 68U, 296U, 65'000U}) {
        duo.icmp(Duo::kFromA, 3, 4, mtu, to_b + 50'000);
    }
    EXPECT_GT(duo.a.count(Counter::OutOfWindowIcmps), 15U);
    EXPECT_EQ(duo.a.count(Counter::IcmpInSrcQuenchs), 1U);
    EXPECT_EQ(duo.a.count(Counter::IcmpInRedirects), 1U);
    EXPECT_EQ(duo.a.count(Counter::PmtuReduced), 0U);
    EXPECT_EQ(duo.state_a(), "ESTABLISHED");
    // In flight, and believed, but no further than the floor.
    duo.lose(Duo::kFromA, 'P', 1);
    duo.say(duo.at_a, 1'400);
    for (std::uint8_t code = 0; code <= 3; ++code) duo.icmp(Duo::kFromA, 3, code, 0, to_b);
    for (const std::uint32_t mtu : {0U, 68U, 65'000U}) duo.icmp(Duo::kFromA, 3, 4, mtu, to_b);
    EXPECT_EQ(duo.state_a(), "ESTABLISHED");
    duo.log.clear();
    duo.run(5s);
    for (const Logged& one : duo.sent(Duo::kFromA, 'A')) {
        EXPECT_TRUE(one.segment.text.empty() || one.segment.text.size() >= 100);
    }
    expect_data_flows();
}

}  // namespace
}  // namespace lastack::test
