// Aborts of ours, resets of the peer's (requirements D, E).

#include "tests/stack/ending.hpp"

namespace lastack::test {
namespace {

using base::Counter;

wire::TcpOptions stamp(std::uint32_t value) {
    return {.timestamps = wire::Timestamps{value, 0}};
}

class Resets : public Ending {};

TEST_F(Resets, an_abort_sends_one_reset_and_tells_once) {
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

TEST_F(Resets, B_6_a_reset_is_never_answered_by_a_reset) {
    peer.send({.flags = "R", .seq = 77});
    peer.send({.flags = "RA", .seq = 77, .ack = 88, .text = "because"});
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "A", .seq = 77, .ack = 88});
    EXPECT_EQ(host.sent(), (Trace{{"R", 88, 0}}));
    peer.send({.flags = "S", .seq = 77});
    EXPECT_EQ(host.sent(), (Trace{{"RA", 0, 78}}));
}

TEST_F(Resets, B_7_a_reset_offers_what_had_arrived_and_then_tells_of_the_reset) {
    open();
    host.receive(
        std::vector{peer.frame({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "last words"}),
                    peer.frame({.flags = "R", .seq = 1'011})});
    EXPECT_EQ(host.app().received, "last words");
    EXPECT_EQ(host.app().events.back(), "closed reset");
    expect_nothing_left();
}

TEST_F(Resets, E_2_against_a_shut_window_only_the_exact_reset_counts) {
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

TEST_F(Resets, E_9_challenges_are_limited_to_one_in_500_ms) {
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

TEST_F(Resets, E_9_old_text_is_answered_every_time) {
    open();
    send("A", "12345");
    host.advance(50ms);
    host.sent();
    for (int i = 0; i < 5; ++i) {
        peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "12345"});
        EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'006}}));
    }
}

TEST_F(Resets, E_13_a_reset_is_not_judged_by_its_timestamp) {
    open({.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
    peer.send({.flags = "R", .seq = 1'001, .options = stamp(1)});
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(Resets, E_15_resets_to_unknown_segments_are_limited) {
    stack::Config config = small_config();
    config.tcp.rst_rate_limit = 10;
    Host quiet(config);
    Peer stranger(quiet, 1, 2);
    for (int i = 0; i < 100; ++i) stranger.send({.flags = "A", .seq = 1, .ack = 2});
    EXPECT_LE(quiet.sent().size(), 20U);
    EXPECT_GE(quiet.count(Counter::RstSuppressed), 80U);
}

}  // namespace
}  // namespace lastack::test
