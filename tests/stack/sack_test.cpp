// Loss recovery by SACK blocks (RFC 6675), as an observer on the wire sees it.
//
// The host has sent segments 0, 1, 2, ... of 1460 octets each; at(i) is the number that segment i
// begins with.

#include <initializer_list>

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

constexpr std::uint32_t kMss = 1'460;

constexpr std::uint32_t at(std::uint32_t segment) {
    return 5'001 + segment * kMss;
}

struct Block {
    std::uint32_t left;
    std::uint32_t right;
};

class Sack : public testing::Test, public Conversation {
  protected:
    explicit Sack(const stack::Config& config = small_config()) : Conversation(config) {}

    void open_with_sack() { open({.mss = kMss, .sack_permitted = true}); }

    /// The host sends `segments`, of which the initial window lets ten out.
    void say_segments(std::uint32_t segments) {
        say(segments * kMss);
        ASSERT_EQ(host.sent().size(), std::min(segments, 10U));
    }
    void ack(std::uint32_t number, std::initializer_list<Block> blocks = {}) {
        Wire segment{.flags = "A", .seq = next, .ack = number};
        for (const Block& block : blocks) {
            segment.options.sack[segment.options.sack_count++] = {wire::Seq(block.left),
                                                                  wire::Seq(block.right)};
        }
        peer.send(segment);
    }
    std::vector<std::uint32_t> sent_numbers() {
        std::vector<std::uint32_t> numbers;
        for (const Wire& segment : host.sent()) numbers.push_back(segment.seq);
        return numbers;
    }
    using Numbers = std::vector<std::uint32_t>;
};

// --- Entering recovery, and what is sent in it

TEST_F(Sack, H_13_the_third_ack_with_news_sends_the_lost_segment_and_no_other_that_arrived) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(1), at(2)}});
    ack(at(0), {{at(1), at(3)}});
    EXPECT_EQ(sent_numbers(), Numbers{});
    ack(at(0), {{at(1), at(4)}});
    const auto again = host.sent();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].seq, at(0));
    EXPECT_EQ(again[0].text.size(), kMss);
    EXPECT_EQ(host.count(Counter::TCPSackRecovery), 1U);
    ack(at(10));
    host.advance(10s);
    EXPECT_EQ(sent_numbers(), Numbers{});
    EXPECT_EQ(host.count(Counter::TCPTimeouts), 0U);
}

TEST_F(Sack, H_13_one_ack_is_enough_where_it_proves_the_loss) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(1), at(3)}});
    EXPECT_EQ(sent_numbers(), Numbers{}) << "two segments above it: not more than 2 SMSS";
    ack(at(0), {{at(1), at(3) + 1}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(0)})) << "IsLost(HighACK + 1)";
}

TEST_F(Sack, H_13_three_separate_runs_prove_the_loss_however_small) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(1), at(1) + 1}, {at(1) + 2, at(1) + 3}, {at(1) + 4, at(1) + 5}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(0)}));
}

TEST_F(Sack, H_14_H_13_an_ack_without_news_is_no_duplicate) {
    open_with_sack();
    say_segments(10);
    for (int i = 0; i < 10; ++i) ack(at(0));
    for (int i = 0; i < 10; ++i) ack(at(0), {{at(1), at(2)}});
    EXPECT_EQ(sent_numbers(), Numbers{});
    EXPECT_EQ(host.count(Counter::TCPSackRecovery), 0U);
}

TEST_F(Sack, H_12_H_13_without_sack_permitted_blocks_mean_nothing) {
    open();
    say_segments(10);
    ack(at(0), {{at(1), at(9)}});
    EXPECT_EQ(sent_numbers(), (Numbers{})) << "a first duplicate, and nothing new to let out";
    ack(at(0), {{at(1), at(9)}});
    ack(at(0), {{at(1), at(9)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(0)}));
    EXPECT_EQ(host.count(Counter::TCPRenoRecovery), 1U);
    EXPECT_EQ(host.count(Counter::TCPSackRecovery), 0U);
}

