// Text on its way (requirements H, F): acknowledgments, windows, retransmission, congestion,
// reassembly, as an observer on the wire sees them.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Data : public testing::Test, public Conversation {
  protected:
    // Acknowledges everything up to `number`.
    void ack(std::uint32_t number, std::uint16_t window = 65'535) {
        peer.send({.flags = "A", .seq = next, .ack = number, .window = window});
    }
};

// --- Acknowledgments

TEST_F(Data, H_23_a_lone_segment_is_acknowledged_after_40_ms_and_not_before) {
    open();
    send("PA", "x");
    host.advance(39ms);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(1ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'002}}));
    EXPECT_EQ(host.count(Counter::DelayedACKs), 1U);
}

TEST_F(Data, H_23_the_first_four_full_segments_are_acknowledged_at_once) {
    open();
    send("PA", "x");
    host.advance(39ms);
    EXPECT_EQ(host.sent(), Trace{}) << "a lone small one is not among them";
    host.advance(1ms);
    host.sent();
    for (int i = 0; i < 4; ++i) {
        send("A", std::string(1'460, 'x'));
        EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, next}})) << i;
    }
    send("A", std::string(1'460, 'x'));
    EXPECT_EQ(host.sent(), Trace{});
}

TEST_F(Data, H_23_every_second_full_segment_is_acknowledged_at_once) {
    open();
    for (int i = 0; i < 4; ++i) send("A", std::string(1'460, 'x'));
    host.sent();
    for (int i = 0; i < 3; ++i) {
        send("A", std::string(1'460, 'x'));
        EXPECT_EQ(host.sent(), Trace{});
        send("A", std::string(1'460, 'x'));
        EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, next}}));
    }
}

// The window is shut: the text is cut off, and its ACK field is absurd. One answer for both.
TEST_F(Data, E_9_J_17_a_challenge_counts_when_it_is_granted_and_a_segment_is_answered_once) {
    stack::Config config = small_config();
    config.tcp.receive_buffer = 1'000;
    Conversation small(config);
    small.host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    small.open();
    small.send("A", std::string(1'000, 'x'));
    small.host.advance(1s);
    small.host.sent();
    const auto before = small.host.count(Counter::OutSegs);
    for (std::uint64_t i = 1; i <= 3; ++i) {
        small.peer.send(
            {.flags = "A", .seq = small.next, .ack = small.sent + 100, .text = "0123456789"});
        EXPECT_EQ(small.host.sent(), (Trace{{"A", small.sent, small.next}}));
        EXPECT_EQ(small.host.count(Counter::OutSegs) - before, i);
    }
    EXPECT_EQ(small.host.count(Counter::TCPChallengeACK), 1U);
    EXPECT_EQ(small.host.count(Counter::TCPACKSkippedChallenge), 2U);
}

TEST_F(Data, H_24_an_answer_carries_the_acknowledgment) {
    host.app().at_data = [](Connection c, std::string_view text) {
        c.send(as_bytes("pong"));
        return text.size();
    };
    open();
    send("PA", "ping");
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'005, "pong"}}));
    host.advance(100ms);
    EXPECT_EQ(host.sent(), Trace{});
}

TEST_F(Data, H_24_a_burst_of_segments_is_answered_once) {
    open();
    std::vector<std::vector<std::byte>> burst;
    for (std::uint32_t i = 0; i < 6; ++i) {
        burst.push_back(peer.frame({.flags = "A",
                                    .seq = 1'001 + i * 1'000,
                                    .ack = 5'001,
                                    .text = std::string(1'000, 'x')}));
    }
    host.receive(burst);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 7'001}}));
    EXPECT_EQ(host.app().received.size(), 6'000U);
}

TEST_F(Data, H_23_out_of_order_text_is_answered_at_once_and_so_is_what_fills_the_gap) {
    open({.mss = 1'460, .sack_permitted = true});
    peer.send({.flags = "A", .seq = 1'101, .ack = 5'001, .text = std::string(100, 'b')});
    auto answer = host.sent();
    ASSERT_EQ(answer, (Trace{{"A", 5'001, 1'001}}));
    ASSERT_EQ(answer[0].options.sack_count, 1);
    EXPECT_EQ(answer[0].options.sack[0].left, wire::Seq(1'101));
    EXPECT_EQ(answer[0].options.sack[0].right, wire::Seq(1'201));
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = std::string(100, 'a')});
    answer = host.sent();
    EXPECT_EQ(answer, (Trace{{"A", 5'001, 1'201}}));
    EXPECT_EQ(answer.at(0).options.sack_count, 0);
    EXPECT_EQ(host.app().received, std::string(100, 'a') + std::string(100, 'b'));
}

TEST_F(Data, F_7_text_on_both_sides_of_the_left_edge_is_trimmed_at_the_front) {
    open();
    send("A", "abcde");
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "abcdefgh"});
    EXPECT_EQ(host.app().received, "abcdefgh");
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'009}}));
}

TEST_F(Data, F_7_a_fin_beyond_the_right_edge_is_cut_off_and_comes_again) {
    stack::Config config = small_config();
    config.tcp.receive_buffer = 2'048;
    Conversation narrow(config);
    narrow.host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    narrow.open();
    narrow.peer.send({.flags = "FA", .seq = 1'001, .ack = 5'001, .text = std::string(2'048, 'x')});
    EXPECT_EQ(narrow.host.sent(), (Trace{{"A", 5'001, 3'049}})) << "the text fits, the FIN not";
    EXPECT_EQ(narrow.state(), "ESTABLISHED");
    // B-4: a FIN by itself needs no buffer.
    narrow.peer.send({.flags = "FA", .seq = 3'049, .ack = 5'001});
    EXPECT_EQ(narrow.state(), "CLOSE-WAIT");
    EXPECT_EQ(narrow.host.sent(), (Trace{{"A", 5'001, 3'050}}));
}

TEST_F(Data, B_3_K_9_a_fin_beyond_a_gap_is_told_once_the_gap_is_filled) {
    open();
    peer.send({.flags = "FA", .seq = 1'006, .ack = 5'001, .text = "world"});
    EXPECT_EQ(state(), "ESTABLISHED");
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'001}}));
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "hello"});
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'012}}));
    EXPECT_EQ(host.app().received, "helloworld");
    EXPECT_EQ(host.app().events.back(), "peer closed");
}

TEST_F(Data, K_12_text_beyond_a_fin_that_is_known_is_thrown_away) {
    open();
    peer.send({.flags = "FA", .seq = 1'006, .ack = 5'001});
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "hello, world"});
    EXPECT_EQ(host.app().received, "hello");
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(host.count(Counter::DataAfterFin), 1U);
}

// --- Windows of ours

TEST_F(Data, H_27_H_28_a_window_that_was_shut_is_opened_by_an_update_of_a_segment_or_more) {
    stack::Config config = small_config();
    config.tcp.receive_buffer = 4'096;
    Conversation narrow(config);
    std::size_t use = 0;
    narrow.host.app().at_data = [&use](Connection, std::string_view text) {
        return std::min(use, text.size());
    };
    narrow.open();
    narrow.send("A", std::string(1'460, 'x'));
    narrow.send("A", std::string(1'460, 'x'));
    narrow.send("A", std::string(1'176, 'x'));
    narrow.host.advance(50ms);
    auto acks = narrow.host.sent();
    ASSERT_FALSE(acks.empty());
    EXPECT_EQ(acks.back().window, 0);
    EXPECT_EQ(narrow.host.count(Counter::TCPToZeroWindowAdv), 1U);
    use = 1'000;
    narrow.connection.resume();
    narrow.host.turn();
    EXPECT_EQ(narrow.host.sent(), Trace{}) << "less than a segment is not worth an update";
    narrow.connection.resume();
    narrow.host.turn();
    acks = narrow.host.sent();
    ASSERT_EQ(acks.size(), 1U);
    EXPECT_EQ(acks[0].window, 2'000);
    EXPECT_EQ(narrow.host.count(Counter::TCPFromZeroWindowAdv), 1U);
}

TEST_F(Data, F_6_what_was_promised_is_accepted_though_the_buffer_is_full) {
    stack::Config config = small_config();
    config.tcp.receive_buffer = 4'096;
    Conversation narrow(config);
    narrow.host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    narrow.open();
    narrow.connection.set_option(Option::receive_buffer_bytes, 2'048);
    narrow.send("A", std::string(1'460, 'x'));
    narrow.send("A", std::string(1'460, 'x'));
    narrow.send("A", std::string(1'176, 'x'));
    narrow.host.advance(50ms);
    EXPECT_EQ(narrow.host.sent().back().ack, 5'097U);
}

TEST_F(Data, E_9_a_window_probe_of_one_octet_is_always_answered) {
    stack::Config config = small_config();
    config.tcp.receive_buffer = 2'048;
    Conversation narrow(config);
    narrow.host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    narrow.open();
    narrow.send("A", std::string(2'048, 'x'));
    narrow.host.advance(50ms);
    narrow.host.sent();
    for (int i = 0; i < 3; ++i) {
        narrow.peer.send({.flags = "A", .seq = narrow.next, .ack = 5'001, .text = "x"});
        EXPECT_EQ(narrow.host.sent(), (Trace{{"A", 5'001, 3'049}}));
    }
    EXPECT_EQ(narrow.host.count(Counter::TCPZeroWindowDrop), 3U);
}

// --- Windows of the peer's

TEST_F(Data, H_32_a_shut_window_is_probed_after_an_rto_and_then_less_and_less_often) {
    open();
    ack(5'001, 0);
    say(10);
    EXPECT_EQ(host.sent(), Trace{});
    std::vector<std::int64_t> at;
    const auto start = host.now();
    while (at.size() < 4) {
        host.advance(10ms);
        for (const Wire& probe : host.sent()) {
            EXPECT_EQ(probe.seq, 5'000U) << "below the window: it asks, and gives nothing";
            EXPECT_EQ(probe.text, "");
            at.push_back((host.now() - start) / 10ms);
            ack(5'001, 0);
        }
    }
    EXPECT_GT(at[2] - at[1], at[1] - at[0]);
    EXPECT_GT(at[3] - at[2], at[2] - at[1]);
    host.advance(2h);
    EXPECT_EQ(state(), "CLOSED") << "nobody has answered for two hours";
}

TEST_F(Data, H_23_H_32_a_probe_does_not_stand_for_an_ACK_that_is_held_back) {
    open();
    ack(5'001, 0);
    say(10);
    host.advance(190ms);
    ASSERT_EQ(host.sent(), Trace{});
    peer.send({.flags = "A", .seq = next, .ack = 5'001, .text = "hello", .window = 0});
    host.advance(39ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'000, 1'006}})) << "the probe, which the peer drops";
    host.advance(2ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'006}}));
}

TEST_F(Data, H_32_the_text_leaves_when_the_window_opens) {
    open();
    ack(5'001, 0);
    say(10);
    host.advance(1s);
    host.sent();
    ack(5'001, 100);
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'001, std::string(10, 's')}}));
}

TEST_F(Data, K_11_a_fin_alone_waits_for_the_window_and_is_probed_for) {
    open();
    ack(5'001, 0);
    connection.shutdown_write();
    host.turn();
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(state(), "FIN-WAIT-1");
    host.advance(1s);
    EXPECT_FALSE(host.sent().empty());
    ack(5'001, 1);
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'001}}));
}

TEST_F(Data, D_21_an_orphan_does_not_probe_for_ever) {
    open();
    ack(5'001, 0);
    say(10);
    connection.close();
    host.turn();
    for (int i = 0; i < 100 && state() != "CLOSED"; ++i) {
        host.advance(60s);
        if (!host.sent().empty()) ack(5'001, 0);
    }
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.count(Counter::OrphanKilled), 1U);
    expect_nothing_left();
}

TEST_F(Data, H_33_H_34_a_window_shut_over_text_in_flight_does_not_end_the_connection) {
    open();
    say(1'000);
    host.sent();
    for (int i = 0; i < 60; ++i) {
        ack(5'001, 0);
        host.advance(60s);
    }
    EXPECT_EQ(state(), "ESTABLISHED") << "the peer answered all the hour";
    EXPECT_EQ(host.count(Counter::TCPWinProbe), 0U) << "the retransmission timer runs, not persist";
    EXPECT_GT(host.count(Counter::RetransSegs), 20U);
}

TEST_F(Data, F_15_a_window_that_shrinks_below_what_is_in_flight_lets_nothing_new_out) {
    open();
    say(4'000);
    host.sent();
    ack(5'001, 1'000);
    host.sent();
    ASSERT_GT(connection.send(as_bytes("more")), 0U);
    connection.shutdown_write();
    host.turn();
    EXPECT_EQ(host.sent(), Trace{});
}

TEST_F(Data, F_14_an_older_segment_does_not_bring_back_its_window) {
    open();
    // The newer one overtakes: it lies beyond a gap, and the older one is acceptable.
    peer.send({.flags = "A", .seq = 1'006, .ack = 5'001, .text = "67890", .window = 0});
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "12345", .window = 9'000});
    ASSERT_EQ(host.app().received, "1234567890");
    say(10);
    for (const Wire& segment : host.sent()) EXPECT_EQ(segment.text, "") << "the window is shut";
}

TEST_F(Data, F_12_the_window_is_scaled_as_the_syn_said_but_never_on_the_syn) {
    open({.mss = 1'460, .window_scale = 3}, 1'000);
    say(9'000);
    std::size_t text = 0;
    for (const Wire& segment : host.sent()) text += segment.text.size();
    EXPECT_GT(text, 7'000U) << "1000 << 3";
    EXPECT_LE(text, 8'000U);
}

// A SYN,ACK that crosses ours ends SYN-RECEIVED as an ACK does, but its window is a SYN's.
TEST_F(Data, F_12_nor_on_the_syn_ack_of_a_simultaneous_open) {
    connect();
    const wire::TcpOptions options{.mss = 1'460, .window_scale = 7};
    peer.send({.flags = "S", .seq = 1'000, .window = 1'000, .options = options});
    ASSERT_EQ(host.sent(), (Trace{{"SA", 5'000, 1'001}}));
    peer.send({.flags = "SA", .seq = 1'000, .ack = 5'001, .window = 1'000, .options = options});
    ASSERT_EQ(state(), "ESTABLISHED");
    host.sent();
    say(4'000);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'001, std::string(1'000, 's')}}));
}

TEST_F(Data, F_12_nor_on_the_syn_ack_that_meets_a_passive_open) {
    listen();
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    const wire::TcpOptions options{.mss = 1'460, .window_scale = 7};
    peer.send({.flags = "S", .seq = 1'000, .window = 1'000, .options = options});
    ASSERT_EQ(host.sent(), (Trace{{"SA", 5'000, 1'001}}));
    peer.send({.flags = "SA", .seq = 1'000, .ack = 5'001, .window = 1'000, .options = options});
    ASSERT_EQ(state(), "ESTABLISHED");
    connection = host.app().last;
    host.sent();
    say(4'000);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'001, std::string(1'000, 's')}}));
}

TEST_F(Data, F_12_a_shift_above_14_counts_as_14) {
    open({.mss = 1'460, .window_scale = 200}, 1);
    say(20'000);
    std::size_t text = 0;
    for (const Wire& segment : host.sent()) text += segment.text.size();
    EXPECT_GE(text, 14'600U) << "1 << 14 is more than the initial window";
}

// --- Small segments

TEST_F(Data, H_29_nagle_holds_a_small_segment_while_something_is_outstanding) {
    open();
    say(5);
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'001, "sssss"}}));
    say(5);
    EXPECT_EQ(host.sent(), Trace{});
    ack(5'006);
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'006, 1'001, "sssss"}}));
}

TEST_F(Data, H_29_no_delay_lets_small_segments_out) {
    open();
    ASSERT_TRUE(connection.set_option(Option::no_delay, 1));
    say(5);
    say(5);
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'001, "sssss"}, {"PA", 5'006, 1'001, "sssss"}}));
}

TEST_F(Data, H_29_a_window_of_a_part_of_a_segment_is_used_after_the_override_timer) {
    open();
    ack(5'001, 100);
    say(1'000);
    EXPECT_EQ(host.sent(), Trace{}) << "silly: 100 of a segment of 1460";
    host.advance(1s);
    const auto sent_now = host.sent();
    ASSERT_GE(sent_now.size(), 1U);
    for (const Wire& segment : sent_now) {
        EXPECT_EQ(segment.seq, 5'001U);
        EXPECT_EQ(segment.text.size(), 100U) << "a retransmission takes no new text along";
    }
}

TEST_F(Data, H_30_nagle_does_not_hold_the_last_text_before_a_fin) {
    open();
    say(5);
    host.sent();
    say(5);
    connection.shutdown_write();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"FPA", 5'006, 1'001, "sssss"}}));
}

TEST_F(Data, H_31_push_marks_the_end_of_what_was_sent) {
    open();
    say(2'920);
    const auto segments = host.sent();
    ASSERT_EQ(segments.size(), 2U);
    EXPECT_EQ(segments[0].flags, "A");
    EXPECT_EQ(segments[1].flags, "PA");
}

// --- Retransmission and congestion

TEST_F(Data, H_4_H_9_the_earliest_is_sent_again_after_an_rto_and_alone) {
    open();
    say(14'600);
    ASSERT_EQ(host.sent().size(), 10U) << "H-8: the initial window";
    host.advance(205ms);
    const auto again = host.sent();
    ASSERT_EQ(again.size(), 1U) << "cwnd is one segment";
    EXPECT_EQ(again[0].seq, 5'001U);
    EXPECT_EQ(again[0].text.size(), 1'460U);
    host.advance(400ms);
    EXPECT_EQ(host.sent().size(), 1U) << "and the next wait is twice as long";
    EXPECT_EQ(host.count(Counter::TCPTimeouts), 2U);
}

TEST_F(Data, H_4_an_acknowledgment_of_new_text_starts_the_timer_anew) {
    open();
    say(2'920);
    host.sent();
    host.advance(150ms);
    ack(6'461);
    host.advance(150ms);
    EXPECT_EQ(host.sent(), Trace{});
    ack(7'921);
    host.advance(10s);
    EXPECT_EQ(host.sent(), Trace{}) << "nothing is outstanding: the timer has stopped";
}

TEST_F(Data, H_12_the_third_duplicate_sends_the_missing_segment_at_once) {
    open();
    say(14'600);
    host.sent();
    ack(5'001);
    ack(5'001);
    EXPECT_EQ(host.sent(), Trace{});
    ack(5'001);
    const auto again = host.sent();
    ASSERT_FALSE(again.empty());
    EXPECT_EQ(again[0].seq, 5'001U);
    EXPECT_EQ(host.count(Counter::TCPFastRetrans), 1U);
    // A partial acknowledgment brings the next hole at once (RFC 6582).
    ack(6'461);
    const auto hole = host.sent();
    ASSERT_FALSE(hole.empty());
    EXPECT_EQ(hole[0].seq, 6'461U);
    EXPECT_EQ(host.count(Counter::TCPTimeouts), 0U);
}

TEST_F(Data, H_12_the_first_two_duplicates_let_a_new_segment_out_each) {
    open();
    say(20'000);
    ASSERT_EQ(host.sent().size(), 10U);
    ack(5'001);
    EXPECT_EQ(host.sent(), (Trace{{"A", 19'601, 1'001, std::string(1'460, 's')}}));
    ack(5'001);
    EXPECT_EQ(host.sent(), (Trace{{"A", 21'061, 1'001, std::string(1'460, 's')}}));
}

TEST_F(Data, H_14_a_window_update_and_a_segment_with_text_are_no_duplicates) {
    open();
    say(14'600);
    host.sent();
    ack(5'001, 60'000);
    ack(5'001, 61'000);
    ack(5'001, 62'000);
    for (int i = 0; i < 4; ++i) {
        peer.send({.flags = "A", .seq = next, .ack = 5'001, .text = "x", .window = 62'000});
        next += 1;
    }
    EXPECT_EQ(host.count(Counter::TCPFastRetrans), 0U);
}

TEST_F(Data, H_8_slow_start_grows_by_a_segment_for_each_acknowledged) {
    open();
    say(60'000);
    ASSERT_EQ(host.sent().size(), 10U);
    ack(5'001 + 1'460);
    EXPECT_EQ(host.sent().size(), 2U);
    ack(5'001 + 2 * 1'460);
    EXPECT_EQ(host.sent().size(), 2U);
}

TEST_F(Data, D_24_a_peer_that_never_answers_ends_the_connection_after_r2) {
    open();
    say(10);
    host.advance(14min);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(6min);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.app().events.back(), "closed timed_out");
    expect_nothing_left();
}

TEST_F(Data, D_22_the_user_timeout_ends_it_on_time) {
    open();
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 5'000));
    say(10);
    host.advance(4'990ms);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(20ms);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.app().events.back(), "closed timed_out");
}

TEST_F(Data, D_22_the_user_timeout_bounds_a_shut_window_though_the_probes_are_answered) {
    open();
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 10'000));
    ack(5'001, 0);
    say(10);
    for (int i = 0; i < 98; ++i) {
        host.advance(100ms);
        if (!host.sent().empty()) ack(5'001, 0);
    }
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(300ms);
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(Data, H_26_text_for_which_no_piece_is_left_is_not_acknowledged) {
    stack::Config config = small_config();
    config.max_pieces = 4;
    Conversation small(config);
    small.host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    small.open();
    for (int i = 0; i < 4; ++i) small.send("PA", "x");
    small.host.sent();
    small.peer.send({.flags = "PA", .seq = small.next, .ack = 5'001, .text = "y"});
    small.host.advance(100ms);
    for (const Wire& answer : small.host.sent()) EXPECT_EQ(answer.ack, 1'005U);
    EXPECT_EQ(small.host.count(Counter::TCPRcvQDrop), 1U);
    small.host.app().at_data = nullptr;
    small.connection.resume();
    small.host.turn();
    small.send("PA", "y");
    EXPECT_EQ(small.host.app().received, "xxxxy");
}

// --- Timestamps

wire::TcpOptions stamp(std::uint32_t value, std::uint32_t echo = 0) {
    return {.timestamps = wire::Timestamps{value, echo}};
}

TEST_F(Data, C_17_F_16_paws_drops_what_is_older_than_ts_recent) {
    open({.mss = 1'460, .timestamps = wire::Timestamps{0xffff'fff0, 0}});
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "a", .options = stamp(5)});
    EXPECT_EQ(host.app().received, "a") << "5 comes after 2^32-16";
    peer.send({.flags = "A", .seq = 1'002, .ack = 5'001, .text = "b", .options = stamp(4)});
    EXPECT_EQ(host.app().received, "a");
    EXPECT_EQ(host.count(Counter::PAWSEstab), 1U);
    EXPECT_EQ(host.sent().back().ack, 1'002U) << "it had text, so it is answered";
}

TEST_F(Data, F_17_after_24_days_ts_recent_is_replaced_once) {
    open({.mss = 1'460, .timestamps = wire::Timestamps{1'000'000, 0}});
    host.advance(std::chrono::hours(24 * 25));
    host.sent();
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "a", .options = stamp(10)});
    EXPECT_EQ(host.app().received, "a");
    peer.send({.flags = "A", .seq = 1'002, .ack = 5'001, .text = "b", .options = stamp(9)});
    EXPECT_EQ(host.app().received, "a") << "10 is TS.Recent now";
}

TEST_F(Data, F_18_ts_recent_follows_segments_that_cover_the_last_ack_only) {
    open({.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    peer.send({.flags = "A", .seq = 1'011, .ack = 5'001, .text = "late", .options = stamp(200)});
    EXPECT_EQ(host.sent().at(0).options.timestamps->echo_reply, 100U);
    peer.send({.flags = "A",
               .seq = 1'001,
               .ack = 5'001,
               .text = std::string(10, 'x'),
               .options = stamp(150)});
    EXPECT_EQ(host.sent().at(0).options.timestamps->echo_reply, 150U);
}

TEST_F(Data, F_19_a_segment_without_its_timestamp_is_dropped_in_silence) {
    open({.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "a"});
    EXPECT_EQ(host.app().received, "");
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.count(Counter::TcpInNoTimestamp), 1U);
    peer.send({.flags = "S", .seq = 9'000});
    EXPECT_EQ(host.sent().size(), 1U) << "but a SYN gets its challenge";
    peer.send({.flags = "R", .seq = 1'001});
    EXPECT_EQ(state(), "CLOSED") << "and a RST needs none";
}

}  // namespace
}  // namespace lastack::test
