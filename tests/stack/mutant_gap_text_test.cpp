// What scripts/mutants found untested while text is on its way: each of these fails on one mutant
// of tests/mutants/ that nothing else noticed.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class TextGap : public testing::Test, public Conversation {
  protected:
    void ack(std::uint32_t number, std::uint16_t window = 65'535) {
        peer.send({.flags = "A", .seq = next, .ack = number, .window = window});
    }
};

// The later segment overtakes the earlier one, and both are in the window.
TEST_F(TextGap, F_14_a_segment_that_was_overtaken_does_not_bring_back_its_window) {
    open();
    peer.send({.flags = "A", .seq = 1'006, .ack = 5'001, .text = "later", .window = 0});
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "first", .window = 9'000});
    EXPECT_EQ(host.app().received, "firstlater");
    host.sent();
    say(10);
    EXPECT_EQ(host.sent(), Trace{}) << "the window is shut";
}

TEST_F(TextGap, H_14_a_fin_is_no_duplicate_ack) {
    open();
    say(14'600);
    host.sent();
    ack(5'001);
    ack(5'001);
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'001});
    EXPECT_EQ(host.sent(), (Trace{{"A", sent, 1'002}}));
    EXPECT_EQ(host.count(Counter::TCPFastRetrans), 0U);
}

// A peer that says thrice that urgent data is coming has lost nothing of ours.
TEST_F(TextGap, H_14_a_word_of_urgent_data_is_no_duplicate_ack) {
    open();
    say(14'600);
    host.sent();
    for (std::uint16_t up = 10; up < 14; ++up) {
        peer.send({.flags = "AU", .seq = next, .ack = 5'001, .urgent = up});
    }
    EXPECT_EQ(host.count(Counter::TCPFastRetrans), 0U);
    EXPECT_EQ(host.count(Counter::RetransSegs), 0U);
}

// After a timeout SND.NXT lies behind SND.MAX; the peer expects the latter of our ACKs.
TEST_F(TextGap, F_10_an_ack_between_retransmissions_is_sent_from_snd_max) {
    open();
    say(2'920);
    host.sent();
    host.advance(1s);
    ASSERT_EQ(host.count(Counter::TCPTimeouts), host.sent().size());
    peer.send({.flags = "A", .seq = 990, .ack = 5'001, .text = "old"});
    EXPECT_EQ(host.sent(), (Trace{{"A", 7'921, 1'001}}));
}

TEST_F(TextGap, FW1_T02_a_fin_for_which_the_window_has_no_place_waits_behind_its_text) {
    open();
    ack(5'001, 10);
    ASSERT_EQ(connection.send(as_bytes("0123456789")), 10U);
    connection.shutdown_write();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'001, "0123456789"}}));
    EXPECT_EQ(state(), "FIN-WAIT-1");
    ack(5'011, 1);
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'011, 1'001}}));
}

// orphan_retries is 8: a connection with a reader outlasts it, as long as its probes are answered.
TEST_F(TextGap, D_21_H_34_a_connection_with_a_reader_may_probe_as_long_as_the_peer_answers) {
    open();
    ack(5'001, 0);
    say(10);
    for (int i = 0; i < 12; ++i) {
        host.advance(2min);
        ASSERT_FALSE(host.sent().empty());
        ASSERT_EQ(state(), "ESTABLISHED") << "after " << i << " intervals";
        ack(5'001, 0);
    }
}

TEST_F(TextGap, H_42_nothing_is_probed_for_while_text_is_outstanding) {
    open();
    ASSERT_TRUE(connection.set_option(Option::keep_alive, 1));
    ASSERT_TRUE(connection.set_option(Option::keep_alive_idle_ms, 1'000));
    ASSERT_TRUE(connection.set_option(Option::keep_alive_interval_ms, 1'000));
    say(10);
    host.advance(10s);
    EXPECT_GT(host.count(Counter::TCPTimeouts), 0U);
    EXPECT_EQ(host.count(Counter::TCPKeepAlive), 0U);
    ack(5'011);
    host.sent();
    host.advance(1'100ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'010, 1'001}}));
    EXPECT_EQ(host.count(Counter::TCPKeepAlive), 1U);
}

// The handshake took 300 ms, so the RTO is 900 ms. The text that was sent twice is acknowledged
// after 800 ms: a sample of that would make it 1312 ms.
TEST_F(TextGap, H_3_text_that_fast_retransmit_sent_again_is_not_timed) {
    listen();
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    host.advance(300ms);
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001});
    connection = host.app().last;
    say(14'600);
    host.advance(100ms);
    for (int i = 0; i < 3; ++i) ack(5'001);
    ASSERT_EQ(host.count(Counter::TCPFastRetrans), 1U);
    host.advance(700ms);
    ack(sent);
    say(10);
    host.sent();
    host.advance(890ms);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(20ms);
    EXPECT_EQ(host.sent(), (Trace{{"PA", sent - 10, 1'001, "0123456789"}}));
}

}  // namespace
}  // namespace lastack::test
