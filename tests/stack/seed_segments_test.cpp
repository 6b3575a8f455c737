// The four segments of a release, field by field (requirements A.2): what each carries, where its
// numbers come from, and that they are of the moment it leaves.

#include "tests/stack/seed.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Segments : public Release {};

// --- Segment 1

TEST_F(Segments, S_11_S_12_S_39_segment_1_is_a_fin_with_ack_behind_the_last_byte_sent) {
    open();
    say(5);
    host.sent();
    finish();
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'006, 1'001}})) << "u = last byte + 1";
}

TEST_F(Segments, S_12_S_39_a_fin_that_rides_on_text_has_the_number_behind_it) {
    open();
    queue(7);
    finish();
    EXPECT_EQ(host.sent(), (Trace{{"FPA", 5'001, 1'001, "1234567"}}));
    acknowledge(5'008);
    EXPECT_EQ(state(), "FIN-WAIT-1") << "u = 5008 itself is not acknowledged";
    acknowledge(5'009);
    EXPECT_EQ(state(), "FIN-WAIT-2");
}

TEST_F(Segments, S_13_a_fin_acknowledges_what_has_been_received_when_it_leaves_and_leaves_again) {
    open();
    send("A", std::string(50, 'p'));
    finish();
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'051}})) << "50 bytes that no ACK had told of";
    peer.send({.flags = "A", .seq = 1'051, .ack = 5'001, .text = std::string(100, 'p')});
    host.advance(50ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'002, 1'151}}));
    host.advance(200ms);
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'151}})) << "the same u, an acknowledgment of now";
    peer.send({.flags = "A", .seq = 1'151, .ack = 5'001, .text = std::string(10, 'p')});
    host.advance(50ms);
    host.sent();
    host.advance(400ms);
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'161}}));
}

TEST_F(Segments, S_14_our_fin_takes_one_number_in_the_stream_and_one_in_the_peers_window) {
    reach_fin_wait_1();
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'003});
    EXPECT_EQ(host.count(Counter::TcpInAckUnsent), 1U);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'002, 1'001}})) << "SND.NXT is u + 1";
    acknowledge(5'002);
    EXPECT_EQ(state(), "FIN-WAIT-2");
}

TEST_F(Segments, S_14_a_fin_waits_for_a_place_in_the_peers_window) {
    open({.mss = 1'460}, 100);
    queue(100);
    connection.shutdown_write();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'001, std::string(100, 's')}}));
    acknowledge(5'101, 0);
    EXPECT_EQ(host.sent(), Trace{});
    acknowledge(5'101, 1);
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'101, 1'001}})) << "one octet of window is enough";
}

TEST_F(Segments, S_14_the_peers_fin_takes_one_number_and_is_one_long_in_the_window_test) {
    open();
    const std::uint32_t edge = 1'001 + 65'535;
    peer.send({.flags = "FA", .seq = edge, .ack = sent});
    EXPECT_EQ(host.count(Counter::TcpInOutOfWindow), 1U);
    host.sent();
    // Of no length it would be throttled by now (E-9): what occupies a number never is.
    for (int i = 0; i < 3; ++i) {
        peer.send({.flags = "FA", .seq = 1'000, .ack = sent});
        EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'001}})) << i;
    }
    EXPECT_EQ(host.count(Counter::TcpInOutOfWindow), 4U);
    send("A", "old text");
    // Of this all is old but the FIN, whose number alone lies in the window.
    peer.send({.flags = "FA", .seq = 1'001, .ack = sent, .text = "old text"});
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'010}})) << "RCV.NXT is one further";
}

// --- Segment 2

TEST_F(Segments,
       S_16_S_17_S_42_S_43_segment_2_of_an_empty_pipe_has_the_number_that_segment_1_told) {
    open();
    say(300);
    host.sent();
    acknowledge(sent);
    send("FA");  // its ack field is 5301
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'301, 1'002}}));
}

TEST_F(Segments, S_16_S_17_S_42_S_43_segment_2_has_snd_nxt_where_text_is_in_flight) {
    open();
    say(300);
    host.sent();
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'001});
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'301, 1'002}})) << "beyond the ack field of segment 1";
    EXPECT_EQ(state(), "CLOSE-WAIT");
}