// Segments 0, 2, 4 and 6 are lost; the ACK of what arrived tells of all holes at once.
TEST_F(Sack, H_13_K_40_several_holes_are_filled_within_one_round_trip) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(1), at(2)}});
    ack(at(0), {{at(3), at(4)}, {at(1), at(2)}});
    ack(at(0), {{at(5), at(6)}, {at(3), at(4)}, {at(1), at(2)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(0)})) << "2 and 4 may yet arrive: the pipe is full";
    ack(at(0), {{at(7), at(8)}, {at(5), at(6)}, {at(3), at(4)}, {at(1), at(2)}});
    ack(at(0), {{at(7), at(9)}, {at(5), at(6)}, {at(3), at(4)}, {at(1), at(2)}});
    ack(at(0), {{at(7), at(10)}, {at(5), at(6)}, {at(3), at(4)}, {at(1), at(2)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(2), at(4), at(6)}));
    ack(at(10));
    EXPECT_EQ(host.count(Counter::RetransSegs), 4U);
    EXPECT_EQ(host.count(Counter::TCPTimeouts), 0U);
    host.advance(10s);
    EXPECT_EQ(sent_numbers(), Numbers{});
}

TEST_F(Sack, H_13_a_hole_that_is_lost_goes_before_new_text_and_new_text_before_one_that_is_not) {
    open_with_sack();
    say_segments(30);
    // 0 is lost for certain, 5 is not yet: only two segments lie above it.
    ack(at(0), {{at(1), at(5)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(0)})) << "pipe 6, cwnd 5";
    ack(at(0), {{at(6), at(8)}, {at(1), at(5)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(10)})) << "rule 2: the pipe is 0, 5, 8 and 9";
    ack(at(0), {{at(6), at(9)}, {at(1), at(5)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(5), at(11)})) << "rule 1, then rule 2";
}

TEST_F(Sack, H_13_a_hole_that_may_not_be_lost_goes_where_there_is_nothing_new) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(1), at(5)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(0)}));
    ack(at(0), {{at(6), at(8)}, {at(1), at(5)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(5)})) << "rule 3";
}

TEST_F(Sack, H_13_a_hole_of_less_than_a_segment_is_filled_and_nothing_beside_it) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(0) + 500, at(4)}});
    EXPECT_EQ(host.sent(), (Trace{{"A", at(0), 1'001, std::string(500, 's')}}));
    ack(at(0), {{at(4) + 300, at(8)}, {at(0) + 500, at(4)}});
    EXPECT_EQ(host.sent(), (Trace{{"A", at(4), 1'001, std::string(300, 's')}}));
}

TEST_F(Sack, H_13_what_limited_transmit_has_sent_is_not_halved_but_left_out) {
    open_with_sack();
    say_segments(20);
    ack(at(0), {{at(1), at(2)}});
    ack(at(0), {{at(1), at(3)}});
    ack(at(0), {{at(1), at(4)}});
    ASSERT_EQ(sent_numbers(), (Numbers{at(10), at(11), at(0)}));
    ack(at(0), {{at(1), at(8)}});
    EXPECT_EQ(sent_numbers(), Numbers{}) << "5 segments, half of 10, and not of 12";
    ack(at(0), {{at(1), at(9)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(12)}));
}

TEST_F(Sack, H_12_H_13_what_has_arrived_lets_new_text_out_before_recovery) {
    open_with_sack();
    say_segments(20);
    ack(at(0), {{at(1), at(2)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(10)}));
    ack(at(0), {{at(1), at(3)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(11)}));
}

// Segments 0 and 9 are lost, and nothing lies above 9.
TEST_F(Sack, H_13_the_end_of_what_is_outstanding_is_rescued_once) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(1), at(9)}});
    ASSERT_EQ(sent_numbers(), (Numbers{at(0)}));
    ack(at(9));
    EXPECT_EQ(sent_numbers(), (Numbers{at(9)})) << "rule 4";
    EXPECT_EQ(host.count(Counter::SackRescues), 1U);
    ack(at(9) + 1);
    EXPECT_EQ(sent_numbers(), Numbers{}) << "once in a recovery";
    ack(at(10));
    EXPECT_EQ(host.count(Counter::TCPTimeouts), 0U);
}

TEST_F(Sack, H_13_what_was_rescued_is_sent_again_once_it_is_known_to_be_lost) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(1), at(9)}});
    ack(at(9));
    ASSERT_EQ(sent_numbers(), (Numbers{at(0), at(9)}));
    say(3 * kMss);
    ASSERT_EQ(sent_numbers(), (Numbers{at(10), at(11), at(12)}));
    ack(at(9), {{at(10), at(13)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(9)})) << "a rescue does not move HighRxt";
}

