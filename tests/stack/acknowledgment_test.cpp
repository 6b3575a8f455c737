// When text is acknowledged, as an observer on the wire sees it (requirements H).

#include "tests/stack/data.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Acknowledgments : public Data {};

TEST_F(Acknowledgments, H_23_a_lone_segment_is_acknowledged_after_40_ms_and_not_before) {
    open();
    send("PA", "x");
    host.advance(39ms);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(1ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'002}}));
    EXPECT_EQ(host.count(Counter::DelayedACKs), 1U);
}

TEST_F(Acknowledgments, H_23_the_first_four_full_segments_are_acknowledged_at_once) {
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

TEST_F(Acknowledgments, H_23_every_second_full_segment_is_acknowledged_at_once) {
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
TEST_F(Acknowledgments,
       E_9_J_17_a_challenge_counts_when_it_is_granted_and_a_segment_is_answered_once) {
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

TEST_F(Acknowledgments, H_24_an_answer_carries_the_acknowledgment) {
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

TEST_F(Acknowledgments, H_24_a_burst_of_segments_is_answered_once) {
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

TEST_F(Acknowledgments, H_23_out_of_order_text_is_answered_at_once_and_so_is_what_fills_the_gap) {
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

TEST_F(Acknowledgments, F_7_text_on_both_sides_of_the_left_edge_is_trimmed_at_the_front) {
    open();
    send("A", "abcde");
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "abcdefgh"});
    EXPECT_EQ(host.app().received, "abcdefgh");
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'009}}));
}

TEST_F(Acknowledgments, F_7_a_fin_beyond_the_right_edge_is_cut_off_and_comes_again) {
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

TEST_F(Acknowledgments, B_3_K_9_a_fin_beyond_a_gap_is_told_once_the_gap_is_filled) {
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

TEST_F(Acknowledgments, K_12_text_beyond_a_fin_that_is_known_is_thrown_away) {
    open();
    peer.send({.flags = "FA", .seq = 1'006, .ack = 5'001});
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "hello, world"});
    EXPECT_EQ(host.app().received, "hello");
    EXPECT_EQ(state(), "CLOSE-WAIT");
    EXPECT_EQ(host.count(Counter::DataAfterFin), 1U);
}

}  // namespace
}  // namespace lastack::test
