// The cap on TIME-WAIT records and its policies (C-23).

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

stack::Config with_three_records(TimeWaitOverflow overflow) {
    stack::Config config = small_config();
    config.limits.max_time_wait = 3;
    config.tcp.tw_overflow = overflow;
    return config;
}

class TimeWaitCap : public testing::Test {
  protected:
    // One connection from the peer's `port`, closed by the host first.
    void live_and_die(Host& host, std::uint16_t port) {
        const std::uint32_t una = reach_fin_wait_2(host, port);
        Peer(host, port, 80).send({.flags = "FA", .seq = 1'001, .ack = una});
    }

    // Orphaned: a compact record waits for the peer's FIN.
    std::uint32_t reach_fin_wait_2(Host& host, std::uint16_t port) {
        Peer peer(host, port, 80);
        host.sent();
        const std::uint32_t una = peer.open(1'000, {.mss = 1'460}) + 2;
        host.app().last.close();
        host.turn();
        peer.send({.flags = "A", .seq = 1'001, .ack = una});
        host.advance(10ms);
        return una;
    }

    void listen(Host& host) { ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {})); }
};

TEST_F(TimeWaitCap, C_23_the_oldest_record_makes_room) {
    Host host(with_three_records(TimeWaitOverflow::evict_oldest));
    listen(host);
    for (std::uint16_t port = 1; port <= 4; ++port) live_and_die(host, port);
    EXPECT_EQ(host.state(80, 1), "CLOSED");
    for (std::uint16_t port = 2; port <= 4; ++port) EXPECT_EQ(host.state(80, port), "TIME-WAIT");
    EXPECT_EQ(host.count(Counter::TimeWaitEvicted), 1U);
    EXPECT_EQ(host.count(Counter::TCPTimeWaitOverflow), 0U);
    host.advance(70s);
    EXPECT_EQ(host.count(Counter::TimeWaitEntered),
              host.count(Counter::TimeWaitEvicted) + host.count(Counter::TimeWaitExpired));
    EXPECT_TRUE(host.stack().quiescent());
}

TEST_F(TimeWaitCap, C_22_C_23_a_restarted_record_is_the_newest) {
    Host host(with_three_records(TimeWaitOverflow::evict_oldest));
    listen(host);
    const std::uint32_t una = reach_fin_wait_2(host, 1);
    const Wire fin{.flags = "FA", .seq = 1'001, .ack = una};
    Peer(host, 1, 80).send(fin);
    live_and_die(host, 2);
    live_and_die(host, 3);
    Peer(host, 1, 80).send(fin);
    live_and_die(host, 4);
    EXPECT_EQ(host.state(80, 1), "TIME-WAIT");
    EXPECT_EQ(host.state(80, 2), "CLOSED");
}

TEST_F(TimeWaitCap, C_23_drop_new_sends_the_connection_to_CLOSED_as_Linux_does) {
    Host host(with_three_records(TimeWaitOverflow::drop_new));
    listen(host);
    for (std::uint16_t port = 1; port <= 4; ++port) live_and_die(host, port);
    for (std::uint16_t port = 1; port <= 3; ++port) EXPECT_EQ(host.state(80, port), "TIME-WAIT");
    EXPECT_EQ(host.state(80, 4), "CLOSED");
    EXPECT_EQ(host.count(Counter::TimeWaitEvicted), 0U);
    EXPECT_EQ(host.count(Counter::TCPTimeWaitOverflow), 1U);
}

TEST_F(TimeWaitCap, C_23_whichever_would_end_first_makes_room) {
    Host host(with_three_records(TimeWaitOverflow::evict_oldest));
    listen(host);
    live_and_die(host, 1);
    reach_fin_wait_2(host, 2);
    live_and_die(host, 3);
    reach_fin_wait_2(host, 4);
    EXPECT_EQ(host.state(80, 1), "CLOSED");
    EXPECT_EQ(host.state(80, 2), "FIN-WAIT-2");
    live_and_die(host, 5);
    EXPECT_EQ(host.state(80, 2), "CLOSED");
    EXPECT_EQ(host.count(Counter::TimeWaitEvicted), 1U);
    EXPECT_EQ(host.count(Counter::FinWait2Evicted), 1U);
}

TEST_F(TimeWaitCap, C_23_at_a_cap_full_of_time_waits_connections_still_close_in_order) {
    Host host(with_three_records(TimeWaitOverflow::evict_oldest));
    listen(host);
    for (std::uint16_t port = 1; port <= 3; ++port) live_and_die(host, port);
    const std::uint32_t una_4 = reach_fin_wait_2(host, 4);
    const std::uint32_t una_5 = reach_fin_wait_2(host, 5);
    host.sent();
    Peer(host, 4, 80).send({.flags = "FA", .seq = 1'001, .ack = una_4});
    Peer(host, 5, 80).send({.flags = "FA", .seq = 1'001, .ack = una_5});
    EXPECT_EQ(host.sent(), (Trace{{"A", una_4, 1'002}, {"A", una_5, 1'002}}));
    EXPECT_EQ(host.state(80, 4), "TIME-WAIT");
    EXPECT_EQ(host.state(80, 5), "TIME-WAIT");
}

TEST_F(TimeWaitCap, C_23_C_11_a_record_that_a_SYN_has_reopened_can_be_evicted_too) {
    Host host(with_three_records(TimeWaitOverflow::evict_oldest));
    listen(host);
    live_and_die(host, 1);
    host.sent();
    Peer(host, 1, 80).send({.flags = "S", .seq = 500'000, .options = {.mss = 1'460}});
    const auto answer = host.sent();
    ASSERT_EQ(answer.size(), 1U);
    for (std::uint16_t port = 2; port <= 4; ++port) live_and_die(host, port);
    EXPECT_EQ(host.count(Counter::TimeWaitEvicted), 1U);
    // The way back is gone; the way on is not.
    ASSERT_EQ(host.state(80, 1), "SYN-RECEIVED");
    Peer(host, 1, 80).send({.flags = "A", .seq = 500'001, .ack = answer[0].seq + 1});
    EXPECT_EQ(host.state(80, 1), "ESTABLISHED");
}

TEST_F(TimeWaitCap, C_23_C_11_the_RST_of_an_old_SYN_then_leads_to_CLOSED) {
    Host host(with_three_records(TimeWaitOverflow::evict_oldest));
    listen(host);
    live_and_die(host, 1);
    Peer(host, 1, 80).send({.flags = "S", .seq = 500'000, .options = {.mss = 1'460}});
    for (std::uint16_t port = 2; port <= 4; ++port) live_and_die(host, port);
    Peer(host, 1, 80).send({.flags = "R", .seq = 500'001});
    EXPECT_EQ(host.state(80, 1), "CLOSED");
    host.advance(70s);
    EXPECT_TRUE(host.stack().quiescent());
}

}  // namespace
}  // namespace lastack::test
