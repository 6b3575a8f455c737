// Calls of an application where they are least expected: inside its events, before the end is told.

#include <gtest/gtest.h>

#include "tests/support/host.hpp"

namespace lastack::test {
namespace {

constexpr std::uint16_t kHostPort = 80;
constexpr std::uint16_t kPeerPort = 40'000;

class ApplicationCall : public testing::Test {
  protected:
    Host host;
    Peer peer{host, kPeerPort, kHostPort};
    std::uint32_t iss = 0;

    void open() {
        ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
        iss = peer.open(1'000);
        host.sent();
    }
    std::string state() { return host.state(kHostPort, kPeerPort); }
};

// lastack/connection.hpp: pieces are valid until on_data returns, whatever is called meanwhile.
TEST_F(ApplicationCall, S_19_pieces_outlive_a_close_inside_on_data_of_a_connection_that_is_over) {
    open();
    host.app().last.shutdown_write();
    host.turn();
    peer.send({.flags = "A", .seq = 1'001, .ack = iss + 2});
    ASSERT_EQ(state(), "FIN-WAIT-2");
    std::size_t held = 0;
    host.app().at_data = [&](Connection connection, std::string_view text) {
        connection.close();
        held = host.shell().live();
        return text.size();
    };
    peer.send({.flags = "FPA", .seq = 1'001, .ack = iss + 2, .text = "last"});
    EXPECT_EQ(held, 1U);
    EXPECT_EQ(host.app().received, "last");
    EXPECT_EQ(host.app().events.back(), "closed orderly");
    EXPECT_EQ(host.shell().live(), 0U);
}

TEST_F(ApplicationCall, S_19_pieces_outlive_close_and_abort_inside_on_data) {
    open();
    std::size_t held = 0;
    host.app().at_data = [&](Connection connection, std::string_view) {
        connection.close();
        connection.abort();
        connection.abort();
        held = host.shell().live();
        return std::size_t{0};
    };
    peer.send({.flags = "PA", .seq = 1'001, .ack = iss + 1, .text = "text"});
    EXPECT_EQ(held, 1U);
    EXPECT_EQ(host.app().events.back(), "closed aborted");
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.shell().live(), 0U);
    EXPECT_TRUE(host.stack().quiescent());
}

TEST_F(ApplicationCall, H_45_keep_alive_goes_on_in_fin_wait_2_after_a_slow_fin_wait_1) {
    open();
    Connection connection = host.app().last;
    connection.set_option(Option::keep_alive_idle_ms, 1'000);
    connection.set_option(Option::keep_alive_interval_ms, 1'000);
    connection.set_option(Option::keep_alive_count, 3);
    connection.set_option(Option::keep_alive, 1);
    connection.shutdown_write();
    host.advance(1'500ms);  // the keep-alive timer falls into FIN-WAIT-1
    peer.send({.flags = "A", .seq = 1'001, .ack = iss + 2});
    ASSERT_EQ(state(), "FIN-WAIT-2");
    host.advance(10s);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.app().events.back(), "closed timed_out");
}

TEST_F(ApplicationCall, H_41_a_shorter_keep_alive_time_counts_from_when_it_is_set) {
    open();
    Connection connection = host.app().last;
    connection.set_option(Option::keep_alive, 1);
    connection.set_option(Option::keep_alive_idle_ms, 1'000);
    host.advance(900ms);
    EXPECT_EQ(host.sent().size(), 0U);
    host.advance(200ms);
    const auto probe = host.sent();
    ASSERT_EQ(probe.size(), 1U);
    EXPECT_EQ(probe[0].seq, iss);
}

TEST(HeldText, H_26_each_byte_that_is_held_too_long_is_copied_once) {
    auto config = small_config();
    config.max_held_buffers = 2;
    Host host(config);
    Peer peer(host, kPeerPort, kHostPort);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    const std::uint32_t ack = peer.open(1'000) + 1;
    host.app().at_data = [](Connection, std::string_view) { return std::size_t{2}; };
    std::string sent;
    for (std::uint32_t i = 0; i < 10; ++i) {
        const std::string text(10, static_cast<char>('a' + i));
        peer.send({.flags = "PA", .seq = 1'001 + 10 * i, .ack = ack, .text = text});
        sent += text;
    }
    EXPECT_EQ(host.count(base::Counter::RxHeldCopies), 10U);
    host.app().at_data = nullptr;
    host.app().last.resume();
    host.turn();
    EXPECT_EQ(host.app().received, sent);
    host.app().last.close();
    host.turn();
    EXPECT_EQ(host.shell().live(), 0U);
}

// The process was stopped for longer than R2; the peer has not been asked again yet.
TEST(Stalled, K_38_a_pause_of_ours_aborts_nothing_before_a_retransmission) {
    Host host;
    Peer peer(host, kPeerPort, kHostPort);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    peer.open(1'000);
    ASSERT_EQ(host.app().last.send(as_bytes("text")), 4U);
    host.turn();
    const time::Instant later = host.now() + 2'000s;
    host.stack().expire(later, 100);
    host.stack().serve(later);
    host.stack().transmit(later);
    EXPECT_EQ(host.in_state(tcp::State::Established), 1U);
    EXPECT_EQ(host.app().events, std::vector<std::string>{"open"});
    EXPECT_EQ(host.count(base::Counter::RetransSegs), 1U);
}

TEST(UserTimeout, D_22_zero_is_the_configured_user_timeout_again) {
    auto config = small_config();
    config.tcp.user_timeout = 3s;
    Host host(config);
    Peer peer(host, kPeerPort, kHostPort);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    peer.open(1'000);
    Connection connection = host.app().last;
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 100'000));
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 0));
    ASSERT_EQ(connection.send(as_bytes("text")), 4U);
    host.advance(3'100ms);
    EXPECT_EQ(host.app().events.back(), "closed timed_out");
}

}  // namespace
}  // namespace lastack::test