TEST_F(Sack, H_13_nothing_is_rescued_before_the_first_retransmission_is_acknowledged) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(1), at(9)}});
    ASSERT_EQ(sent_numbers(), (Numbers{at(0)}));
    ack(at(0), {{at(1), at(9)}});
    ack(at(0) + 100, {{at(1), at(9)}});
    EXPECT_EQ(sent_numbers(), Numbers{});
}

TEST_F(Sack, H_13_recovery_halves_the_window_once_and_keeps_it) {
    open_with_sack();
    say_segments(40);
    ack(at(0), {{at(1), at(10)}});
    // cwnd 5, pipe: segment 0 sent again. So four of new text.
    EXPECT_EQ(sent_numbers(), (Numbers{at(0), at(10), at(11), at(12), at(13)}));
    ack(at(10));
    EXPECT_EQ(sent_numbers(), (Numbers{at(14)}));
    EXPECT_EQ(host.count(Counter::TCPSackRecovery), 1U);
}

TEST_F(Sack, H_13_a_recovery_ends_at_its_recovery_point_and_the_next_loss_begins_another) {
    open_with_sack();
    say_segments(40);
    ack(at(0), {{at(1), at(10)}});
    ack(at(9), {{at(10), at(11)}});
    EXPECT_EQ(host.count(Counter::TCPSackRecovery), 1U);
    ack(at(10));
    host.sent();
    ack(at(10), {{at(11), at(14)}});
    EXPECT_EQ(host.count(Counter::TCPSackRecovery), 2U);
    EXPECT_EQ(sent_numbers().front(), at(10));
}

// --- Timeouts and reneging

TEST_F(Sack, H_13_H_15_after_a_timeout_what_was_said_before_it_is_not_believed_any_more) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(2), at(3)}});
    host.advance(205ms);
    EXPECT_EQ(sent_numbers(), (Numbers{at(0)}));
    ack(at(1));
    EXPECT_EQ(sent_numbers(), (Numbers{at(1), at(2)})) << "the peer may have thrown it away";
}

TEST_F(Sack, H_13_what_is_said_after_a_timeout_is_not_sent_again) {
    open_with_sack();
    say_segments(10);
    host.advance(205ms);
    EXPECT_EQ(sent_numbers(), (Numbers{at(0)}));
    ack(at(1), {{at(2), at(4)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(1), at(4)}));
    ack(at(4));
    EXPECT_EQ(sent_numbers(), (Numbers{at(5), at(6)}));
}

