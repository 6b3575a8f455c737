// Small segments, retransmission and congestion, as an observer on the wire sees them
// (requirements D, H).

#include "tests/stack/data.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Retransmission : public Data {};

// --- Small segments

TEST_F(Retransmission, H_29_nagle_holds_a_small_segment_while_something_is_outstanding) {
    open();
    say(5);
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'001, "sssss"}}));
    say(5);
    EXPECT_EQ(host.sent(), Trace{});
    ack(5'006);
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'006, 1'001, "sssss"}}));
}

TEST_F(Retransmission, H_29_no_delay_lets_small_segments_out) {
    open();
    ASSERT_TRUE(connection.set_option(Option::no_delay, 1));
    say(5);
    say(5);
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'001, "sssss"}, {"PA", 5'006, 1'001, "sssss"}}));
}

TEST_F(Retransmission, H_29_a_window_of_a_part_of_a_segment_is_used_after_the_override_timer) {
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

TEST_F(Retransmission, H_30_nagle_does_not_hold_the_last_text_before_a_fin) {
    open();
    say(5);
    host.sent();
    say(5);
    connection.shutdown_write();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"FPA", 5'006, 1'001, "sssss"}}));
}

TEST_F(Retransmission, H_31_push_marks_the_end_of_what_was_sent) {
    open();
    say(2'920);
    const auto segments = host.sent();
    ASSERT_EQ(segments.size(), 2U);
    EXPECT_EQ(segments[0].flags, "A");
    EXPECT_EQ(segments[1].flags, "PA");
}

// --- Retransmission and congestion

TEST_F(Retransmission, H_4_H_9_the_earliest_is_sent_again_after_an_rto_and_alone) {
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

TEST_F(Retransmission, H_4_an_acknowledgment_of_new_text_starts_the_timer_anew) {
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

TEST_F(Retransmission, H_12_the_third_duplicate_sends_the_missing_segment_at_once) {
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

TEST_F(Retransmission, H_12_the_first_two_duplicates_let_a_new_segment_out_each) {
    open();
    say(20'000);
    ASSERT_EQ(host.sent().size(), 10U);
    ack(5'001);
    EXPECT_EQ(host.sent(), (Trace{{"A", 19'601, 1'001, std::string(1'460, 's')}}));
    ack(5'001);
    EXPECT_EQ(host.sent(), (Trace{{"A", 21'061, 1'001, std::string(1'460, 's')}}));
}

TEST_F(Retransmission, H_14_a_window_update_and_a_segment_with_text_are_no_duplicates) {
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

TEST_F(Retransmission, H_8_slow_start_grows_by_a_segment_for_each_acknowledged) {
    open();
    say(60'000);
    ASSERT_EQ(host.sent().size(), 10U);
    ack(5'001 + 1'460);
    EXPECT_EQ(host.sent().size(), 2U);
    ack(5'001 + 2 * 1'460);
    EXPECT_EQ(host.sent().size(), 2U);
}

TEST_F(Retransmission, D_24_a_peer_that_never_answers_ends_the_connection_after_r2) {
    open();
    say(10);
    host.advance(14min);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(6min);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.app().events.back(), "closed timed_out");
    expect_nothing_left();
}

TEST_F(Retransmission, D_22_the_user_timeout_ends_it_on_time) {
    open();
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 5'000));
    say(10);
    host.advance(4'990ms);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(20ms);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.app().events.back(), "closed timed_out");
}

TEST_F(Retransmission, D_22_the_user_timeout_bounds_a_shut_window_though_the_probes_are_answered) {
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

TEST_F(Retransmission, H_26_text_for_which_no_piece_is_left_is_not_acknowledged) {
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

TEST_F(Retransmission, C_17_F_16_paws_drops_what_is_older_than_ts_recent) {
    open({.mss = 1'460, .timestamps = wire::Timestamps{0xffff'fff0, 0}});
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "a", .options = stamp(5)});
    EXPECT_EQ(host.app().received, "a") << "5 comes after 2^32-16";
    peer.send({.flags = "A", .seq = 1'002, .ack = 5'001, .text = "b", .options = stamp(4)});
    EXPECT_EQ(host.app().received, "a");
    EXPECT_EQ(host.count(Counter::PAWSEstab), 1U);
    EXPECT_EQ(host.sent().back().ack, 1'002U) << "it had text, so it is answered";
}

TEST_F(Retransmission, F_17_after_24_days_ts_recent_is_replaced_once) {
    open({.mss = 1'460, .timestamps = wire::Timestamps{1'000'000, 0}});
    host.advance(std::chrono::hours(24 * 25));
    host.sent();
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "a", .options = stamp(10)});
    EXPECT_EQ(host.app().received, "a");
    peer.send({.flags = "A", .seq = 1'002, .ack = 5'001, .text = "b", .options = stamp(9)});
    EXPECT_EQ(host.app().received, "a") << "10 is TS.Recent now";
}

TEST_F(Retransmission, F_18_ts_recent_follows_segments_that_cover_the_last_ack_only) {
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

TEST_F(Retransmission, F_19_a_segment_without_its_timestamp_is_dropped_in_silence) {
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
