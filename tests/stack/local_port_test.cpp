// Which local ports connect() takes, and what it says when there are none (G-34 to G-36, S-76); and
// the quiet time after a start (C-34).

#include <set>

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

stack::Config with_ports(std::uint16_t first, std::uint16_t last) {
    stack::Config config = small_config();
    config.tcp.port_first = first;
    config.tcp.port_last = last;
    return config;
}

ConnectResult connect(Host& host, std::uint16_t remote_port = 9'000, std::uint16_t local_port = 0) {
    return host.stack().connect({Address::ipv4(kPeerAddress.value), remote_port}, host.app(),
                                {.local = {Address{}, local_port}});
}

TEST(LocalPort, G_34_a_reserved_port_is_taken_only_by_name) {
    stack::Config config = with_ports(50'000, 50'003);
    config.tcp.port_reserved = {{50'001, 50'002}, {1, 1}};
    Host host(config);
    std::set<std::uint16_t> ports;
    for (int i = 0; i < 2; ++i) {
        auto result = connect(host);
        ASSERT_TRUE(result);
        ports.insert(result.connection.local().port);
    }
    EXPECT_EQ(ports, (std::set<std::uint16_t>{50'000, 50'003}));
    EXPECT_EQ(connect(host).error, Error::no_free_port);
    EXPECT_TRUE(connect(host, 9'000, 50'001)) << "whoever names it may have it";
}

// Every port of the range has its connection: each call looks at so many ports, and no more.
TEST(LocalPort, S_76_G_35_connect_fails_fast_when_the_ports_are_used_up) {
    stack::Config config = with_ports(50'000, 50'039);
    config.tcp.port_probes = 10;
    Host host(config);
    for (std::uint16_t port = 50'000; port <= 50'039; ++port) {
        ASSERT_TRUE(connect(host, 9'000, port));
    }
    const std::uint64_t before = host.count(Counter::PortProbes);
    EXPECT_EQ(connect(host).error, Error::no_free_port);
    EXPECT_EQ(host.count(Counter::PortProbes) - before, 10U);
    EXPECT_EQ(host.count(Counter::PortExhausted), 1U);
    EXPECT_TRUE(connect(host, 9'001)) << "S-75: towards another port of the peer's all are free";
}

TEST(LocalPort, G_35_the_next_call_goes_on_where_the_last_one_stopped) {
    stack::Config config = with_ports(50'000, 50'039);
    config.tcp.port_probes = 10;
    Host host(config);
    for (std::uint16_t port = 50'000; port < 50'039; ++port) {
        ASSERT_TRUE(connect(host, 9'000, port));
    }
    int calls = 1;
    while (!connect(host)) ASSERT_LT(++calls, 5) << "forty ports are four calls";
    EXPECT_EQ(host.count(Counter::PortExhausted), static_cast<std::uint64_t>(calls - 1));
}

// S-75 and S-76: TIME-WAIT is what uses ports up in practice.
TEST(LocalPort, S_76_ports_in_TIME_WAIT_are_used_up_until_2MSL_is_over) {
    stack::Config config = with_ports(50'000, 50'001);
    config.tcp.tw_reuse = TimeWaitReuse::never;
    Host host(config);
    for (int i = 0; i < 2; ++i) {
        const auto result = connect(host);
        ASSERT_TRUE(result);
        Connection connection = result.connection;
        host.turn();
        const Wire syn = host.sent().at(0);
        Peer peer(host, 9'000, syn.source_port);
        peer.send({.flags = "SA", .seq = 1'000, .ack = syn.seq + 1});
        connection.close();
        host.turn();
        peer.send({.flags = "FA", .seq = 1'001, .ack = syn.seq + 2});
        ASSERT_EQ(host.state(syn.source_port, 9'000), "TIME-WAIT");
        host.sent();
    }
    EXPECT_EQ(connect(host).error, Error::no_free_port);
    EXPECT_EQ(host.count(Counter::PortExhausted), 1U);
    host.advance(60s + 2ms);
    EXPECT_TRUE(connect(host));
}

TEST(LocalPort, G_36_connections_to_different_peers_may_have_one_local_port) {
    Host host(with_ports(50'000, 50'000));
    for (std::uint16_t remote = 1; remote <= 20; ++remote) EXPECT_TRUE(connect(host, remote));
    EXPECT_EQ(connect(host, 20).error, Error::no_free_port);
}

// --- Quiet time (RFC 9293 3.4.3)

stack::Config quiet_for(time::Duration duration) {
    stack::Config config = small_config();
    config.tcp.quiet_time = std::chrono::duration_cast<std::chrono::milliseconds>(duration);
    return config;
}

TEST(QuietTime, C_34_nothing_is_opened_answered_or_reset_until_it_is_over) {
    Host host(quiet_for(60s));
    ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
    const time::Instant end = host.now() + 60s;
    host.advance_to(end - 1ns);
    Peer peer(host, 40'000, 80);
    peer.send({.flags = "S", .seq = 1'000});
    peer.send({.flags = "A", .seq = 1'000, .ack = 77});
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.count(Counter::QuietTimeDrops), 2U);
    EXPECT_EQ(connect(host).error, Error::quiet_time);
    host.advance_to(end);
    peer.send({.flags = "S", .seq = 1'000});
    EXPECT_EQ(host.sent().at(0).flags, "SA");
    EXPECT_TRUE(connect(host));
}

TEST(QuietTime, C_34_by_default_there_is_none) {
    EXPECT_EQ(TcpOptions{}.quiet_time, std::chrono::milliseconds(0));
    Host host;
    EXPECT_TRUE(connect(host));
}

}  // namespace
}  // namespace lastack::test
