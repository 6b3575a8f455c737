// max_orphans (D-20, K-30, K-31).

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class OrphanLimit : public testing::Test {
  protected:
    static stack::Config with(std::uint32_t max_orphans) {
        stack::Config config = small_config();
        config.limits.max_orphans = max_orphans;
        return config;
    }

    // A connection from `port`, closed by the host; the peer does not answer the FIN.
    std::uint32_t orphan(Host& host, std::uint16_t port, std::uint16_t window = 65'535) {
        Peer peer(host, port, 80);
        host.sent();
        const std::uint32_t iss = peer.open(1'000, {.mss = 1'460});
        if (window == 0) {
            peer.send({.flags = "A", .seq = 1'001, .ack = iss + 1, .window = 0});
        }
        host.app().last.close();
        host.turn();
        return iss;
    }
    static void listen(Host& host) {
        ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
    }
};

TEST_F(OrphanLimit, D_20_beyond_the_limit_close_resets_and_says_so) {
    Host host(with(2));
    listen(host);
    orphan(host, 1);
    orphan(host, 2);
    EXPECT_EQ(host.stack().orphans(), 2U);
    const std::uint32_t iss = orphan(host, 3);
    EXPECT_EQ(host.sent(), (Trace{{"RA", iss + 1, 1'001}}));
    EXPECT_EQ(host.state(80, 3), "CLOSED");
    EXPECT_EQ(host.count(Counter::TCPAbortOnMemory), 1U);
    EXPECT_EQ(host.stack().orphans(), 2U);
    EXPECT_EQ(host.state(80, 1), "FIN-WAIT-1");
}

// LAST-ACK owes no reset where the FIN was sent; here nothing was, and the peer's own FIN would
// have no answer at all.
TEST_F(OrphanLimit, D_20_beyond_the_limit_one_in_close_wait_is_reset_too) {
    Host host(with(1));
    listen(host);
    orphan(host, 1);
    Peer peer(host, 2, 80);
    host.sent();
    const std::uint32_t iss = peer.open(1'000, {.mss = 1'460});
    host.app().at_peer_closed = [](Connection connection) { connection.close(); };
    peer.send({.flags = "FA", .seq = 1'001, .ack = iss + 1});
    EXPECT_EQ(host.sent(), (Trace{{"RA", iss + 1, 1'002}}));
    EXPECT_EQ(host.state(80, 2), "CLOSED");
    EXPECT_EQ(host.count(Counter::TCPAbortOnMemory), 1U);
}

TEST_F(OrphanLimit, LA_A03_an_abort_with_text_unsent_resets) {
    Host host(with(8));
    listen(host);
    Peer peer(host, 2, 80);
    const std::uint32_t iss = peer.open(1'000, {.mss = 1'460});
    peer.send({.flags = "FA", .seq = 1'001, .ack = iss + 1, .window = 0});
    ASSERT_EQ(host.app().last.send(as_bytes("text")), 4U);
    host.app().last.shutdown_write();
    host.turn();
    ASSERT_EQ(host.state(80, 2), "LAST-ACK");
    host.sent();
    host.app().last.abort();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"RA", iss + 1, 1'002}}));
}

TEST_F(OrphanLimit, D_20_D_5_one_that_became_a_compact_record_makes_room) {
    Host host(with(1));
    listen(host);
    const std::uint32_t iss = orphan(host, 1);
    Peer(host, 1, 80).send({.flags = "A", .seq = 1'001, .ack = iss + 2});
    ASSERT_EQ(host.state(80, 1), "FIN-WAIT-2");
    EXPECT_EQ(host.stack().orphans(), 0U);
    orphan(host, 2);
    EXPECT_EQ(host.state(80, 2), "FIN-WAIT-1");
    EXPECT_EQ(host.count(Counter::TCPAbortOnMemory), 0U);
}

TEST_F(OrphanLimit, D_20_one_against_a_shut_window_weighs_double) {
    Host host(with(3));
    listen(host);
    orphan(host, 1, 0);
    EXPECT_EQ(host.state(80, 1), "FIN-WAIT-1");
    orphan(host, 2, 0);
    EXPECT_EQ(host.state(80, 2), "CLOSED");
    EXPECT_EQ(host.count(Counter::TCPAbortOnMemory), 1U);
}

TEST_F(OrphanLimit, D_20_one_that_keeps_retransmitting_is_given_up_at_a_timer) {
    Host host(with(3));
    listen(host);
    orphan(host, 1);
    orphan(host, 2);
    host.advance(300ms);  // one retransmission each: alone they weigh what they are
    EXPECT_EQ(host.stack().orphans(), 2U);
    host.advance(3s);
    EXPECT_EQ(host.count(Counter::TCPAbortOnMemory), 1U);
    EXPECT_EQ(host.stack().orphans(), 1U) << "the other now weighs 2 of 3";
}

TEST_F(OrphanLimit, J_36_K_31_all_that_closed_are_counted_down_again) {
    Host host(with(64));
    listen(host);
    for (std::uint16_t port = 1; port <= 20; ++port) orphan(host, port);
    EXPECT_EQ(host.stack().orphans(), 20U);
    host.advance(std::chrono::hours(1));
    EXPECT_EQ(host.stack().orphans(), 0U);
    EXPECT_TRUE(host.stack().quiescent());
}

}  // namespace
}  // namespace lastack::test
