// FIN-WAIT-2 with and without an owner, and orphans (requirements D).

#include "tests/stack/ending.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Orphans : public Ending {};

TEST_F(Orphans, D_1_fin_wait_2_with_an_owner_has_no_timeout) {
    open();
    connection.shutdown_write();
    host.turn();
    sent += 1;
    send("A");
    host.advance(std::chrono::hours(48));
    EXPECT_EQ(state(), "FIN-WAIT-2");
    send("FA", "bye");
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.app().received, "bye");
}

TEST_F(Orphans, D_8_D_10_a_close_over_unread_text_is_a_reset) {
    host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    open();
    send("PA", "unread");
    host.sent();
    connection.close();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"RA", 5'001, 1'007}}));
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.count(Counter::TCPAbortOnClose), 1U);
    expect_nothing_left();
}

TEST_F(Orphans, D_9_a_fin_alone_is_nothing_unread) {
    open();
    send("FA");
    connection.close();
    host.turn();
    EXPECT_EQ(state(), "LAST-ACK");
    EXPECT_EQ(host.count(Counter::TCPAbortOnClose), 0U);
}

TEST_F(Orphans, D_13_linger_of_zero_makes_close_a_reset) {
    open();
    say(10);
    host.sent();
    ASSERT_TRUE(connection.set_option(Option::linger_ms, 0));
    connection.close();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"RA", 5'011, 1'001}}));
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

// The peer has said all it had to say, and our FIN is on its way: nothing is left to reset.
TEST_F(Orphans, CLG_A03_D_13_linger_of_zero_in_closing_sends_no_reset) {
    open();
    connection.shutdown_write();
    host.turn();
    send("FA");
    ASSERT_EQ(state(), "CLOSING");
    host.sent();
    ASSERT_TRUE(connection.set_option(Option::linger_ms, 0));
    connection.close();
    host.turn();
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

TEST_F(Orphans, LA_A03_D_13_nor_in_last_ack) {
    open();
    send("FA");
    connection.shutdown_write();
    host.turn();
    ASSERT_EQ(state(), "LAST-ACK");
    host.sent();
    ASSERT_TRUE(connection.set_option(Option::linger_ms, 0));
    connection.close();
    host.turn();
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

TEST_F(Orphans, D_11_H_25_what_waits_beyond_a_gap_goes_with_its_reader) {
    open();
    peer.send({.flags = "A", .seq = next + 10, .ack = sent, .text = "beyond"});
    ASSERT_EQ(host.shell().live(), 1U);
    connection.close();
    host.turn();
    EXPECT_EQ(state(), "FIN-WAIT-1");
    EXPECT_EQ(host.shell().live(), 0U);
}

TEST_F(Orphans, D_26_a_second_close_sends_no_second_fin) {
    open();
    connection.shutdown_write();
    connection.shutdown_write();
    host.turn();
    connection.close();
    connection.close();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'001}}));
    EXPECT_EQ(host.count(Counter::StaleHandle), 0U);
}

TEST_F(Orphans, B_2_a_fin_sent_again_in_part_of_a_queue_keeps_its_number) {
    open();
    say(4'380);
    connection.shutdown_write();
    host.turn();
    EXPECT_EQ(host.sent().back(), (Wire{"FA", 9'381, 1'001}));
    host.advance(250ms);
    peer.send({.flags = "A", .seq = 1'001, .ack = 6'461});
    peer.send({.flags = "A", .seq = 1'001, .ack = 9'381});
    EXPECT_EQ(state(), "FIN-WAIT-1") << "all but the FIN is acknowledged";
    host.advance(2s);
    EXPECT_EQ(host.sent().back().seq, 9'381U);
    peer.send({.flags = "A", .seq = 1'001, .ack = 9'382});
    EXPECT_EQ(state(), "FIN-WAIT-2");
}

TEST_F(Orphans, D_17_K_31_last_ack_is_bounded_by_orphan_retries) {
    open();
    send("FA");
    connection.close();
    host.turn();
    host.advance(5min);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.count(Counter::FinRetrans), 8U);
    EXPECT_EQ(host.count(Counter::OrphanKilled), 1U);
    expect_nothing_left();
}

// D-17: not even once more where the time-out can grow no further.
TEST(OrphanRetries, D_17_zero_is_eight_as_long_as_the_time_out_grows) {
    stack::Config config = small_config();
    config.tcp.rto_max = 1s;
    config.tcp.orphan_retries = 0;
    Conversation talk(config);
    talk.open();
    talk.connection.close();
    talk.host.turn();
    talk.host.advance(2'399ms);  // 200 + 400 + 800 + 1000, and the last is the greatest
    EXPECT_EQ(talk.state(), "FIN-WAIT-1");
    EXPECT_EQ(talk.host.count(Counter::FinRetrans), 3U);
    talk.host.advance(1ms);
    EXPECT_EQ(talk.state(), "CLOSED");
    EXPECT_EQ(talk.host.count(Counter::OrphanKilled), 1U);
}

TEST(OrphanRetries, D_17_a_count_that_is_given_holds_though_the_time_out_is_at_its_greatest) {
    stack::Config config = small_config();
    config.tcp.rto_max = 1s;
    config.tcp.orphan_retries = 8;
    Conversation talk(config);
    talk.open();
    talk.connection.close();
    talk.host.turn();
    talk.host.advance(7'399ms);
    EXPECT_EQ(talk.state(), "FIN-WAIT-1");
    EXPECT_EQ(talk.host.count(Counter::FinRetrans), 8U);
    talk.host.advance(1ms);
    EXPECT_EQ(talk.state(), "CLOSED");
}

TEST(OrphanRetries, D_17_D_21_a_shut_window_is_probed_as_often) {
    stack::Config config = small_config();
    config.tcp.rto_max = 1s;
    config.tcp.persist_max = 1s;
    config.tcp.orphan_retries = 0;
    Conversation talk(config);
    talk.open();
    talk.peer.send({.flags = "A", .seq = talk.next, .ack = talk.sent, .window = 0});
    talk.connection.close();
    talk.host.turn();
    talk.host.advance(2'399ms);
    EXPECT_EQ(talk.state(), "FIN-WAIT-1");
    EXPECT_EQ(talk.host.count(Counter::TCPWinProbe), 3U);
    talk.host.advance(1ms);
    EXPECT_EQ(talk.state(), "CLOSED");
    EXPECT_EQ(talk.host.count(Counter::OrphanKilled), 1U);
}

}  // namespace
}  // namespace lastack::test
