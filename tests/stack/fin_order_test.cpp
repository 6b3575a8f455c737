// The peer's FIN out of its order: text beyond it that came first, gaps ahead of it, and the FIN
// said twice (B-3, K-12).

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

class FinOrder : public testing::Test, protected Conversation {
  protected:
    void SetUp() override { open({.mss = 1'460, .sack_permitted = true}); }

    Wire segment(const char* flags, std::uint32_t offset, std::size_t bytes = 0) {
        return {.flags = flags, .seq = next + offset, .ack = sent, .text = std::string(bytes, 'p')};
    }
};

TEST_F(FinOrder, B_3_K_12_a_fin_below_text_that_came_first_ends_the_stream_at_its_own_number) {
    peer.send(segment("A", 40, 160));
    host.sent();
    peer.send(segment("FA", 0, 50));
    EXPECT_EQ(host.sent(), (Trace{{"A", sent, next + 51}}));
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(host.app().received.size(), 50U);
    EXPECT_TRUE(host.app().saw("peer closed"));
}

TEST_F(FinOrder, B_3_text_that_closes_the_gap_does_not_run_past_a_fin_at_its_end) {
    peer.send(segment("A", 10, 90));
    host.sent();
    peer.send(segment("FA", 0, 10));
    EXPECT_EQ(host.sent(), (Trace{{"A", sent, next + 11}}));
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(host.app().received.size(), 10U);
}

TEST_F(FinOrder, B_3_a_fin_inside_queued_text_and_beyond_a_gap_cuts_it) {
    peer.send(segment("A", 40, 160));
    peer.send(segment("FA", 20, 60));
    host.sent();
    peer.send(segment("A", 0, 20));
    EXPECT_EQ(host.sent(), (Trace{{"A", sent, next + 81}}));
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(host.app().received.size(), 80U);
}

TEST_F(FinOrder, EST_E12_H_23_a_bare_fin_beyond_a_gap_is_answered_each_time_it_comes) {
    for (int i = 0; i < 3; ++i) {
        peer.send(segment("FA", 100));
        EXPECT_EQ(host.sent(), (Trace{{"A", sent, next}})) << i;
    }
    peer.send(segment("A", 0, 100));
    EXPECT_EQ(host.sent(), (Trace{{"A", sent, next + 101}}));
    EXPECT_EQ(state(), "CLOSE-WAIT");
}

TEST_F(FinOrder, FW1_E12_FW2_E12_H_23_and_in_both_fin_waits) {
    connection.shutdown_write();
    host.turn();
    host.sent();
    for (int i = 0; i < 2; ++i) {
        peer.send(segment("FA", 100));
        EXPECT_EQ(host.sent(), (Trace{{"A", sent + 1, next}})) << i;
    }
    sent += 1;
    peer.send(segment("A", 0));
    ASSERT_EQ(state(), "FIN-WAIT-2");
    peer.send(segment("FA", 100));
    EXPECT_EQ(host.sent(), (Trace{{"A", sent, next}}));
}

TEST_F(FinOrder, H_23_text_and_fin_beyond_a_gap_bring_one_ack) {
    for (int i = 0; i < 2; ++i) {
        const auto before = host.count(base::Counter::OutSegs);
        peer.send(segment("FA", 100, 10));
        EXPECT_EQ(host.sent(), (Trace{{"A", sent, next}})) << i;
        EXPECT_EQ(host.count(base::Counter::OutSegs) - before, 1U) << i;
    }
}

TEST_F(FinOrder, CW_E11_S_2_a_second_fin_is_dropped_under_its_own_name) {
    send("FA");
    ASSERT_EQ(state(), "CLOSE-WAIT");
    host.sent();
    peer.send(segment("FA", 0));
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.count(base::Counter::TcpInSecondFin), 1U);
    connection.shutdown_write();
    host.turn();
    ASSERT_EQ(state(), "LAST-ACK");
    peer.send(segment("FA", 0));
    EXPECT_EQ(host.count(base::Counter::TcpInSecondFin), 2U);
    EXPECT_EQ(state(), "LAST-ACK");
}

// F-7: the peer knows no window but that of our SYN, and its SYN,ACK carries more than fits.
TEST(SynAckText, F_7_text_beyond_the_window_is_cut_off_with_its_fin) {
    stack::Config config = small_config();
    config.tcp.receive_buffer = 1'000;
    Host host(config);
    Peer peer(host, 40'000, 80);
    host.wait_for_isn(80, 40'000, 5'000);
    ASSERT_TRUE(host.stack().connect({Address::ipv4(kPeerAddress.value), 40'000}, host.app(),
                                     {.local = {Address{}, 80}}));
    host.turn();
    host.sent();
    peer.send({.flags = "SFA", .seq = 1'000, .ack = 5'001, .text = std::string(1'400, 'p')});
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 2'001}}));
    EXPECT_EQ(host.state(80, 40'000), "ESTABLISHED");
    EXPECT_EQ(host.app().received.size(), 1'000U);
}

}  // namespace
}  // namespace lastack::test