TEST_F(Sack, H_13_after_a_timeout_a_segment_ends_where_what_has_arrived_begins) {
    open_with_sack();
    say(2 * kMss);
    connection.shutdown_write();
    host.turn();
    ASSERT_EQ(host.sent().size(), 3U);
    host.advance(205ms);
    ASSERT_EQ(sent_numbers(), (Numbers{at(0)}));
    // Of segment 1 the middle has arrived, and the FIN.
    ack(at(1), {{at(1) + 500, at(1) + 1'000}, {at(2), at(2) + 1}});
    EXPECT_EQ(host.sent(), (Trace{{"A", at(1), 1'001, std::string(500, 's')},
                                  {"PA", at(1) + 1'000, 1'001, std::string(460, 's')}}));
}

TEST_F(Sack, H_15_a_peer_that_reneges_after_a_timeout_gets_the_text_again) {
    open_with_sack();
    say_segments(10);
    host.advance(205ms);
    ASSERT_EQ(sent_numbers(), (Numbers{at(0)}));
    ack(at(1), {{at(2), at(4)}});
    ASSERT_EQ(sent_numbers(), (Numbers{at(1), at(4)}));
    ack(at(2));
    EXPECT_EQ(host.count(Counter::TCPSACKReneging), 1U);
    EXPECT_EQ(sent_numbers(), (Numbers{at(2), at(3), at(4)}));
}

TEST_F(Sack, H_13_no_recovery_begins_before_all_that_a_timeout_found_sent_is_acknowledged) {
    open_with_sack();
    say_segments(10);
    host.advance(205ms);
    ASSERT_EQ(sent_numbers(), (Numbers{at(0)}));
    ack(at(0), {{at(1), at(2)}});
    ack(at(0), {{at(1), at(5)}});
    ack(at(0), {{at(1), at(9)}});
    EXPECT_EQ(host.count(Counter::TCPSackRecovery), 0U);
    EXPECT_EQ(sent_numbers(), Numbers{}) << "cwnd is one segment, and that is out";
    ack(at(9));
    EXPECT_EQ(sent_numbers(), Numbers{at(9)}) << "the rest, not what has arrived";
}

TEST_F(Sack, H_15_a_peer_that_reneges_gets_the_text_again) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(1), at(10)}});
    ASSERT_EQ(sent_numbers(), (Numbers{at(0)}));
    ack(at(1));
    EXPECT_EQ(host.count(Counter::TCPSACKReneging), 1U);
    auto again = sent_numbers();
    ASSERT_FALSE(again.empty());
    EXPECT_EQ(again.front(), at(1)) << "it was said to be there, and is asked for";
    for (std::uint32_t i = 2; i <= 10; ++i) {
        ack(at(i));
        host.advance(5s);
    }
    connection.abort();
    host.turn();
    expect_nothing_left();
}

TEST_F(Sack, H_15_a_peer_that_reneges_without_recovery_gets_the_text_by_the_timer) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(1), at(2)}});
    ack(at(1));
    EXPECT_EQ(host.count(Counter::TCPSACKReneging), 1U);
    EXPECT_EQ(sent_numbers(), Numbers{});
    host.advance(205ms);
    EXPECT_EQ(sent_numbers(), (Numbers{at(1)}));
}

// --- FIN

