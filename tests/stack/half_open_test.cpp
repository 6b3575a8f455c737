// SYN-RECEIVED in its rarer turns: closed there, and told of by ICMP.

#include <gtest/gtest.h>

#include "tests/support/host.hpp"
#include "tests/support/raw_frame.hpp"

namespace lastack::test {
namespace {

constexpr std::uint16_t kHostPort = 80;
constexpr std::uint16_t kPeerPort = 40'000;

using Trace = std::vector<Wire>;

// B-11: the SYN is unacknowledged though the state is FIN-WAIT-1. What does not acknowledge it is
// refused as in SYN-RECEIVED, changes nothing, and is no duplicate to send anything again for.
TEST(HalfOpen, B_11_an_ack_short_of_our_syn_is_refused_and_resends_nothing) {
    Host host;
    Peer peer(host, kPeerPort, kHostPort);
    const auto result = host.stack().connect({Address::ipv4(kPeerAddress.value), kPeerPort},
                                             host.app(), {.local = {Address{}, kHostPort}});
    ASSERT_TRUE(result);
    host.turn();
    const std::uint32_t iss = host.sent().at(0).seq;
    peer.send({.flags = "S", .seq = 7'000});
    ASSERT_EQ(host.sent(), (Trace{{"SA", iss, 7'001}}));
    Connection(result.connection).close();
    host.turn();
    ASSERT_EQ(host.state(kHostPort, kPeerPort), "FIN-WAIT-1");
    for (int i = 0; i < 4; ++i) {
        peer.send({.flags = "FA", .seq = 7'001, .ack = iss, .text = "too early"});
        EXPECT_EQ(host.sent(), (Trace{{"R", iss, 0}})) << i;
    }
    EXPECT_EQ(host.state(kHostPort, kPeerPort), "FIN-WAIT-1");
    EXPECT_EQ(host.app().received, "");
    peer.send({.flags = "A", .seq = 7'001, .ack = iss + 1});
    EXPECT_EQ(host.sent(), (Trace{{"FA", iss + 1, 7'001}}));
}

class PassiveHalfOpen : public testing::Test {
  protected:
    Host host;
    Peer peer{host, kPeerPort, kHostPort};
    std::uint32_t iss = 0;

    void SetUp() override {
        ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
        peer.send({.flags = "S", .seq = 1'000});
        iss = host.sent().at(0).seq;
        ASSERT_EQ(host.in_state(tcp::State::SynReceived), 1U);
    }

    // Destination unreachable, about a SYN,ACK of ours with this number.
    void unreachable(std::uint32_t quoted) {
        const auto quote = raw::ipv4(
            {.source = kHostAddress.value, .destination = kPeerAddress.value},
            raw::tcp({.source_port = kHostPort, .destination_port = kPeerPort, .seq = quoted}));
        host.receive(
            raw::ethernet({}, raw::ipv4({.source = kPeerAddress.value, .protocol = 1},
                                        raw::icmp({.type = 3, .code = 1, .rest = 0}, quote))));
    }
};

TEST_F(PassiveHalfOpen, SYNR_I01_an_icmp_error_about_the_syn_ack_drops_the_request_silently) {
    unreachable(iss);
    EXPECT_EQ(host.in_state(tcp::State::SynReceived), 0U);
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.app().events, std::vector<std::string>{});
    EXPECT_TRUE(host.stack().quiescent());
}

TEST_F(PassiveHalfOpen, B_12_an_icmp_error_about_another_number_changes_nothing) {
    unreachable(iss + 1);
    EXPECT_EQ(host.in_state(tcp::State::SynReceived), 1U);
    EXPECT_EQ(host.count(base::Counter::OutOfWindowIcmps), 1U);
}

}  // namespace
}  // namespace lastack::test
