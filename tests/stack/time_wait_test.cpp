// TIME-WAIT under every segment that may meet it (requirements C): the table of C-7 first.

#include "tests/stack/ending.hpp"

namespace lastack::test {
namespace {

using base::Counter;

wire::TcpOptions stamp(std::uint32_t value) {
    return {.timestamps = wire::Timestamps{value, 0}};
}

class TimeWaits : public Ending {};

// --- TIME-WAIT and a SYN: the table of C-7

TEST_F(TimeWaits, C_7_d_without_timestamps_a_syn_beyond_rcv_nxt_reopens) {
    enter_time_wait();
    syn(1'003);
    EXPECT_EQ(flags_of_answer(), "SA");
    EXPECT_EQ(state(), "SYN-RECEIVED");
}

TEST_F(TimeWaits, C_8_a_syn_at_rcv_nxt_itself_does_not) {
    enter_time_wait();
    syn(1'002);
    EXPECT_EQ(flags_of_answer(), "A");
    EXPECT_EQ(state(), "TIME-WAIT");
}

TEST_F(TimeWaits, C_7_a_a_later_timestamp_reopens_whatever_the_number) {
    enter_time_wait({.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    syn(1, {.mss = 1'460, .timestamps = wire::Timestamps{101, 0}});
    EXPECT_EQ(flags_of_answer(), "SA");
}

TEST_F(TimeWaits, C_7_b_the_same_timestamp_needs_a_greater_number) {
    enter_time_wait({.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    syn(1'002, {.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    EXPECT_EQ(flags_of_answer(), "A");
    syn(1'003, {.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    EXPECT_EQ(flags_of_answer(), "SA");
}

TEST_F(TimeWaits, C_17_an_older_timestamp_vetoes_a_greater_number) {
    enter_time_wait({.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    syn(9'000, {.mss = 1'460, .timestamps = wire::Timestamps{99, 0}});
    EXPECT_EQ(flags_of_answer(), "A");
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.count(Counter::PAWSTimewait), 1U);
}

// That its ISS is beyond the old numbers, whatever the clock says, is in mutant_gap_test.cpp.
TEST_F(TimeWaits, C_11_the_record_is_kept_until_the_handshake_of_the_reopening_is_complete) {
    enter_time_wait();
    syn(2'000);
    const auto answer = host.sent();
    ASSERT_EQ(answer.size(), 1U);
    EXPECT_EQ(state(), "SYN-RECEIVED");
    EXPECT_EQ(in_use("time-wait"), 1U);
    peer.send({.flags = "A", .seq = 2'001, .ack = answer[0].seq + 1});
    EXPECT_EQ(state(), "ESTABLISHED");
    EXPECT_EQ(host.count(Counter::TimeWaitReopened), 1U);
    EXPECT_EQ(in_use("time-wait"), 0U);
}

TEST_F(TimeWaits, C_11_K_23_a_reset_of_the_reopening_returns_to_time_wait_with_the_time_left) {
    enter_time_wait();
    host.advance(30s);
    syn(2'000);
    host.sent();
    peer.send({.flags = "R", .seq = 2'001});
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.count(Counter::TimeWaitReturned), 1U);
    host.advance(29'999ms);
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(2ms);
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

TEST_F(TimeWaits, C_11_a_reopening_that_outlives_2msl_returns_to_no_more_than_a_tick_of_it) {
    enter_time_wait();
    host.advance(59s + 900ms);
    syn(2'000);
    host.sent();
    host.advance(500ms);
    ASSERT_EQ(state(), "SYN-RECEIVED");
    peer.send({.flags = "R", .seq = 2'001});
    EXPECT_EQ(host.count(Counter::TimeWaitReturned), 1U);
    host.advance(2ms);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.count(Counter::TimeWaitExpired), 1U);
    expect_nothing_left();
}

TEST_F(TimeWaits, C_11_a_listener_that_stops_gives_the_time_wait_back) {
    enter_time_wait();
    syn(2'000);
    host.sent();
    host.stack().stop_listening(listener);
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(61s);
    expect_nothing_left();
}

TEST_F(TimeWaits, C_11_a_reopening_that_nobody_completes_is_over_with_its_2msl) {
    enter_time_wait();
    syn(2'000);
    host.advance(3min);
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

TEST_F(TimeWaits, C_12_without_a_listener_time_wait_answers_an_acceptable_syn) {
    enter_time_wait();
    host.stack().stop_listening(listener);
    syn(2'000);
    EXPECT_EQ(flags_of_answer(), "A");
    EXPECT_EQ(state(), "TIME-WAIT");
}

TEST_F(TimeWaits, C_13_a_reopening_for_which_there_is_no_room_leaves_time_wait_alone) {
    enter_time_wait();
    for (std::uint16_t port = 1; port <= 16; ++port) {
        Peer(host, port, kHostPort).send({.flags = "S", .seq = 1, .options = {.mss = 1'460}});
    }
    host.sent();
    syn(2'000);
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.count(Counter::ListenDrops), 1U);
}

TEST_F(TimeWaits, C_39_a_syn_with_fin_does_not_touch_time_wait) {
    enter_time_wait();
    peer.send({.flags = "SF", .seq = 900});  // as a SYN it would be refused by an ACK
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "SF", .seq = 9'000});  // and this one let through to the listener
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.count(Counter::TcpInSynFin), 2U);
}

// The first ACK is the connection's own, the second is made of what is left of it.
TEST_F(TimeWaits, C_4_the_last_ack_keeps_window_and_timestamps) {
    open({.mss = 1'460, .window_scale = 2, .timestamps = wire::Timestamps{100, 0}});
    connection.close();
    host.turn();
    const auto fin = host.sent();
    ASSERT_EQ(fin.size(), 1U);
    const Wire theirs{.flags = "FA", .seq = 1'001, .ack = 5'002, .options = stamp(100)};
    peer.send(theirs);
    const auto first = host.sent();
    ASSERT_EQ(first, (Trace{{"A", 5'002, 1'002}}));
    ASSERT_TRUE(first[0].options.timestamps.has_value());
    EXPECT_EQ(first[0].options.timestamps->value, fin[0].options.timestamps->value);
    EXPECT_EQ(first[0].options.timestamps->echo_reply, 100U);
    host.advance(1s);
    peer.send(theirs);
    const auto second = host.sent();
    ASSERT_EQ(second, first);
    EXPECT_EQ(second[0].options.timestamps->value, first[0].options.timestamps->value + 1'000);
    EXPECT_EQ(second[0].options.timestamps->echo_reply, 100U);
    EXPECT_EQ(second[0].window, first[0].window);
    EXPECT_GT(second[0].window, 0);
    EXPECT_EQ(second[0].options.sack_count, 0);
}

TEST_F(TimeWaits, C_14_with_rfc1337_off_an_exact_reset_ends_time_wait) {
    stack::Config config = small_config();
    config.tcp.rfc1337 = false;
    Conversation lax(config);
    lax.open();
    lax.connection.close();
    lax.host.turn();
    lax.peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
    ASSERT_EQ(lax.state(), "TIME-WAIT");
    lax.peer.send({.flags = "R", .seq = 1'003});
    EXPECT_EQ(lax.state(), "TIME-WAIT") << "M-22: not exact";
    lax.peer.send({.flags = "R", .seq = 1'002});
    EXPECT_EQ(lax.state(), "CLOSED");
    EXPECT_EQ(lax.host.count(Counter::TimeWaitResetByPeer), 1U);
    lax.expect_nothing_left();
}

TEST_F(TimeWaits, C_2_the_rfcs_msl_of_two_minutes_works) {
    stack::Config config = small_config();
    config.tcp.msl = 120s;
    Conversation slow(config);
    slow.open();
    slow.connection.close();
    slow.host.turn();
    slow.host.advance_to_tick();
    slow.peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
    slow.host.advance(240s - 1ms);
    EXPECT_EQ(slow.state(), "TIME-WAIT");
    slow.host.advance(1ms);
    EXPECT_EQ(slow.state(), "CLOSED");
}

TEST_F(TimeWaits, C_23_K_26_beyond_the_limit_connections_close_without_time_wait) {
    stack::Config config = small_config();
    config.limits.max_time_wait = 2;
    config.tcp.tw_overflow = TimeWaitOverflow::drop_new;
    Host tiny(config);
    ASSERT_TRUE(tiny.stack().listen({Address{}, 80}, tiny.app(), {}));
    for (std::uint16_t port = 1; port <= 3; ++port) {
        Peer other(tiny, port, 80);
        const std::uint32_t iss = other.open(1'000, {.mss = 1'460});
        tiny.app().last.close();
        tiny.turn();
        other.send({.flags = "FA", .seq = 1'001, .ack = iss + 2});
        tiny.sent();
    }
    EXPECT_EQ(tiny.in_state(tcp::State::TimeWait), 2U);
    EXPECT_EQ(tiny.count(Counter::TCPTimeWaitOverflow), 1U);
    EXPECT_EQ(std::ranges::count(tiny.app().events, "closed orderly"), 3);
    tiny.advance(61s);
    EXPECT_TRUE(tiny.stack().quiescent());
}

}  // namespace
}  // namespace lastack::test