TEST_F(Sack, H_16_H_13_a_fin_that_arrived_is_not_sent_again) {
    open_with_sack();
    say(3 * kMss);
    connection.shutdown_write();
    host.turn();
    ASSERT_EQ(host.sent().size(), 4U);
    // 0 is lost; 1, 2 and the FIN have arrived.
    ack(at(0), {{at(1), at(3) + 1}});
    EXPECT_EQ(host.sent(), (Trace{{"A", at(0), 1'001, std::string(kMss, 's')}}));
    EXPECT_EQ(host.count(Counter::TCPSACKDiscard), 0U) << "the right edge is the FIN's number + 1";
    EXPECT_EQ(state(), "FIN-WAIT-1");
    ack(at(3) + 1);
    EXPECT_EQ(state(), "FIN-WAIT-2");
    EXPECT_EQ(host.count(Counter::FinRetrans), 0U);
}

TEST_F(Sack, H_16_H_13_text_lost_together_with_the_fin_is_repaired_fin_and_all) {
    open_with_sack();
    say_segments(9);
    say(100);
    connection.shutdown_write();
    host.turn();
    ASSERT_EQ(host.sent().size(), 1U) << "Nagle has kept the last text for the FIN";
    // 0 and the segment of 100 with its FIN are lost.
    ack(at(0), {{at(1), at(9)}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(0)}));
    ack(at(9));
    EXPECT_EQ(host.sent(), (Trace{{"FPA", at(9), 1'001, std::string(100, 's')}}))
        << "the rescue: text and FIN in one segment, the FIN with its number";
    EXPECT_EQ(host.count(Counter::FinRetrans), 1U);
    ack(at(9) + 101);
    EXPECT_EQ(state(), "FIN-WAIT-2");
    EXPECT_EQ(host.count(Counter::TCPTimeouts), 0U);
}

TEST_F(Sack, H_16_H_13_a_hole_ends_where_the_number_of_the_fin_has_arrived) {
    open_with_sack();
    say_segments(4);
    connection.shutdown_write();
    host.turn();
    ASSERT_EQ(host.sent().size(), 1U);
    // The FIN alone has arrived, and the text ahead of it in part.
    ack(at(0), {{at(4), at(4) + 1}, {at(2), at(3)}});
    ack(at(0), {{at(4), at(4) + 1}, {at(1), at(3)}});
    ack(at(0), {{at(1), at(3) + 1}, {at(4), at(4) + 1}});
    EXPECT_EQ(sent_numbers(), (Numbers{at(0)}));
    ack(at(3) + 1, {{at(4), at(4) + 1}});
    EXPECT_EQ(host.sent(), (Trace{{"PA", at(3) + 1, 1'001, std::string(kMss - 1, 's')}}));
    ack(at(4) + 1);
    EXPECT_EQ(state(), "FIN-WAIT-2");
}

TEST_F(Sack, H_6_a_fin_alone_is_sent_again_by_its_timer) {
    open_with_sack();
    connection.shutdown_write();
    host.turn();
    ASSERT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'001}}));
    for (int i = 0; i < 4; ++i) ack(5'001);
    ack(5'001, {{5'001, 5'002}});
    EXPECT_EQ(host.sent(), Trace{}) << "no ACK makes it a fast retransmit";
    host.advance(199ms);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(2ms);
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'001}}));
    EXPECT_EQ(host.count(Counter::TCPTimeouts), 1U);
    EXPECT_EQ(host.count(Counter::RetransSegs), 1U);
    EXPECT_EQ(host.count(Counter::FinRetrans), 1U);
    host.advance(398ms);
    EXPECT_EQ(host.sent(), Trace{}) << "the same estimator, and its back-off";
    host.advance(2ms);
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'001}}));
    ack(5'002);
    EXPECT_EQ(state(), "FIN-WAIT-2");
}

// --- Lies

TEST_F(Sack, F_21_K_35_blocks_that_cannot_be_true_are_ignored) {
    open_with_sack();
    say_segments(10);
    const Block lies[] = {{at(0), at(5)},      {at(5), at(5)},   {at(6), at(5)},
                          {at(9), at(10) + 1}, {at(10), at(12)}, {at(2), at(2) + 0x8000'0000},
                          {5'000, at(4)},      {at(11), at(5)}};
    for (const Block& lie : lies) {
        // Behind a true block, that a lie be not taken for a D-SACK.
        ack(at(0), {{at(8), at(8) + 1}, lie});
        EXPECT_EQ(sent_numbers(), Numbers{}) << lie.left << ':' << lie.right;
    }
    EXPECT_EQ(host.count(Counter::TCPSACKDiscard), std::size(lies));
    EXPECT_EQ(host.count(Counter::TCPSackRecovery), 0U);
    EXPECT_EQ(state(), "ESTABLISHED");
}

TEST_F(Sack, F_21_K_35_a_thousand_slivers_grow_the_board_to_its_bound_and_no_further) {
    open_with_sack();
    say_segments(10);
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        ack(at(0), {{at(1) + 2 * i, at(1) + 2 * i + 1}});
    }
    std::uint32_t in_use = 0;
    for (const auto& pool : host.stack().memory()) {
        if (pool.name == std::string_view("sacked run")) in_use = pool.in_use;
    }
    EXPECT_EQ(in_use, 64U);
    EXPECT_GT(host.count(Counter::SackNoRoom), 900U);
    ack(at(10));
    connection.abort();
    host.turn();
    expect_nothing_left();
}

TEST_F(Sack, F_21_a_connection_that_ends_leaves_no_run_behind) {
    open_with_sack();
    say_segments(10);
    ack(at(0), {{at(3), at(4)}, {at(1), at(2)}});
    peer.send({.flags = "R", .seq = next});
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

// --- D-SACK, as a sender

TEST_F(Sack, H_15_a_report_of_text_that_arrived_twice_is_no_news) {
    open_with_sack();
    say_segments(10);
    ack(at(2), {{at(0), at(1)}});
    ack(at(2), {{at(1), at(2)}});
    ack(at(2), {{at(0), at(2)}});
    EXPECT_EQ(host.count(Counter::TCPDSACKRecv), 3U);
    ack(at(2), {{at(3), at(4)}, {at(3), at(5)}});
    EXPECT_EQ(host.count(Counter::TCPDSACKOfoRecv), 1U);
    ack(at(2), {{at(3), at(4)}, {at(3), at(5)}});
    EXPECT_EQ(sent_numbers(), Numbers{}) << "one ACK with news among them";
    EXPECT_EQ(host.count(Counter::TCPSACKDiscard), 0U);
    ack(at(2), {{at(0), at(10) + 5}});
    ack(at(2), {{5'001U - 70'000U, at(1)}});
    EXPECT_EQ(host.count(Counter::TCPSACKDiscard), 2U) << "never sent, or not within any window";
    EXPECT_EQ(host.count(Counter::TCPSackRecovery), 0U);
}

// --- H-38

TEST_F(Sack, H_38_a_retransmission_is_cut_anew_and_says_what_is_true_now) {
    open({.mss = kMss, .timestamps = wire::Timestamps{7, 0}, .sack_permitted = true});
    Wire segment{.flags = "A", .seq = next, .ack = sent};
    connection.set_option(Option::no_delay, 1);
    say(100);
    say(200);
    connection.shutdown_write();
    host.turn();
    const auto first = host.sent();
    ASSERT_EQ(first.size(), 3U);
    EXPECT_EQ(first[2], (Wire{"FA", 5'301, 1'001}));
    host.advance(100ms);
    Wire text{.flags = "PA", .seq = next, .ack = 5'001, .text = "abc"};
    text.options.timestamps = wire::Timestamps{8, 0};
    peer.send(text);
    host.advance(50ms);
    host.sent();
    host.advance(300ms);
    const auto again = host.sent();
    ASSERT_GE(again.size(), 1U);
    EXPECT_EQ(again[0], (Wire{"FPA", 5'001, 1'004, std::string(300, 's')}))
        << "three segments as one; the FIN keeps its number 5301";
    ASSERT_TRUE(again[0].options.timestamps);
    EXPECT_EQ(again[0].options.timestamps->echo_reply, 8U);
    EXPECT_GT(again[0].options.timestamps->value, first[2].options.timestamps->value + 100);
}

// --- H-8

TEST_F(Sack, H_8_K_35_dividing_an_ack_gains_nothing) {
    open();
    say_segments(40);
    for (std::uint32_t i = 1; i <= 20; ++i) ack(at(0) + i * kMss / 20);
    EXPECT_EQ(sent_numbers(), (Numbers{at(10), at(11)})) << "one segment acknowledged: one more";
}

TEST_F(Sack, H_8_an_ack_for_many_adds_one_segment) {
    open();
    say_segments(40);
    ack(at(8));
    EXPECT_EQ(sent_numbers().size(), 9U);
}

class SackAbc : public Sack {
  protected:
    static stack::Config config() {
        stack::Config config = small_config();
        config.tcp.abc_limit = 2;
        return config;
    }
    SackAbc() : Sack(config()) {}
};

TEST_F(SackAbc, H_8_or_two_where_rfc_3465_is_switched_on) {
    open();
    say_segments(40);
    ack(at(1));
    EXPECT_EQ(sent_numbers().size(), 2U);
    ack(at(3));
    EXPECT_EQ(sent_numbers().size(), 4U);
    ack(at(8));
    EXPECT_EQ(sent_numbers().size(), 7U);
}

TEST_F(SackAbc, H_8_and_one_in_the_slow_start_after_a_timeout) {
    open();
    say_segments(10);
    host.advance(205ms);
    ASSERT_EQ(sent_numbers(), (Numbers{at(0)}));
    ack(at(1));
    ASSERT_EQ(sent_numbers(), (Numbers{at(1), at(2)}));
    ack(at(3));
    EXPECT_EQ(sent_numbers(), (Numbers{at(3), at(4), at(5)}));
}

}  // namespace
}  // namespace lastack::test
