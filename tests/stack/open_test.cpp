// Opening (requirements G): three-way handshakes from both ends, simultaneous and repeated ones,
// options, retries, and what a listener and a port may and may not do.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Open : public testing::Test, public Conversation {};

TEST_F(Open, G_1_the_third_segment_may_carry_text) {
    listen();
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    ASSERT_EQ(host.sent(), (Trace{{"SA", 5'000, 1'001}}));
    peer.send({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "hello"});
    EXPECT_EQ(state(), "ESTABLISHED");
    EXPECT_EQ(host.app().received, "hello");
    EXPECT_EQ(host.app().events, (std::vector<std::string>{"open", "data 5"}));
}

TEST_F(Open, G_2_a_simultaneous_open_ends_in_one_connection) {
    connect();
    peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    EXPECT_EQ(host.sent(), (Trace{{"SA", 5'000, 1'001}})) << "the same ISS";
    EXPECT_EQ(state(), "SYN-RECEIVED");
    EXPECT_EQ(host.app().events.size(), 0U);
    peer.send({.flags = "SA", .seq = 1'000, .ack = 5'001, .options = {.mss = 1'460}});
    EXPECT_EQ(state(), "ESTABLISHED");
    EXPECT_EQ(host.app().events, std::vector<std::string>{"open"});
    EXPECT_EQ(host.count(Counter::TCPSynRetrans), 0U);
}

TEST_F(Open, B_11_a_close_in_syn_received_sends_the_fin_behind_the_handshake) {
    connect();
    peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    host.sent();
    connection.close();
    host.turn();
    EXPECT_EQ(state(), "FIN-WAIT-1");
    EXPECT_EQ(host.sent(), Trace{}) << "no FIN before the SYN is acknowledged";
    host.advance(1'001ms);
    EXPECT_EQ(host.sent(), (Trace{{"SA", 5'000, 1'001}})) << "the SYN goes first";
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'001});
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'001}}));
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
    EXPECT_EQ(state(), "TIME-WAIT");
}

TEST_F(Open, G_8_a_second_open_of_the_same_tuple_is_refused) {
    connect();
    const auto again = host.stack().connect({Address::ipv4(kPeerAddress.value), kPeerPort},
                                            host.app(), {.local = {Address{}, kHostPort}});
    EXPECT_EQ(again.error, Error::address_in_use);
}

TEST_F(Open, G_11_options_are_offered_on_the_syn_and_echoed_only_where_the_peer_has_them) {
    host.stack().connect({Address::ipv4(kPeerAddress.value), kPeerPort}, host.app(), {});
    host.turn();
    const auto syn = host.sent();
    ASSERT_EQ(syn.size(), 1U);
    EXPECT_EQ(syn[0].options.mss, 1'460);
    EXPECT_TRUE(syn[0].options.sack_permitted);
    EXPECT_TRUE(syn[0].options.timestamps.has_value());
    EXPECT_TRUE(syn[0].options.window_scale.has_value());

    listen();
    peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    const auto bare = host.sent();
    ASSERT_EQ(bare.size(), 1U);
    EXPECT_EQ(bare[0].options.mss, 1'460);
    EXPECT_FALSE(bare[0].options.sack_permitted);
    EXPECT_FALSE(bare[0].options.timestamps.has_value());
    EXPECT_FALSE(bare[0].options.window_scale.has_value());
}

TEST_F(Open, G_12_without_an_mss_the_peer_takes_536) {
    open({});
    say(1'000);
    const auto sent_now = host.sent();
    ASSERT_EQ(sent_now.size(), 1U) << "the rest is less than a segment, and Nagle holds it";
    EXPECT_EQ(sent_now[0].text.size(), 536U);
}

TEST_F(Open, G_12_an_absurd_mss_is_raised_to_a_floor) {
    open({.mss = 0});
    say(1'000);
    for (const Wire& segment : host.sent()) EXPECT_GE(segment.text.size(), 48U);
}

TEST_F(Open, G_13_timestamps_take_their_twelve_octets_of_every_segment) {
    open({.mss = 1'460, .timestamps = wire::Timestamps{7, 0}});
    say(2'896);
    const auto sent_now = host.sent();
    ASSERT_EQ(sent_now.size(), 2U);
    EXPECT_EQ(sent_now[0].text.size(), 1'448U);
    EXPECT_EQ(sent_now[1].text.size(), 1'448U);
    EXPECT_EQ(sent_now[0].options.timestamps->echo_reply, 7U);
}

TEST_F(Open, G_16_after_a_repeated_syn_text_starts_with_3_s_and_one_segment) {
    connect();
    host.advance(1'001ms);
    ASSERT_EQ(host.sent(), (Trace{{"S", 5'000, 0}}));
    peer.send({.flags = "SA", .seq = 1'000, .ack = 5'001, .options = {.mss = 1'460}});
    host.sent();
    say(3'000);
    EXPECT_EQ(host.sent().size(), 1U) << "IW is one segment";
    host.advance(2'990ms);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(20ms);
    EXPECT_EQ(host.sent().size(), 1U);
    EXPECT_EQ(host.count(Counter::TCPTimeouts), 2U);
}

TEST_F(Open, G_18_a_syn_ack_nobody_answers_is_sent_six_times_and_dropped_in_silence) {
    listen();
    peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    std::size_t answers = host.sent().size();
    host.advance(62s);
    answers += host.sent().size();
    EXPECT_EQ(answers, 6U);
    EXPECT_EQ(state(), "SYN-RECEIVED");
    host.advance(2s);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_TRUE(host.app().events.empty());
    expect_nothing_left();
}

TEST_F(Open, G_19_a_repeated_syn_gets_the_same_syn_ack_within_the_limit) {
    listen();
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    const Wire syn{.flags = "S",
                   .seq = 1'000,
                   .options = {.mss = 1'460, .timestamps = wire::Timestamps{100, 0}}};
    peer.send(syn);
    const auto first = host.sent();
    host.advance(100ms);
    peer.send(syn);
    const auto again = host.sent();
    ASSERT_EQ(again, (Trace{{"SA", 5'000, 1'001}}));
    ASSERT_TRUE(again[0].options.timestamps.has_value());
    EXPECT_EQ(again[0].options.timestamps->value, first.at(0).options.timestamps->value + 100)
        << "the time of now";
    EXPECT_EQ(again[0].options.timestamps->echo_reply, 100U);
    peer.send(syn);
    EXPECT_EQ(host.sent(), Trace{}) << "E-9: one in 500 ms";
    EXPECT_EQ(host.count(Counter::TCPACKSkippedSynRecv), 1U);
    host.advance(501ms);
    peer.send(syn);
    EXPECT_EQ(host.sent(), (Trace{{"SA", 5'000, 1'001}}));
}

TEST_F(Open, G_20_text_completes_a_handshake_whose_third_segment_was_lost) {
    listen();
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    peer.send({.flags = "PA", .seq = 1'006, .ack = 5'001, .text = "later"});
    EXPECT_EQ(state(), "ESTABLISHED");
    EXPECT_EQ(host.app().received, "");
    peer.send({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "first"});
    EXPECT_EQ(host.app().received, "firstlater");
}

TEST_F(Open, G_21_a_reset_in_syn_received_leaves_the_listener_as_it_was) {
    listen();
    peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    host.sent();
    peer.send({.flags = "R", .seq = 1'001});
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_TRUE(host.app().events.empty());
    peer.send({.flags = "S", .seq = 9'000, .options = {.mss = 1'460}});
    EXPECT_EQ(state(), "SYN-RECEIVED");
    EXPECT_EQ(host.count(Counter::EmbryonicRsts), 1U);
}

TEST_F(Open, G_31_text_on_the_syn_is_taken_when_it_comes_again) {
    listen();
    host.wait_for_isn(kHostPort, kPeerPort, 5'000);
    peer.send({.flags = "S", .seq = 1'000, .text = "early", .options = {.mss = 1'460}});
    EXPECT_EQ(host.sent(), (Trace{{"SA", 5'000, 1'001}})) << "the text is not acknowledged";
    peer.send({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "early"});
    EXPECT_EQ(host.app().received, "early");
}

TEST_F(Open, E_18_a_syn_with_fin_does_not_open_anything) {
    listen();
    peer.send({.flags = "SF", .seq = 1'000});
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.count(Counter::TcpInSynFin), 1U);
}

TEST_F(Open, a_refused_connect_is_told_as_refused) {
    connect();
    peer.send({.flags = "RA", .seq = 0, .ack = 5'001});
    EXPECT_EQ(host.app().events, std::vector<std::string>{"closed refused"});
    EXPECT_FALSE(connection.valid());
    expect_nothing_left();
}

TEST_F(Open, SYNS_A01_a_close_before_the_answer_sends_nothing) {
    connect();
    connection.close();
    host.turn();
    EXPECT_EQ(host.sent(), Trace{}) << "SYNS.A01: no segment";
    EXPECT_EQ(host.app().events, std::vector<std::string>{"closed aborted"});
    expect_nothing_left();
}

TEST_F(Open, G_34_G_36_a_listening_port_is_not_chosen_and_one_port_serves_two_peers) {
    stack::Config config = small_config();
    config.tcp.port_first = 50'000;
    config.tcp.port_last = 50'001;
    Host two(config);
    ASSERT_TRUE(two.stack().listen({Address{}, 50'000}, two.app(), {}));
    const auto to = [&](std::uint16_t port) {
        return two.stack().connect({Address::ipv4(kPeerAddress.value), port}, two.app(), {});
    };
    const auto first = to(1'000);
    ASSERT_TRUE(first);
    Connection one = first.connection;
    EXPECT_EQ(one.local().port, 50'001);
    const auto second = to(1'001);
    ASSERT_TRUE(second) << "the tuple is another";
    EXPECT_EQ(to(1'000).error, Error::no_free_port);
    EXPECT_EQ(two.count(Counter::PortExhausted), 1U);
}

TEST_F(Open, listeners_are_refused_for_foreign_addresses_taken_ports_and_when_the_table_is_full) {
    auto& stack = host.stack();
    EXPECT_EQ(stack.listen({Address::ipv4(0x0a00'0001), 80}, host.app(), {}).error,
              Error::bad_address);
    EXPECT_EQ(stack.listen({Address{}, 0}, host.app(), {}).error, Error::bad_address);
    ASSERT_TRUE(stack.listen({Address{}, 80}, host.app(), {}));
    EXPECT_EQ(stack.listen({Address{}, 80}, host.app(), {}).error, Error::address_in_use);
    for (std::uint16_t port = 81; port < 88; ++port) {
        ASSERT_TRUE(stack.listen({Address{}, port}, host.app(), {}));
    }
    EXPECT_EQ(stack.listen({Address{}, 99}, host.app(), {}).error, Error::no_resources);
    stack.stop_listening_all();
    EXPECT_TRUE(stack.listen({Address{}, 99}, host.app(), {}));
}

TEST(OpenWithoutCookies, a_listener_takes_no_more_half_open_connections_than_it_was_told) {
    stack::Config config = small_config();
    config.tcp.syn_cookies = SynCookies::never;
    Host host(config);
    ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {.max_half_open = 2}));
    for (std::uint16_t port = 1; port <= 3; ++port) {
        Peer other(host, port, 80);
        other.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    }
    EXPECT_EQ(host.sent().size(), 2U);
    EXPECT_EQ(host.count(Counter::ListenOverflows), 1U);
    EXPECT_EQ(host.count(Counter::ListenDrops), 1U);
    Peer first(host, 1, 80);
    first.send({.flags = "R", .seq = 1'001});
    Peer third(host, 3, 80);
    third.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    EXPECT_EQ(host.sent().size(), 1U) << "a place became free";
}

TEST_F(Open, LISTEN_A01_half_open_connections_go_in_silence_with_their_listener) {
    listen();
    peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    const auto answer = host.sent();
    host.stack().stop_listening(listener);
    host.advance(10s);
    EXPECT_EQ(host.sent(), Trace{}) << "no SYN,ACK is sent for a listener that has gone";
    peer.send({.flags = "A", .seq = 1'001, .ack = answer.at(0).seq + 1});
    EXPECT_TRUE(host.app().events.empty());
    host.advance(2min);
    expect_nothing_left();
}

TEST_F(Open, a_connection_for_which_no_record_is_left_opens_when_one_is) {
    stack::Config config = small_config();
    config.limits.max_connections = 1;
    Host tiny(config);
    ASSERT_TRUE(tiny.stack().listen({Address{}, 80}, tiny.app(), {}));
    Peer first(tiny, 1, 80);
    first.open(1'000);
    Connection one = tiny.app().last;
    Peer second(tiny, 2, 80);
    second.open(1'000);
    EXPECT_EQ(tiny.state(80, 2), "SYN-RECEIVED");
    one.abort();
    tiny.turn();
    tiny.sent();
    tiny.advance(1'001ms);
    const auto again = tiny.sent();
    ASSERT_EQ(again.size(), 1U) << "the SYN,ACK asks again";
    second.send({.flags = "A", .seq = 1'001, .ack = again[0].seq + 1});
    EXPECT_EQ(tiny.state(80, 2), "ESTABLISHED");
}

}  // namespace
}  // namespace lastack::test