TEST(SegmentTwo, S_16_S_18_S_42_S_44_acknowledges_the_number_and_length_of_what_came) {
    for (const std::uint32_t before : {0U, 3U, 500U}) {
        for (const std::uint32_t with : {0U, 1U, 700U}) {
            SCOPED_TRACE(testing::Message() << before << " bytes before, " << with << " with it");
            Conversation it;
            it.open();
            if (before > 0) it.send("A", std::string(before, 'p'));
            it.host.advance(50ms);
            it.host.sent();
            const std::uint32_t fin = 1'001 + before + with;
            it.send(with > 0 ? "FPA" : "FA", std::string(with, 'p'));
            EXPECT_EQ(it.host.sent(), (Trace{{"A", 5'001, fin + 1}}));
        }
    }
}

// --- Segment 3

TEST(SegmentThree, S_28_S_29_S_48_S_49_S_50_its_number_is_behind_all_half_close_text) {
    for (const std::uint32_t count : {0U, 1U, 700U}) {
        SCOPED_TRACE(count);
        Conversation it;
        it.open();
        it.send("FA");
        if (count > 0) it.say(count);
        it.host.sent();
        it.peer.send({.flags = "A", .seq = it.next, .ack = it.sent});
        it.connection.close();
        it.host.turn();
        EXPECT_EQ(it.host.sent(), (Trace{{"FA", 5'001 + count, 1'002}}));
        EXPECT_EQ(it.state(), "LAST-ACK");
    }
}

// 0xFFFFFF00 + 700 is beyond the wrap.
TEST_F(Segments, S_29_S_49_over_the_wrap_too) {
    constexpr std::uint32_t kIss = 0xffff'feff;
    listen();
    host.wait_for_isn(kHostPort, kPeerPort, kIss);
    ASSERT_EQ(peer.open(1'000, {.mss = 1'460}), kIss);
    connection = host.app().last;
    peer.send({.flags = "FA", .seq = 1'001, .ack = kIss + 1});
    queue(700);
    host.turn();
    host.sent();
    const std::uint32_t w = kIss + 1 + 700;
    ASSERT_EQ(w, 444U);
    peer.send({.flags = "A", .seq = 1'002, .ack = w});
    finish();
    EXPECT_EQ(host.sent(), (Trace{{"FA", w, 1'002}}));
    peer.send({.flags = "A", .seq = 1'002, .ack = w + 1});
    EXPECT_EQ(state(), "CLOSED");
}

// The peer's FIN repeats an acknowledgment for the third time: it is no duplicate ACK.
TEST_F(Segments, S_30_S_50_the_ack_that_a_fin_repeats_is_no_duplicate_ack) {
    open();
    say(3'000);
    finish();
    host.sent();
    acknowledge(5'001);
    acknowledge(5'001);
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'001});
    EXPECT_EQ(host.sent(), (Trace{{"A", 8'002, 1'002}})) << "its ACK, and no retransmission";
    EXPECT_EQ(host.count(Counter::TCPFastRetrans), 0U);
}

// --- Segment 4

TEST(SegmentFour, S_32_S_33_S_34_S_53_S_55_acknowledges_the_number_and_length_of_segment_3) {
    for (const std::uint32_t before : {0U, 700U}) {
        for (const std::uint32_t with : {0U, 1U, 100U}) {
            SCOPED_TRACE(testing::Message() << before << " bytes before, " << with << " with it");
            Conversation it;
            it.open();
            it.say(20);
            it.connection.shutdown_write();
            it.host.turn();
            it.sent += 1;
            it.send("A", std::string(before, 'p'));
            it.host.advance(50ms);
            it.host.sent();
            it.send("FA", std::string(with, 'p'));
            const std::uint32_t w = 1'001 + before + with;
            EXPECT_EQ(it.host.sent(), (Trace{{"A", 5'022, w + 1}})) << "u is 5021";
            EXPECT_EQ(it.state(), "TIME-WAIT");
        }
    }
}

TEST_F(Segments, S_33_S_54_the_number_of_segment_4_is_the_one_that_segment_3_acknowledged) {
    reach_fin_wait_2();
    const Wire third{.flags = "FA", .seq = next, .ack = sent};
    peer.send(third);
    const auto fourth = host.sent();
    ASSERT_EQ(fourth.size(), 1U);
    EXPECT_EQ(fourth[0].seq, third.ack);
    EXPECT_EQ(fourth[0].len(), 0U);
}

}  // namespace
}  // namespace lastack::test
