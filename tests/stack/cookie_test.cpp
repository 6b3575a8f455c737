// SYN cookies (G-27 to G-30, LISTEN.E03), against a stack that has room for one half-open
// connection.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

stack::Config with(SynCookies mode) {
    stack::Config config = small_config();
    config.tcp.syn_cookies = mode;
    config.limits.max_half_open = 1;
    return config;
}

class Cookies {
  public:
    explicit Cookies(SynCookies mode) : host(with(mode)) {
        EXPECT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
    }

    Host host;
    Peer flood{host, 1, 80};
    Peer peer{host, 40'000, 80};

    /// The one record is taken; nothing of it is looked at.
    void fill() {
        flood.send({.flags = "S", .seq = 1});
        host.sent();
    }

    /// The peer's SYN; the SYN,ACK that answers it.
    Wire ask(const wire::TcpOptions& options = {.mss = 1'460}) {
        peer.send({.flags = "S", .seq = 1'000, .options = options});
        const auto sent = host.sent();
        EXPECT_EQ(sent.size(), 1U);
        return sent.empty() ? Wire{} : sent[0];
    }

    void acknowledge(const Wire& syn_ack, std::string text = {}) {
        Wire third{.flags = "A", .seq = 1'001, .ack = syn_ack.seq + 1, .text = std::move(text)};
        if (syn_ack.options.timestamps) {
            third.options.timestamps = wire::Timestamps{5'000, syn_ack.options.timestamps->value};
        }
        peer.send(third);
    }

    /// A connection by cookie, in TIME-WAIT at the host, that a SYN reopens. Its old SYN,ACK.
    Wire reopen_time_wait() {
        const Wire syn_ack = ask();
        acknowledge(syn_ack);
        host.app().last.close();
        host.turn();
        peer.send({.flags = "FA", .seq = 1'001, .ack = syn_ack.seq + 2});
        peer.send({.flags = "S", .seq = 700'000, .options = {.mss = 1'460}});
        return syn_ack;
    }

    std::string state() { return host.state(80, 40'000); }
};

TEST(CookieTest, G_27_a_full_SYN_queue_answers_with_a_cookie_and_keeps_no_record) {
    Cookies test(SynCookies::when_full);
    test.fill();
    const Wire syn_ack = test.ask();
    EXPECT_EQ(syn_ack.flags, "SA");
    EXPECT_EQ(syn_ack.ack, 1'001U);
    EXPECT_EQ(test.state(), "CLOSED");
    EXPECT_EQ(test.host.count(Counter::SyncookiesSent), 1U);
    EXPECT_EQ(test.host.count(Counter::TCPReqQFullDoCookies), 1U);
    EXPECT_EQ(test.host.count(Counter::ListenDrops), 0U);
}

TEST(CookieTest, LISTEN_E03_G_27_its_ACK_opens_the_connection) {
    Cookies test(SynCookies::when_full);
    test.fill();
    test.acknowledge(test.ask());
    EXPECT_EQ(test.state(), "ESTABLISHED");
    EXPECT_TRUE(test.host.app().saw("open"));
    EXPECT_EQ(test.host.count(Counter::SyncookiesRecv), 1U);
    EXPECT_EQ(test.host.count(Counter::PassiveOpens), 1U);
    EXPECT_EQ(test.host.sent(), Trace{});
}

TEST(CookieTest, LISTEN_E08_text_with_the_cookie_is_delivered) {
    Cookies test(SynCookies::when_full);
    test.fill();
    test.acknowledge(test.ask(), "hello");
    EXPECT_EQ(test.host.app().received, "hello");
}

TEST(CookieTest, LISTEN_E11_a_FIN_with_the_cookie_leads_to_CLOSE_WAIT) {
    Cookies test(SynCookies::when_full);
    test.fill();
    const Wire syn_ack = test.ask();
    test.peer.send({.flags = "FA", .seq = 1'001, .ack = syn_ack.seq + 1});
    EXPECT_EQ(test.state(), "CLOSE-WAIT");
}

TEST(CookieTest, G_27_mode_always_needs_no_full_queue_and_never_drops_a_SYN_for_want_of_one) {
    Cookies always(SynCookies::always);
    always.acknowledge(always.ask());
    EXPECT_EQ(always.state(), "ESTABLISHED");
    EXPECT_EQ(always.host.count(Counter::TCPReqQFullDoCookies), 0U);

    Cookies never(SynCookies::never);
    never.fill();
    never.peer.send({.flags = "S", .seq = 1'000});
    EXPECT_EQ(never.host.sent(), Trace{});
    EXPECT_EQ(never.host.count(Counter::ListenDrops), 1U);
}

TEST(CookieTest, G_27_the_mss_survives_as_the_next_smaller_of_a_few) {
    Cookies test(SynCookies::always);
    test.acknowledge(test.ask({.mss = 1'439}));
    ASSERT_EQ(test.state(), "ESTABLISHED");
    test.host.app().last.send(as_bytes(std::string(2'000, 'x')));
    test.host.turn();
    EXPECT_EQ(test.host.sent().at(0).text.size(), 1'400U);
}

TEST(CookieTest, G_28_with_timestamps_scaling_and_SACK_survive) {
    Cookies test(SynCookies::always);
    wire::TcpOptions options{.mss = 1'460, .window_scale = 3, .sack_permitted = true};
    options.timestamps = wire::Timestamps{4'999, 0};
    const Wire syn_ack = test.ask(options);
    ASSERT_TRUE(syn_ack.options.window_scale);
    ASSERT_TRUE(syn_ack.options.sack_permitted);
    test.acknowledge(syn_ack);
    ASSERT_EQ(test.state(), "ESTABLISHED");
    // Scaling: a window field of 2 is 16 bytes.
    Wire narrow{.flags = "A", .seq = 1'001, .ack = syn_ack.seq + 1, .window = 2};
    narrow.options.timestamps = wire::Timestamps{5'001, syn_ack.options.timestamps->value};
    test.peer.send(narrow);
    test.host.app().last.set_option(Option::no_delay, 1);
    test.host.app().last.send(as_bytes(std::string(100, 'x')));
    test.host.advance(2s);
    EXPECT_EQ(test.host.sent().at(0).text.size(), 16U);
    // SACK: text beyond a gap is answered with a block.
    Wire beyond{.flags = "A", .seq = 1'101, .ack = syn_ack.seq + 1, .text = "x"};
    beyond.options.timestamps = wire::Timestamps{5'001, syn_ack.options.timestamps->value};
    test.peer.send(beyond);
    const auto answer = test.host.sent();
    ASSERT_FALSE(answer.empty());
    EXPECT_EQ(answer[0].options.sack_count, 1U);
}

TEST(CookieTest, G_28_without_timestamps_they_are_given_up) {
    Cookies test(SynCookies::always);
    const Wire syn_ack = test.ask({.mss = 1'460, .window_scale = 3, .sack_permitted = true});
    EXPECT_FALSE(syn_ack.options.window_scale);
    EXPECT_FALSE(syn_ack.options.sack_permitted);
}

TEST(CookieTest, G_28_F_16_the_clock_goes_on_from_the_cookies_TSval) {
    Cookies test(SynCookies::always);
    wire::TcpOptions options{.mss = 1'460, .window_scale = 14, .sack_permitted = true};
    options.timestamps = wire::Timestamps{4'999, 0};
    for (int i = 0; i < 64; ++i) {
        const Wire syn_ack = test.ask(options);
        test.acknowledge(syn_ack, "x");
        ASSERT_EQ(test.state(), "ESTABLISHED");
        test.host.advance(41ms);
        const auto sent = test.host.sent();
        ASSERT_FALSE(sent.empty());
        EXPECT_LT(sent[0].options.timestamps->value - syn_ack.options.timestamps->value, 200U);
        test.host.app().last.abort();
        test.host.turn();
        test.host.sent();
        test.host.advance(1ms);
    }
}

TEST(CookieTest, G_29_a_wrong_cookie_gets_a_RST_and_is_counted) {
    Cookies test(SynCookies::always);
    const Wire syn_ack = test.ask();
    test.peer.send({.flags = "A", .seq = 1'001, .ack = syn_ack.seq + 2});
    EXPECT_EQ(test.host.sent(), (Trace{{"R", syn_ack.seq + 2, 0}}));
    // The right number from another tuple, and for another ISN of the peer's.
    Peer(test.host, 40'001, 80).send({.flags = "A", .seq = 1'001, .ack = syn_ack.seq + 1});
    test.peer.send({.flags = "A", .seq = 1'002, .ack = syn_ack.seq + 1});
    EXPECT_EQ(test.host.sent().size(), 2U);
    EXPECT_EQ(test.host.count(Counter::SyncookiesFailed), 3U);
    EXPECT_EQ(test.host.stack().live_connections(), 0U);
}

TEST(CookieTest, G_29_a_wrong_cookie_is_told_so_also_where_no_record_is_left) {
    stack::Config config = with(SynCookies::always);
    config.limits.max_connections = 1;
    Host host(config);
    ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
    const auto ask = [&](std::uint16_t port) {
        Peer(host, port, 80).send({.flags = "S", .seq = 1'000});
        return host.sent().at(0).seq;
    };
    const std::uint32_t first = ask(1);
    Peer(host, 1, 80).send({.flags = "A", .seq = 1'001, .ack = first + 1});
    const std::uint32_t second = ask(2);
    host.sent();
    Peer(host, 2, 80).send({.flags = "A", .seq = 1'001, .ack = second + 2});
    EXPECT_EQ(host.sent(), (Trace{{"R", second + 2, 0}}));
    EXPECT_EQ(host.count(Counter::SyncookiesFailed), 1U);
    Peer(host, 2, 80).send({.flags = "A", .seq = 1'001, .ack = second + 1});
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.count(Counter::ListenOverflows), 1U);
}

TEST(CookieTest, G_29_without_a_recent_cookie_an_ACK_is_not_even_tried) {
    Cookies test(SynCookies::when_full);
    test.peer.send({.flags = "A", .seq = 1'001, .ack = 77});
    EXPECT_EQ(test.host.sent(), (Trace{{"R", 77, 0}}));
    EXPECT_EQ(test.host.count(Counter::SyncookiesFailed), 0U);
}

TEST(CookieTest, G_27_a_cookie_lives_for_this_period_and_the_next) {
    Cookies test(SynCookies::always);
    // Right at the beginning of a period.
    const auto period = std::chrono::milliseconds(tcp::kCookiePeriodMs);
    test.host.advance_to(time::Instant{} + 3 * period);
    const Wire syn_ack = test.ask();
    test.host.advance_to(time::Instant{} + 5 * period - 1ms);
    test.acknowledge(syn_ack);
    EXPECT_EQ(test.state(), "ESTABLISHED");
}

TEST(CookieTest, G_27_and_no_longer) {
    Cookies test(SynCookies::always);
    const auto period = std::chrono::milliseconds(tcp::kCookiePeriodMs);
    test.host.advance_to(time::Instant{} + 3 * period);
    const Wire syn_ack = test.ask();
    test.host.advance_to(time::Instant{} + 5 * period - 1ms);
    Peer(test.host, 40'001, 80).send({.flags = "S", .seq = 9});  // cookies are still being sent
    test.host.sent();
    test.host.advance(1ms);
    test.acknowledge(syn_ack);
    EXPECT_EQ(test.state(), "CLOSED");
    EXPECT_EQ(test.host.count(Counter::SyncookiesFailed), 1U);
}

TEST(CookieTest, G_30_replaying_the_ACK_after_the_close_revives_nothing) {
    Cookies test(SynCookies::always);
    const Wire syn_ack = test.ask();
    test.acknowledge(syn_ack);
    test.host.app().last.close();
    test.host.turn();
    test.peer.send({.flags = "FA", .seq = 1'001, .ack = syn_ack.seq + 2});
    ASSERT_EQ(test.state(), "TIME-WAIT");
    test.acknowledge(syn_ack);
    EXPECT_EQ(test.state(), "TIME-WAIT");
    EXPECT_EQ(test.host.count(Counter::SyncookiesRecv), 1U);
}

TEST(CookieTest, C_10_a_SYN_that_reopens_a_time_wait_takes_a_record) {
    Cookies test(SynCookies::always);
    test.reopen_time_wait();
    EXPECT_EQ(test.state(), "SYN-RECEIVED");
    EXPECT_EQ(test.host.count(Counter::SyncookiesSent), 1U);
}

// A SYN of the client's that was late makes a record after all, for the flood has gone: its SYN,ACK
// is another than the one that the client has taken.
TEST(CookieTest, G_27_SYNR_E04_a_cookie_counts_although_a_later_SYN_has_made_a_record) {
    Cookies test(SynCookies::when_full);
    test.fill();
    const Wire syn_ack = test.ask();
    test.flood.send({.flags = "R", .seq = 2});
    const Wire second = test.ask();
    ASSERT_EQ(test.state(), "SYN-RECEIVED");
    ASSERT_NE(second.seq, syn_ack.seq);
    test.acknowledge(syn_ack, "hello");
    EXPECT_EQ(test.state(), "ESTABLISHED");
    EXPECT_EQ(test.host.app().received, "hello");
    EXPECT_EQ(test.host.in_state(tcp::State::SynReceived), 0U);
    EXPECT_EQ(test.host.count(Counter::SyncookiesRecv), 1U);
    EXPECT_EQ(test.host.sent(), Trace{}) << "the ACK of the text is delayed, and nothing is reset";
    EXPECT_TRUE(test.host.stack().listen({Address{}, 81}, test.host.app(), {}));
}

// The client has given its first connection up and begun another; text of the first, with its
// cookie, was held up on the way. It must not open what the client has left.
TEST(CookieTest, G_29_SYNR_E04_the_cookie_of_an_older_SYN_does_not_overtake_a_later_ones_record) {
    Cookies test(SynCookies::when_full);
    test.fill();
    const Wire first = test.ask();
    test.flood.send({.flags = "R", .seq = 2});
    test.peer.send({.flags = "S", .seq = 90'000, .options = {.mss = 1'460}});
    const Wire second = test.host.sent().back();
    test.acknowledge(first, "hello");
    EXPECT_EQ(test.state(), "SYN-RECEIVED");
    EXPECT_EQ(test.host.app().received, "");
    EXPECT_EQ(test.host.count(Counter::SyncookiesRecv), 0U);
    test.peer.send({.flags = "A", .seq = 90'001, .ack = second.seq + 1});
    EXPECT_EQ(test.state(), "ESTABLISHED");
}

TEST(CookieTest, G_29_SYNR_E04_no_other_ACK_overtakes_a_record) {
    Cookies test(SynCookies::when_full);
    test.fill();
    const Wire syn_ack = test.ask();
    test.flood.send({.flags = "R", .seq = 2});
    const Wire second = test.ask();
    test.peer.send({.flags = "A", .seq = 1'001, .ack = syn_ack.seq + 2});
    EXPECT_EQ(test.host.sent(), (Trace{{"R", syn_ack.seq + 2, 0}}));
    EXPECT_EQ(test.state(), "SYN-RECEIVED");
    test.acknowledge(second);
    EXPECT_EQ(test.state(), "ESTABLISHED");
    EXPECT_EQ(test.host.count(Counter::SyncookiesRecv), 0U);
}

// The cookie is older than the connection whose TIME-WAIT a SYN has reopened.
TEST(CookieTest, C_9_C_10_a_cookie_does_not_overtake_what_has_reopened_a_time_wait) {
    Cookies test(SynCookies::always);
    const Wire syn_ack = test.reopen_time_wait();
    ASSERT_EQ(test.state(), "SYN-RECEIVED");
    test.host.sent();
    test.acknowledge(syn_ack);
    EXPECT_EQ(test.state(), "SYN-RECEIVED");
    EXPECT_EQ(test.host.count(Counter::SyncookiesRecv), 1U);
}

// K-28 in small: a spoofed flood, and a client that means it.
TEST(CookieTest, K_28_a_flood_keeps_nobody_out_and_costs_no_memory) {
    Cookies test(SynCookies::when_full);
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        Peer(test.host, static_cast<std::uint16_t>(1 + i), 80).send({.flags = "S", .seq = i});
    }
    EXPECT_EQ(test.host.in_state(tcp::State::SynReceived), 1U);
    test.host.sent();
    test.acknowledge(test.ask());
    EXPECT_EQ(test.state(), "ESTABLISHED");
}

}  // namespace
}  // namespace lastack::test
