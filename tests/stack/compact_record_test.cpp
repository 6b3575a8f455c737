// What is left of a connection whose Tcb has gone: the orphan's FIN-WAIT-2, and TIME-WAIT.

#include <gtest/gtest.h>

#include "tests/support/host.hpp"

namespace lastack::test {
namespace {

constexpr std::uint16_t kHostPort = 80;
constexpr std::uint16_t kPeerPort = 40'000;

using Trace = std::vector<Wire>;

class CompactRecord : public testing::Test {
  protected:
    Host host;
    Peer peer{host, kPeerPort, kHostPort};
    Listener listener;
    std::uint32_t fin = 0;  // the number of our FIN

    // The peer has sent five bytes, the host has closed, and its FIN is acknowledged.
    void SetUp() override {
        const auto result = host.stack().listen({Address{}, kHostPort}, host.app(), {});
        ASSERT_TRUE(result);
        listener = result.listener;
        fin = peer.open(1'000) + 1;
        peer.send({.flags = "PA", .seq = 1'001, .ack = fin, .text = "hello"});
        host.app().last.close();
        host.turn();
        ASSERT_EQ(host.sent(), (Trace{{"FA", fin, 1'006}}));
        peer.send({.flags = "A", .seq = 1'006, .ack = fin + 1});
        ASSERT_EQ(host.state(kHostPort, kPeerPort), "FIN-WAIT-2");
    }
};

// The ACK of "hello" was lost, and the peer sends it again together with its FIN.
TEST_F(CompactRecord, D_11_a_fin_behind_text_that_was_read_already_is_an_orderly_end) {
    peer.send({.flags = "FPA", .seq = 1'001, .ack = fin + 1, .text = "hello"});
    EXPECT_EQ(host.sent(), (Trace{{"A", fin + 1, 1'007}}));
    EXPECT_EQ(host.state(kHostPort, kPeerPort), "TIME-WAIT");
}

TEST_F(CompactRecord, D_11_a_fin_behind_new_text_is_a_reset) {
    peer.send({.flags = "FPA", .seq = 1'001, .ack = fin + 1, .text = "hello!"});
    EXPECT_EQ(host.sent(), (Trace{{"RA", fin + 1, 1'006}}));
    EXPECT_EQ(host.state(kHostPort, kPeerPort), "CLOSED");
}

TEST_F(CompactRecord, C_12_E_9_a_syn_that_nobody_listens_for_is_answered_within_the_limit) {
    peer.send({.flags = "FA", .seq = 1'006, .ack = fin + 1});
    ASSERT_EQ(host.state(kHostPort, kPeerPort), "TIME-WAIT");
    host.stack().stop_listening(listener);
    host.sent();
    host.advance(1s);
    for (int i = 0; i < 5; ++i) peer.send({.flags = "S", .seq = 900'000});
    EXPECT_EQ(host.sent(), (Trace{{"A", fin + 1, 1'007}}));
    EXPECT_EQ(host.count(base::Counter::TCPACKSkippedTimeWait), 4U);
    host.advance(500ms);
    peer.send({.flags = "S", .seq = 900'000});
    EXPECT_EQ(host.sent(), (Trace{{"A", fin + 1, 1'007}}));
    EXPECT_EQ(host.state(kHostPort, kPeerPort), "TIME-WAIT");
}

}  // namespace
}  // namespace lastack::test
