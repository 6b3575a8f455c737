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

// The peer's largest window was 65535, which the record keeps as 2^16.
TEST_F(CompactRecord, E_6_TW_E07_an_ack_is_too_old_below_the_largest_window_of_the_peer) {
    peer.send({.flags = "FA", .seq = 1'006, .ack = fin + 1});
    ASSERT_EQ(host.state(kHostPort, kPeerPort), "TIME-WAIT");
    host.sent();
    host.advance(1s);
    peer.send({.flags = "A", .seq = 1'007, .ack = fin + 1 - 65'536});
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "A", .seq = 1'007, .ack = fin + 1 - 65'537});
    EXPECT_EQ(host.sent(), (Trace{{"A", fin + 1, 1'007}}));
    EXPECT_EQ(host.count(base::Counter::TcpInAckTooOld), 1U);
    EXPECT_EQ(host.count(base::Counter::TCPChallengeACK), 1U);
}

TEST_F(CompactRecord, E_6_FW2_E07_and_in_an_orphans_fin_wait_2) {
    peer.send({.flags = "A", .seq = 1'006, .ack = fin + 1 - 65'536});
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "A", .seq = 1'006, .ack = fin + 1 - 65'537});
    EXPECT_EQ(host.sent(), (Trace{{"A", fin + 1, 1'006}}));
    EXPECT_EQ(host.count(base::Counter::TcpInAckTooOld), 1U);
}

TEST_F(CompactRecord, E_3_FW2_E01_a_syn_with_fin_is_challenged_in_fin_wait_2) {
    peer.send({.flags = "SF", .seq = 900'000});
    EXPECT_EQ(host.sent(), (Trace{{"A", fin + 1, 1'006}}));
    EXPECT_EQ(host.count(base::Counter::TCPChallengeACK), 1U);
    EXPECT_EQ(host.count(base::Counter::TcpInSynFin), 0U);
}

TEST_F(CompactRecord, TW_E03_S_2_an_ack_with_nothing_new_is_dropped_under_its_own_name) {
    peer.send({.flags = "A", .seq = 1'006, .ack = fin + 1});
    EXPECT_EQ(host.count(base::Counter::TcpInNothingNew), 1U);
    peer.send({.flags = "FA", .seq = 1'006, .ack = fin + 1});
    host.sent();
    peer.send({.flags = "A", .seq = 1'007, .ack = fin + 1});
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.count(base::Counter::TcpInNothingNew), 2U);
}

// C-4, I-40: the ACKs of a record are marked as the connection's segments were.
TEST(CompactAnswers, C_4_I_40_keep_the_dscp_and_the_ttl_of_the_connection) {
    Host host;
    Peer peer(host, kPeerPort, kHostPort);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    const std::uint32_t fin = peer.open(1'000) + 1;
    ASSERT_TRUE(host.app().last.set_option(Option::dscp, 46));
    ASSERT_TRUE(host.app().last.set_option(Option::ttl, 33));
    host.app().last.close();
    host.turn();
    peer.send({.flags = "A", .seq = 1'001, .ack = fin + 1});
    host.take_frames();
    const auto expect_marked = [&](const char* state) {
        const auto frames = host.take_frames();
        ASSERT_EQ(frames.size(), 1U) << state;
        EXPECT_EQ(std::to_integer<int>(frames[0].bytes[14 + 1]), 46 << 2) << state;
        EXPECT_EQ(std::to_integer<int>(frames[0].bytes[14 + 8]), 33) << state;
        EXPECT_EQ(host.state(kHostPort, kPeerPort), state);
    };
    peer.send({.flags = "A", .seq = 900'000, .ack = fin + 1});
    expect_marked("FIN-WAIT-2");
    peer.send({.flags = "FA", .seq = 1'001, .ack = fin + 1});
    expect_marked("TIME-WAIT");
    peer.send({.flags = "FA", .seq = 1'001, .ack = fin + 1});
    expect_marked("TIME-WAIT");
}

// J-13: what was never recorded has not entered TIME-WAIT.
TEST(CompactAnswers, J_13_C_23_a_close_that_finds_no_record_is_an_overflow_and_no_entry) {
    stack::Config config = small_config();
    config.limits.max_time_wait = 1;
    config.tcp.tw_overflow = TimeWaitOverflow::drop_new;
    Host host(config);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    for (std::uint16_t port = kPeerPort; port < kPeerPort + 2; ++port) {
        Peer peer(host, port, kHostPort);
        const std::uint32_t fin = peer.open(1'000) + 1;
        host.app().last.shutdown_write();
        host.turn();
        peer.send({.flags = "FA", .seq = 1'001, .ack = fin + 1});
        host.sent();
    }
    EXPECT_EQ(host.count(base::Counter::TCPTimeWaitOverflow), 1U);
    EXPECT_EQ(host.count(base::Counter::TimeWaitEntered), 1U);
    EXPECT_EQ(host.in_state(tcp::State::TimeWait), 1U);
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

// The wait for the FIN could have been longer than 2MSL: the record's end moves nearer.
TEST(CompactRecordWait, D_5_D_6_a_fin_ends_a_wait_that_was_longer_than_2msl) {
    stack::Config config = small_config();
    config.tcp.fin_timeout = 10min;
    Host host(config);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    Peer peer(host, kPeerPort, kHostPort);
    const std::uint32_t una = peer.open(1'000) + 2;
    host.app().last.close();
    host.turn();
    peer.send({.flags = "A", .seq = 1'001, .ack = una});
    ASSERT_EQ(host.state(kHostPort, kPeerPort), "FIN-WAIT-2");
    host.advance_to_tick();
    peer.send({.flags = "FA", .seq = 1'001, .ack = una});
    host.advance(60s - 1ms);
    EXPECT_EQ(host.state(kHostPort, kPeerPort), "TIME-WAIT");
    host.advance(1ms);
    EXPECT_EQ(host.state(kHostPort, kPeerPort), "CLOSED");
    EXPECT_TRUE(host.stack().quiescent());
}

// A retransmitted FIN moves the end away, again and again, and nothing is touched for it but the
// record: the last one counts all the same.
TEST_F(CompactRecord, C_5_C_22_however_often_2msl_begins_anew_it_ends_after_the_last_time) {
    const Wire again{.flags = "FA", .seq = 1'006, .ack = fin + 1};
    host.advance_to_tick();
    for (int i = 0; i < 100; ++i) {
        peer.send(again);
        host.advance(7s);
    }
    EXPECT_EQ(host.count(base::Counter::TimeWaitRestarted), 99U);
    host.advance(53s - 1ms);
    EXPECT_EQ(host.state(kHostPort, kPeerPort), "TIME-WAIT");
    host.advance(1ms);
    EXPECT_EQ(host.state(kHostPort, kPeerPort), "CLOSED");
    EXPECT_TRUE(host.stack().quiescent());
}

}  // namespace
}  // namespace lastack::test
