// What scripts/mutants found untested in opening and ending: each of these fails on one mutant of
// tests/mutants/ that nothing else noticed.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Gap : public testing::Test, public Conversation {
  protected:
    // ESTABLISHED to FIN-WAIT-2, the handle open: RCV.NXT 1001, SND.NXT 5002.
    void enter_fin_wait_2() {
        open();
        connection.shutdown_write();
        host.turn();
        sent += 1;
        send("A");
        ASSERT_EQ(state(), "FIN-WAIT-2");
        host.sent();
    }

    // On to TIME-WAIT: RCV.NXT 1002.
    void enter_time_wait() {
        enter_fin_wait_2();
        send("FA");
        ASSERT_EQ(state(), "TIME-WAIT");
    }

    // SYN-RECEIVED of a simultaneous open: both SYNs have crossed.
    void cross() {
        connect();
        peer.send({.flags = "S", .seq = 1'000});
        ASSERT_EQ(host.sent(), (Trace{{"SA", 5'000, 1'001}}));
        ASSERT_EQ(state(), "SYN-RECEIVED");
    }
};

TEST_F(Gap, SYNR_E06_a_simultaneous_open_is_not_completed_by_the_ack_of_what_was_never_sent) {
    cross();
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'002});
    EXPECT_EQ(host.sent(), (Trace{{"R", 5'002, 0}}));
    EXPECT_EQ(state(), "SYN-RECEIVED");
}

TEST_F(Gap, SYNR_E06_a_request_stays_one_after_a_wrong_ack_and_costs_no_connection) {
    listen();
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    peer.send({.flags = "S", .seq = 1'000});
    host.sent();
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'002});
    EXPECT_EQ(host.sent(), (Trace{{"R", 5'002, 0}}));
    EXPECT_EQ(host.count(Counter::PassiveOpens), 0U);
    host.advance(1'001ms);
    EXPECT_EQ(host.sent(), (Trace{{"SA", 5'000, 1'001}}));
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001});
    EXPECT_EQ(state(), "ESTABLISHED");
}

TEST_F(Gap, SYNR_A02_S_21_nothing_is_queued_behind_a_fin_that_waits_for_established) {
    cross();
    connection.shutdown_write();
    EXPECT_EQ(connection.send_room(), 0U);
    EXPECT_EQ(connection.send(as_bytes("late")), 0U);
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001});
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'001}}));
}

// RFC 6528's clock runs at 250 numbers a millisecond; a connection may be far ahead of it.
TEST_F(Gap, C_9_where_the_isn_clock_lags_behind_the_old_numbers_the_new_iss_does_not) {
    open();
    say(60'000);
    for (std::uint32_t ack = 5'001; host.sent().size() > 0 && ack < sent;) {
        ack = std::min(ack + 14'600, sent);
        peer.send({.flags = "A", .seq = next, .ack = ack});
    }
    connection.close();
    host.turn();
    sent += 1;
    send("FA");
    ASSERT_EQ(state(), "TIME-WAIT");
    host.sent();
    peer.send({.flags = "S", .seq = 2'000, .options = {.mss = 1'460}});
    EXPECT_EQ(host.sent(), (Trace{{"SA", sent + 65'537, 2'001}}));
}

TEST_F(Gap, C_10_a_reopening_is_taken_though_the_listener_has_all_the_half_open_it_may) {
    const auto result =
        host.stack().listen({Address{}, kHostPort}, host.app(), {.max_half_open = 1});
    ASSERT_TRUE(result);
    const std::uint32_t iss = peer.open(1'000);
    host.app().last.close();
    host.turn();
    peer.send({.flags = "FA", .seq = 1'001, .ack = iss + 2});
    ASSERT_EQ(state(), "TIME-WAIT");
    Peer(host, 1, kHostPort).send({.flags = "S", .seq = 1});
    host.sent();
    peer.send({.flags = "S", .seq = 2'000});
    EXPECT_EQ(host.sent().at(0).flags, "SA");
    EXPECT_EQ(state(), "SYN-RECEIVED");
}

// A record without a listener would answer an acceptable SYN (C-12).
TEST_F(Gap, C_39_a_syn_with_fin_is_dropped_where_nobody_listens_too) {
    enter_time_wait();
    host.stack().stop_listening(listener);
    host.sent();
    peer.send({.flags = "SF", .seq = 2'000});
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.count(Counter::TcpInSynFin), 1U);
    EXPECT_EQ(state(), "TIME-WAIT");
}

TEST_F(Gap, C_4_the_ack_of_a_repeated_fin_has_the_window_that_was_advertised_last) {
    enter_time_wait();
    const auto first = host.sent();
    ASSERT_EQ(first, (Trace{{"A", 5'002, 1'002}}));
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
    const auto again = host.sent();
    ASSERT_EQ(again, first);
    EXPECT_GT(first[0].window, 0);
    EXPECT_EQ(again[0].window, first[0].window);
}

TEST_F(Gap, C_4_C_30_the_time_stamps_of_time_wait_continue_those_of_the_connection) {
    const auto stamp = wire::Timestamps{100, 0};
    open({.mss = 1'460, .timestamps = stamp});
    connection.close();
    host.turn();
    const auto fin = host.sent();
    ASSERT_EQ(fin, (Trace{{"FA", 5'001, 1'001}}));
    const Wire theirs{.flags = "FA", .seq = 1'001, .ack = 5'002, .options = {.timestamps = stamp}};
    peer.send(theirs);
    ASSERT_EQ(state(), "TIME-WAIT");
    host.sent();
    host.advance(7s);
    peer.send(theirs);
    const auto again = host.sent();
    ASSERT_EQ(again, (Trace{{"A", 5'002, 1'002}}));
    EXPECT_EQ(again[0].options.timestamps->value, fin[0].options.timestamps->value + 7'000);
}

TEST_F(Gap, E_9_old_text_in_time_wait_is_answered_every_time) {
    enter_time_wait();
    host.sent();
    for (int i = 0; i < 3; ++i) {
        peer.send({.flags = "A", .seq = 990, .ack = 5'002, .text = "old"});
        EXPECT_EQ(host.sent(), (Trace{{"A", 5'002, 1'002}}));
    }
}

TEST_F(Gap, FW2_A03_an_abort_in_fin_wait_2_is_told_to_the_peer) {
    enter_fin_wait_2();
    connection.abort();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"RA", 5'002, 1'001}}));
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

TEST_F(Gap, D_4_with_a_negative_linger2_the_ack_of_an_orphans_fin_ends_in_a_reset) {
    open();
    ASSERT_TRUE(connection.set_option(Option::linger2_ms, -1));
    connection.close();
    host.turn();
    ASSERT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'001}}));
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'002});
    EXPECT_EQ(host.sent(), (Trace{{"RA", 5'002, 1'001}}));
    EXPECT_EQ(state(), "CLOSED");
}

stack::Config short_fin_timeout() {
    stack::Config config = small_config();
    config.tcp.fin_timeout = 20s;
    return config;
}

TEST(GapOfFinTimeout, D_2_C_2_fin_timeout_and_2msl_are_settings_of_their_own) {
    Conversation it{short_fin_timeout()};
    it.open();
    it.connection.close();
    it.host.turn();
    it.host.advance_to_tick();
    it.peer.send({.flags = "A", .seq = 1'001, .ack = 5'002});
    it.host.advance(20s - 1ms);
    EXPECT_EQ(it.state(), "FIN-WAIT-2");
    it.host.advance(1ms);
    EXPECT_EQ(it.state(), "CLOSED");
}

}  // namespace
}  // namespace lastack::test
