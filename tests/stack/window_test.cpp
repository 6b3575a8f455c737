// Windows, ours and the peer's, as an observer on the wire sees them (requirements F, H).

#include "tests/stack/data.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Windows : public Data {};

// --- Windows of ours

TEST_F(Windows, H_27_H_28_a_window_that_was_shut_is_opened_by_an_update_of_a_segment_or_more) {
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

TEST_F(Windows, F_6_what_was_promised_is_accepted_though_the_buffer_is_full) {
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

TEST_F(Windows, E_9_a_window_probe_of_one_octet_is_always_answered) {
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

TEST_F(Windows, H_32_a_shut_window_is_probed_after_an_rto_and_then_less_and_less_often) {
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

TEST_F(Windows, H_23_H_32_a_probe_does_not_stand_for_an_ACK_that_is_held_back) {
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

TEST_F(Windows, H_32_the_text_leaves_when_the_window_opens) {
    open();
    ack(5'001, 0);
    say(10);
    host.advance(1s);
    host.sent();
    ack(5'001, 100);
    EXPECT_EQ(host.sent(), (Trace{{"PA", 5'001, 1'001, std::string(10, 's')}}));
}

TEST_F(Windows, K_11_a_fin_alone_waits_for_the_window_and_is_probed_for) {
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

TEST_F(Windows, D_21_an_orphan_does_not_probe_for_ever) {
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

TEST_F(Windows, H_33_H_34_a_window_shut_over_text_in_flight_does_not_end_the_connection) {
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

TEST_F(Windows, F_15_a_window_that_shrinks_below_what_is_in_flight_lets_nothing_new_out) {
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

TEST_F(Windows, F_14_an_older_segment_does_not_bring_back_its_window) {
    open();
    // The newer one overtakes: it lies beyond a gap, and the older one is acceptable.
    peer.send({.flags = "A", .seq = 1'006, .ack = 5'001, .text = "67890", .window = 0});
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "12345", .window = 9'000});
    ASSERT_EQ(host.app().received, "1234567890");
    say(10);
    for (const Wire& segment : host.sent()) EXPECT_EQ(segment.text, "") << "the window is shut";
}

TEST_F(Windows, F_12_the_window_is_scaled_as_the_syn_said_but_never_on_the_syn) {
    open({.mss = 1'460, .window_scale = 3}, 1'000);
    say(9'000);
    std::size_t text = 0;
    for (const Wire& segment : host.sent()) text += segment.text.size();
    EXPECT_GT(text, 7'000U) << "1000 << 3";
    EXPECT_LE(text, 8'000U);
}

// A SYN,ACK that crosses ours ends SYN-RECEIVED as an ACK does, but its window is a SYN's.
TEST_F(Windows, F_12_nor_on_the_syn_ack_of_a_simultaneous_open) {
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

TEST_F(Windows, F_12_nor_on_the_syn_ack_that_meets_a_passive_open) {
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

TEST_F(Windows, F_12_a_shift_above_14_counts_as_14) {
    open({.mss = 1'460, .window_scale = 200}, 1);
    say(20'000);
    std::size_t text = 0;
    for (const Wire& segment : host.sent()) text += segment.text.size();
    EXPECT_GE(text, 14'600U) << "1 << 14 is more than the initial window";
}

}  // namespace
}  // namespace lastack::test
