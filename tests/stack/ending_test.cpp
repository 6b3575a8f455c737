// How connections end other than in order (requirements C, D, E): TIME-WAIT under every segment
// that may meet it, orphans, aborts, resets, errors of the network.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

wire::TcpOptions stamp(std::uint32_t value) {
    return {.timestamps = wire::Timestamps{value, 0}};
}

class Ending : public testing::Test, public Conversation {
  protected:
    // ESTABLISHED to TIME-WAIT, the host closing first: RCV.NXT 1002, SND.NXT 5002.
    void enter_time_wait(const wire::TcpOptions& options = {.mss = 1'460}) {
        open(options);
        connection.close();
        host.turn();
        sent += 1;
        Wire fin{.flags = "FA", .seq = 1'001, .ack = 5'002};
        fin.options.timestamps = options.timestamps;
        peer.send(fin);
        next = 1'002;
        ASSERT_EQ(state(), "TIME-WAIT");
        host.sent();
    }

    void syn(std::uint32_t seq, const wire::TcpOptions& options = {.mss = 1'460}) {
        peer.send({.flags = "S", .seq = seq, .options = options});
    }

    std::string flags_of_answer() {
        const auto answers = host.sent();
        return answers.size() == 1 ? answers[0].flags : std::to_string(answers.size());
    }
};

// --- TIME-WAIT and a SYN: the table of C-7

TEST_F(Ending, C_7_d_without_timestamps_a_syn_beyond_rcv_nxt_reopens) {
    enter_time_wait();
    syn(1'003);
    EXPECT_EQ(flags_of_answer(), "SA");
    EXPECT_EQ(state(), "SYN-RECEIVED");
}

TEST_F(Ending, C_8_a_syn_at_rcv_nxt_itself_does_not) {
    enter_time_wait();
    syn(1'002);
    EXPECT_EQ(flags_of_answer(), "A");
    EXPECT_EQ(state(), "TIME-WAIT");
}

TEST_F(Ending, C_7_a_a_later_timestamp_reopens_whatever_the_number) {
    enter_time_wait({.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    syn(1, {.mss = 1'460, .timestamps = wire::Timestamps{101, 0}});
    EXPECT_EQ(flags_of_answer(), "SA");
}

TEST_F(Ending, C_7_b_the_same_timestamp_needs_a_greater_number) {
    enter_time_wait({.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    syn(1'002, {.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    EXPECT_EQ(flags_of_answer(), "A");
    syn(1'003, {.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    EXPECT_EQ(flags_of_answer(), "SA");
}

TEST_F(Ending, C_17_an_older_timestamp_vetoes_a_greater_number) {
    enter_time_wait({.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    syn(9'000, {.mss = 1'460, .timestamps = wire::Timestamps{99, 0}});
    EXPECT_EQ(flags_of_answer(), "A");
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.count(Counter::PAWSTimewait), 1U);
}

// That its ISS is beyond the old numbers, whatever the clock says, is in mutant_gap_test.cpp.
TEST_F(Ending, C_11_the_record_is_kept_until_the_handshake_of_the_reopening_is_complete) {
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

TEST_F(Ending, C_11_K_23_a_reset_of_the_reopening_returns_to_time_wait_with_the_time_left) {
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

TEST_F(Ending, C_11_a_reopening_that_outlives_2msl_returns_to_no_more_than_a_tick_of_it) {
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

TEST_F(Ending, C_11_a_listener_that_stops_gives_the_time_wait_back) {
    enter_time_wait();
    syn(2'000);
    host.sent();
    host.stack().stop_listening(listener);
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(61s);
    expect_nothing_left();
}

TEST_F(Ending, C_11_a_reopening_that_nobody_completes_is_over_with_its_2msl) {
    enter_time_wait();
    syn(2'000);
    host.advance(3min);
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

TEST_F(Ending, C_12_without_a_listener_time_wait_answers_an_acceptable_syn) {
    enter_time_wait();
    host.stack().stop_listening(listener);
    syn(2'000);
    EXPECT_EQ(flags_of_answer(), "A");
    EXPECT_EQ(state(), "TIME-WAIT");
}

TEST_F(Ending, C_13_a_reopening_for_which_there_is_no_room_leaves_time_wait_alone) {
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

TEST_F(Ending, C_39_a_syn_with_fin_does_not_touch_time_wait) {
    enter_time_wait();
    peer.send({.flags = "SF", .seq = 900});  // as a SYN it would be refused by an ACK
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "SF", .seq = 9'000});  // and this one let through to the listener
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.count(Counter::TcpInSynFin), 2U);
}

// The first ACK is the connection's own, the second is made of what is left of it.
TEST_F(Ending, C_4_the_last_ack_keeps_window_and_timestamps) {
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

TEST_F(Ending, C_14_with_rfc1337_off_an_exact_reset_ends_time_wait) {
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

TEST_F(Ending, C_2_the_rfcs_msl_of_two_minutes_works) {
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

TEST_F(Ending, C_23_K_26_beyond_the_limit_connections_close_without_time_wait) {
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

// --- Orphans and half-closes

TEST_F(Ending, D_1_fin_wait_2_with_an_owner_has_no_timeout) {
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

TEST_F(Ending, D_8_D_10_a_close_over_unread_text_is_a_reset) {
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

TEST_F(Ending, D_9_a_fin_alone_is_nothing_unread) {
    open();
    send("FA");
    connection.close();
    host.turn();
    EXPECT_EQ(state(), "LAST-ACK");
    EXPECT_EQ(host.count(Counter::TCPAbortOnClose), 0U);
}

TEST_F(Ending, D_13_linger_of_zero_makes_close_a_reset) {
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
TEST_F(Ending, CLG_A03_D_13_linger_of_zero_in_closing_sends_no_reset) {
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

TEST_F(Ending, LA_A03_D_13_nor_in_last_ack) {
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

TEST_F(Ending, D_11_H_25_what_waits_beyond_a_gap_goes_with_its_reader) {
    open();
    peer.send({.flags = "A", .seq = next + 10, .ack = sent, .text = "beyond"});
    ASSERT_EQ(host.shell().live(), 1U);
    connection.close();
    host.turn();
    EXPECT_EQ(state(), "FIN-WAIT-1");
    EXPECT_EQ(host.shell().live(), 0U);
}

TEST_F(Ending, D_26_a_second_close_sends_no_second_fin) {
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

TEST_F(Ending, B_2_a_fin_sent_again_in_part_of_a_queue_keeps_its_number) {
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

TEST_F(Ending, D_17_K_31_last_ack_is_bounded_by_orphan_retries) {
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

// --- Aborts and resets

TEST_F(Ending, an_abort_sends_one_reset_and_tells_once) {
    open();
    say(10);
    host.sent();
    connection.abort();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"RA", 5'011, 1'001}}));
    EXPECT_EQ(host.app().events.back(), "closed aborted");
    EXPECT_EQ(std::ranges::count(host.app().events, "closed aborted"), 1);
    expect_nothing_left();
}

TEST_F(Ending, B_6_a_reset_is_never_answered_by_a_reset) {
    peer.send({.flags = "R", .seq = 77});
    peer.send({.flags = "RA", .seq = 77, .ack = 88, .text = "because"});
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "A", .seq = 77, .ack = 88});
    EXPECT_EQ(host.sent(), (Trace{{"R", 88, 0}}));
    peer.send({.flags = "S", .seq = 77});
    EXPECT_EQ(host.sent(), (Trace{{"RA", 0, 78}}));
}

TEST_F(Ending, B_7_a_reset_offers_what_had_arrived_and_then_tells_of_the_reset) {
    open();
    host.receive(
        std::vector{peer.frame({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "last words"}),
                    peer.frame({.flags = "R", .seq = 1'011})});
    EXPECT_EQ(host.app().received, "last words");
    EXPECT_EQ(host.app().events.back(), "closed reset");
    expect_nothing_left();
}

TEST_F(Ending, E_2_against_a_shut_window_only_the_exact_reset_counts) {
    stack::Config config = small_config();
    config.tcp.receive_buffer = 2'048;
    Conversation narrow(config);
    narrow.host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    narrow.open();
    narrow.send("A", std::string(2'048, 'x'));
    narrow.host.advance(50ms);
    narrow.peer.send({.flags = "R", .seq = narrow.next + 1});
    EXPECT_EQ(narrow.state(), "ESTABLISHED");
    narrow.peer.send({.flags = "R", .seq = narrow.next});
    EXPECT_EQ(narrow.state(), "CLOSED");
}

TEST_F(Ending, E_9_challenges_are_limited_to_one_in_500_ms) {
    open();
    for (int i = 0; i < 10; ++i) peer.send({.flags = "R", .seq = 1'011});
    EXPECT_EQ(host.sent().size(), 1U);
    EXPECT_EQ(host.count(Counter::TCPACKSkippedChallenge), 9U);
    host.advance(499ms);
    peer.send({.flags = "R", .seq = 1'011});
    EXPECT_EQ(host.sent().size(), 0U);
    host.advance(2ms);
    peer.send({.flags = "R", .seq = 1'011});
    EXPECT_EQ(host.sent().size(), 1U);
}

TEST_F(Ending, E_9_old_text_is_answered_every_time) {
    open();
    send("A", "12345");
    host.advance(50ms);
    host.sent();
    for (int i = 0; i < 5; ++i) {
        peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "12345"});
        EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'006}}));
    }
}

TEST_F(Ending, E_13_a_reset_is_not_judged_by_its_timestamp) {
    open({.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    peer.send({.flags = "R", .seq = 1'001, .options = stamp(1)});
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(Ending, E_15_resets_to_unknown_segments_are_limited) {
    stack::Config config = small_config();
    config.tcp.rst_rate_limit = 10;
    Host quiet(config);
    Peer stranger(quiet, 1, 2);
    for (int i = 0; i < 100; ++i) stranger.send({.flags = "A", .seq = 1, .ack = 2});
    EXPECT_LE(quiet.sent().size(), 20U);
    EXPECT_GE(quiet.count(Counter::RstSuppressed), 80U);
}

// --- Errors of the network

class NetworkErrors : public Ending {};

TEST_F(NetworkErrors, I_20_I_21_do_not_abort_a_synchronized_connection) {
    open();
    say(100);
    for (std::uint8_t code = 0; code < 16; ++code) {
        if (code != 4) unreachable(code, 5'001);
    }
    EXPECT_EQ(state(), "ESTABLISHED");
}

TEST_F(NetworkErrors, C_37_neither_end_nor_alter_time_wait) {
    enter_time_wait();
    host.advance_to_tick();
    connection.close();
    host.turn();
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});  // 2MSL begins here
    const auto before = host.sent();
    for (std::uint8_t code = 0; code < 16; ++code) {
        for (const std::uint32_t seq : {5'001U, 5'002U}) unreachable(code, seq, 600);
    }
    EXPECT_EQ(host.count(Counter::OutOfWindowIcmps), 32U);
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "A", .seq = 1'000, .ack = 5'002, .text = "x"});
    const auto after = host.sent();
    ASSERT_EQ(after, before);
    EXPECT_EQ(after[0].window, before[0].window);
    host.advance(60s - 1ms);
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

TEST_F(NetworkErrors, I_20_explain_a_later_timeout) {
    open();
    say(100);
    unreachable(1, 5'001);
    host.advance(20min);
    EXPECT_EQ(host.app().events.back(), "closed unreachable");
}

TEST_F(NetworkErrors, I_21_end_an_open_at_once) {
    connect();
    unreachable(1, 5'000);
    EXPECT_EQ(host.app().events, std::vector<std::string>{"closed unreachable"});
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.sent(), Trace{}) << "no segment is owed";
    expect_nothing_left();
}

TEST_F(NetworkErrors, SYNR_I01_one_behind_the_SYN_in_the_same_burst_finds_its_record) {
    listen();
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    host.receive(
        std::vector{peer.frame({.flags = "S", .seq = 1'000}), unreachable_frame(1, 5'000, 0)});
    EXPECT_EQ(host.count(Counter::IcmpQuoteUnknown), 0U);
    EXPECT_EQ(state(), "CLOSED");
}

// The SYN is too big for no path; but the bound holds for what comes after it.
TEST_F(NetworkErrors, SYNS_I02_a_smaller_path_told_of_in_syn_sent_bounds_the_first_text) {
    connect();
    unreachable(4, 5'000, 1'000);
    EXPECT_EQ(host.count(Counter::PmtuReduced), 1U);
    EXPECT_EQ(state(), "SYN-SENT");
    peer.send({.flags = "SA", .seq = 1'000, .ack = 5'001, .options = {.mss = 1'460}});
    host.sent();
    say(2'000);
    const auto text = host.sent();
    ASSERT_FALSE(text.empty());
    EXPECT_EQ(text[0].text.size(), 960U);
}

TEST_F(NetworkErrors, I_10_what_one_connection_learns_of_a_path_the_next_one_knows_for_a_while) {
    const auto first_text = [&](std::uint16_t port) {
        Peer other(host, port, kHostPort);
        host.sent();
        other.open(1'000, {.mss = 1'460});
        host.app().last.send(as_bytes(std::string(2'000, 'x')));
        host.turn();
        const std::size_t size = host.sent().at(0).text.size();
        host.app().last.abort();
        host.turn();
        return size;
    };
    open();
    say(2'920);
    unreachable(4, 5'001, 1'000);
    EXPECT_EQ(first_text(40'001), 960U);
    host.advance(10min);
    EXPECT_EQ(first_text(40'002), 1'460U);
}

TEST_F(NetworkErrors, B_12_I_19_about_a_number_not_in_flight_are_counted_and_ignored) {
    connect();
    unreachable(1, 4'999);
    unreachable(1, 5'001);
    EXPECT_EQ(state(), "SYN-SENT");
    EXPECT_EQ(host.count(Counter::OutOfWindowIcmps), 2U);
}

TEST_F(NetworkErrors, I_23_a_smaller_path_makes_smaller_segments_and_sends_them_again) {
    open();
    say(2'920);
    host.sent();
    unreachable(4, 5'001, 1'000);
    const auto again = host.sent();
    ASSERT_FALSE(again.empty());
    EXPECT_EQ(again[0].seq, 5'001U);
    EXPECT_EQ(again[0].text.size(), 960U);
    EXPECT_EQ(host.count(Counter::PmtuReduced), 1U);
}

TEST_F(NetworkErrors, I_23_absurd_sizes_are_refused_and_no_size_means_the_next_plateau) {
    open();
    say(2'920);
    host.sent();
    for (const std::uint16_t mtu :
         {std::uint16_t{68}, std::uint16_t{551}, std::uint16_t{1'500}, std::uint16_t{65'535}}) {
        unreachable(4, 5'001, mtu);
    }
    EXPECT_EQ(host.count(Counter::PmtuRejected), 4U);
    EXPECT_EQ(host.sent(), Trace{});
    unreachable(4, 5'001, 0);
    EXPECT_EQ(host.sent().at(0).text.size(), 1'452U);
    unreachable(4, 5'001, 0);
    EXPECT_EQ(host.sent().at(0).text.size(), 966U);
}

TEST_F(NetworkErrors, K_10_a_fin_keeps_its_number_when_the_path_shrinks) {
    open();
    say(1'460);
    host.sent();
    connection.shutdown_write();
    host.turn();
    ASSERT_EQ(host.sent(), (Trace{{"FA", 6'461, 1'001}}));
    unreachable(4, 5'001, 1'000);
    host.advance(3s);
    bool fin_seen = false;
    for (const Wire& segment : host.sent()) {
        if (segment.flags.find('F') == std::string::npos) continue;
        fin_seen = true;
        EXPECT_EQ(segment.seq + segment.text.size(), 6'461U);
    }
    EXPECT_TRUE(fin_seen);
}

}  // namespace
}  // namespace lastack::test
