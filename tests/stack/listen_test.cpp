// Who may listen where: SO_REUSEADDR (C-31, C-32, S-83, G-7) and SO_REUSEPORT (G-38).

#include <set>

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

constexpr ListenOptions kReuse{.reuse_address = true};
constexpr ListenOptions kShare{.reuse_port = true};

class ListenAgain : public Conversation, public testing::Test {
  protected:
    using Conversation::Conversation;

    ListenResult listen_with(const ListenOptions& options, std::uint16_t port = kHostPort) {
        return host.stack().listen({Address{}, port}, host.app(), options);
    }

    /// An open connection of a listener that was told `options` and has gone since.
    void open_and_stop(const ListenOptions& options) {
        const auto result = listen_with(options);
        ASSERT_TRUE(result);
        host.sent();
        sent = peer.open(1'000) + 1;
        connection = host.app().last;
        ASSERT_EQ(state(), "ESTABLISHED");
        host.stack().stop_listening(result.listener);
    }

    void end_in_time_wait() {
        connection.close();
        host.turn();
        peer.send({.flags = "FA", .seq = 1'001, .ack = sent + 1});
        ASSERT_EQ(state(), "TIME-WAIT");
        host.sent();
    }

    void leave_time_wait(const ListenOptions& options) {
        open_and_stop(options);
        end_in_time_wait();
    }
};

TEST_F(ListenAgain, S_83_C_31_with_reuse_on_both_sides_a_port_in_TIME_WAIT_is_listened_on_again) {
    leave_time_wait(kReuse);
    ASSERT_TRUE(listen_with(kReuse));
    EXPECT_EQ(state(), "TIME-WAIT") << "the record stays";
    host.advance(1s);
    peer.send({.flags = "FA", .seq = 1'001, .ack = sent + 1});
    EXPECT_EQ(host.sent(), (Trace{{"A", sent + 1, 1'002}})) << "and keeps answering";
    Peer another(host, 40'001, kHostPort);
    another.open(9'000);
    EXPECT_EQ(host.state(kHostPort, 40'001), "ESTABLISHED");
    EXPECT_EQ(state(), "TIME-WAIT");
}

TEST_F(ListenAgain, C_31_the_record_keeps_its_tuple_before_the_new_listener) {
    leave_time_wait(kReuse);
    ASSERT_TRUE(listen_with(kReuse));
    host.advance(1s);
    peer.send({.flags = "S", .seq = 500});  // not beyond RCV.NXT: C-7 refuses it
    EXPECT_EQ(host.sent(), (Trace{{"A", sent + 1, 1'002}}));
    EXPECT_EQ(state(), "TIME-WAIT");
}

TEST_F(ListenAgain, C_32_without_reuse_a_port_in_TIME_WAIT_is_in_use_until_2MSL_is_over) {
    leave_time_wait(kReuse);
    EXPECT_EQ(listen_with({}).error, Error::address_in_use);
    host.advance(59s);
    EXPECT_EQ(listen_with({}).error, Error::address_in_use);
    host.advance(1'001ms);
    ASSERT_EQ(state(), "CLOSED");
    EXPECT_TRUE(listen_with({}));
}

TEST_F(ListenAgain, C_31_reuse_does_not_help_where_the_records_owner_had_not_asked_for_it) {
    leave_time_wait({});
    EXPECT_EQ(listen_with(kReuse).error, Error::address_in_use);
    EXPECT_TRUE(listen_with(kReuse, 81)) << "another port is no matter";
}

TEST_F(ListenAgain, C_31_open_connections_and_FIN_WAIT_2_of_an_orphan_conflict_by_the_same_rule) {
    open_and_stop(kReuse);
    EXPECT_EQ(listen_with({}).error, Error::address_in_use);
    connection.close();
    host.turn();
    peer.send({.flags = "A", .seq = 1'001, .ack = sent + 1});
    ASSERT_EQ(state(), "FIN-WAIT-2");
    EXPECT_EQ(listen_with({}).error, Error::address_in_use);
    EXPECT_TRUE(listen_with(kReuse));
}

TEST_F(ListenAgain, C_31_never_two_listeners_on_one_endpoint) {
    ASSERT_TRUE(listen_with(kReuse));
    EXPECT_EQ(listen_with(kReuse).error, Error::address_in_use);
    EXPECT_TRUE(
        host.stack().listen({Address::ipv4(kHostAddress.value), kHostPort}, host.app(), kReuse))
        << "one on an address is found before the one on all: nothing is ambiguous";
}

TEST_F(ListenAgain, C_31_a_connection_of_ours_conflicts_unless_it_was_told_to_share_its_port) {
    const Endpoint remote{Address::ipv4(kPeerAddress.value), 9'000};
    ASSERT_TRUE(host.stack().connect(remote, host.app(), {.local = {Address{}, 80}}));
    ASSERT_TRUE(host.stack().connect(remote, host.app(),
                                     {.local = {Address{}, 81}, .reuse_address = true}));
    EXPECT_EQ(listen_with(kReuse, 80).error, Error::address_in_use);
    EXPECT_EQ(listen_with({}, 81).error, Error::address_in_use);
    EXPECT_TRUE(listen_with(kReuse, 81));
}

TEST_F(ListenAgain, G_7_a_listener_coexists_with_SYN_SENT_and_SYN_RECEIVED_and_disturbs_neither) {
    const Endpoint remote{Address::ipv4(kPeerAddress.value), 9'000};
    ASSERT_TRUE(host.stack().connect(remote, host.app(),
                                     {.local = {Address{}, kHostPort}, .reuse_address = true}));
    host.turn();
    const std::uint32_t iss = host.sent().at(0).seq;
    const auto first = listen_with(kReuse);
    ASSERT_TRUE(first) << "MUST-42: beside SYN-SENT";
    Peer half(host, 40'001, kHostPort);
    half.send({.flags = "S", .seq = 7'000});
    const std::uint32_t half_iss = host.sent().at(0).seq;
    const auto special =
        host.stack().listen({Address::ipv4(kHostAddress.value), kHostPort}, host.app(), kReuse);
    ASSERT_TRUE(special) << "MUST-42: beside SYN-RECEIVED";
    EXPECT_EQ(listen_with({}).error, Error::address_in_use) << "MUST-41: an error, and no more";
    EXPECT_EQ(host.state(kHostPort, 9'000), "SYN-SENT");
    EXPECT_EQ(host.state(kHostPort, 40'001), "SYN-RECEIVED");
    Peer server(host, 9'000, kHostPort);
    server.send({.flags = "SA", .seq = 100, .ack = iss + 1});
    half.send({.flags = "A", .seq = 7'001, .ack = half_iss + 1});
    EXPECT_EQ(host.state(kHostPort, 9'000), "ESTABLISHED");
    EXPECT_EQ(host.state(kHostPort, 40'001), "ESTABLISHED");
}

// However a record ends, the port is free then: PortUse asserts that nothing is given back twice.
TEST_F(ListenAgain, C_32_the_count_of_a_port_goes_with_the_last_record_however_that_ends) {
    // Reset.
    open_and_stop({});
    peer.send({.flags = "R", .seq = 1'001});
    EXPECT_TRUE(listen_with({}, 80));
    host.stack().stop_listening_all();
    // Abort in ESTABLISHED.
    open_and_stop({});
    connection.abort();
    host.turn();
    EXPECT_TRUE(listen_with({}, 80));
    host.stack().stop_listening_all();
    // A SYN reopens TIME-WAIT, and the new connection is reset.
    leave_time_wait(kReuse);
    ASSERT_TRUE(listen_with(kReuse));
    peer.send({.flags = "S", .seq = 900'000});
    const std::uint32_t iss = host.sent().at(0).seq;
    host.stack().stop_listening_all();
    ASSERT_EQ(state(), "TIME-WAIT") << "C-11: returned";
    EXPECT_EQ(listen_with({}).error, Error::address_in_use);
    ASSERT_TRUE(listen_with(kReuse));
    peer.send({.flags = "S", .seq = 900'000});
    const std::uint32_t second = host.sent().at(0).seq;
    EXPECT_NE(iss, 0U);
    peer.send({.flags = "A", .seq = 900'001, .ack = second + 1});
    ASSERT_EQ(state(), "ESTABLISHED");
    host.stack().stop_listening_all();
    EXPECT_EQ(listen_with({}).error, Error::address_in_use);
    peer.send({.flags = "R", .seq = 900'001});
    EXPECT_TRUE(listen_with({}));
}

TEST(ListenEvicted, C_32_C_23_an_evicted_record_frees_its_port) {
    stack::Config config = small_config();
    config.limits.max_time_wait = 1;
    Host host(config);
    for (const std::uint16_t port : {std::uint16_t{80}, std::uint16_t{81}}) {
        const auto door = host.stack().listen({Address{}, port}, host.app(), {});
        ASSERT_TRUE(door);
        Peer peer(host, 40'000, port);
        host.sent();
        const std::uint32_t iss = peer.open(1'000);
        host.app().last.close();
        host.turn();
        peer.send({.flags = "FA", .seq = 1'001, .ack = iss + 2});
        ASSERT_EQ(host.state(port, 40'000), "TIME-WAIT");
        host.stack().stop_listening(door.listener);
    }
    EXPECT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
    EXPECT_EQ(host.stack().listen({Address{}, 81}, host.app(), {}).error, Error::address_in_use);
}

TEST(ListenTiny, C_32_where_ports_share_a_counter_the_records_themselves_are_asked) {
    stack::Config config = small_config();
    config.port_counters = 1;
    Host host(config);
    const auto door = host.stack().listen({Address{}, 80}, host.app(), {});
    Peer peer(host, 40'000, 80);
    peer.open(1'000);
    host.stack().stop_listening(door.listener);
    EXPECT_TRUE(host.stack().listen({Address{}, 81}, host.app(), {}));
    EXPECT_EQ(host.stack().listen({Address{}, 80}, host.app(), {}).error, Error::address_in_use);
}

TEST(ListenTiny, C_31_and_each_by_what_its_own_owner_had_asked_for) {
    stack::Config config = small_config();
    config.port_counters = 1;
    Host host(config);
    for (const std::uint16_t port : {std::uint16_t{80}, std::uint16_t{81}}) {
        const auto door =
            host.stack().listen({Address{}, port}, host.app(), {.reuse_address = port == 80});
        ASSERT_TRUE(door);
        host.sent();
        Peer(host, 40'000, port).open(1'000);
        host.stack().stop_listening(door.listener);
    }
    EXPECT_TRUE(host.stack().listen({Address{}, 80}, host.app(), kReuse));
    EXPECT_EQ(host.stack().listen({Address{}, 81}, host.app(), kReuse).error,
              Error::address_in_use);
}

TEST(ListenAddress, C_32_a_record_of_another_address_of_ours_is_no_conflict) {
    constexpr wire::Ipv4Address kSecond{0xc612'0005};
    stack::Config config = small_config();
    config.interfaces[0].addresses.push_back({kSecond, 24});
    Host host(config);
    const auto door = host.stack().listen({Address::ipv4(kHostAddress.value), 80}, host.app(), {});
    ASSERT_TRUE(door);
    Peer peer(host, 40'000, 80);
    peer.open(1'000);
    host.stack().stop_listening(door.listener);
    EXPECT_TRUE(host.stack().listen({Address::ipv4(kSecond.value), 80}, host.app(), {}));
    EXPECT_EQ(host.stack().listen({Address::ipv4(kHostAddress.value), 80}, host.app(), {}).error,
              Error::address_in_use);
    EXPECT_EQ(host.stack().listen({Address{}, 80}, host.app(), {}).error, Error::address_in_use);
}

// --- Groups

class Group : public testing::Test {
  protected:
    explicit Group(const stack::Config& config = small_config()) : host(config) {}

    Host host;
    Recorder first, second, third;

    ListenResult join(Handler& handler, const ListenOptions& options = kShare) {
        return host.stack().listen({Address{}, 80}, handler, options);
    }
    /// Opens a connection from `port`; which of the handlers heard of it.
    Recorder* open_from(std::uint16_t port) {
        Peer(host, port, 80).open(1'000);
        for (Recorder* member : {&first, &second, &third}) {
            if (member->events.empty()) continue;
            member->events.clear();
            return member;
        }
        return nullptr;
    }
};

TEST_F(Group, G_38_members_share_the_connections_of_one_endpoint) {
    ASSERT_TRUE(join(first));
    ASSERT_TRUE(join(second));
    ASSERT_TRUE(join(third));
    EXPECT_EQ(host.in_state(tcp::State::Listen), 3U);
    std::map<Recorder*, int> share;
    for (std::uint16_t port = 1; port <= 60; ++port) ++share[open_from(port)];
    EXPECT_EQ(share[nullptr], 0);
    for (Recorder* member : {&first, &second, &third}) EXPECT_GT(share[member], 8);
}

TEST_F(Group, G_38_all_must_have_asked_for_it_and_be_of_one_owner) {
    ASSERT_TRUE(join(first, {.reuse_port = true, .owner = 7}));
    EXPECT_EQ(join(second, {.owner = 7}).error, Error::address_in_use);
    EXPECT_EQ(join(second, {.reuse_port = true, .owner = 8}).error, Error::address_in_use);
    EXPECT_TRUE(join(second, {.reuse_port = true, .owner = 7}));
    host.stack().stop_listening_all();
    ASSERT_TRUE(join(first, {}));
    EXPECT_EQ(join(second).error, Error::address_in_use);
}

TEST_F(Group, G_38_open_connections_stay_where_they_are_when_members_join_and_leave) {
    const auto one = join(first);
    ASSERT_TRUE(one);
    Peer peer(host, 40'000, 80);
    const std::uint32_t iss = peer.open(1'000);
    ASSERT_TRUE(first.saw("open"));
    ASSERT_TRUE(join(second));
    host.stack().stop_listening(one.listener);
    peer.send({.flags = "PA", .seq = 1'001, .ack = iss + 1, .text = "hello"});
    EXPECT_EQ(first.received, "hello");
    EXPECT_EQ(open_from(40'001), &first);  // what it had heard already
    EXPECT_EQ(open_from(40'002), &second);
}

TEST_F(Group, G_38_half_open_connections_of_a_leaving_member_are_dropped_the_others_stay) {
    const std::array<ListenResult, 2> doors{join(first), join(second)};
    for (std::uint16_t port = 1; port <= 8; ++port) {
        Peer(host, port, 80).send({.flags = "S", .seq = 1'000});
    }
    std::map<std::uint16_t, std::uint32_t> iss;
    for (const Wire& answer : host.sent()) iss[answer.destination_port] = answer.seq;
    ASSERT_EQ(iss.size(), 8U);
    host.stack().stop_listening(doors[0].listener);
    const std::uint32_t left = host.in_state(tcp::State::SynReceived);
    EXPECT_GT(left, 0U);
    EXPECT_LT(left, 8U);
    for (const auto& [port, number] : iss) {
        Peer(host, port, 80).send({.flags = "A", .seq = 1'001, .ack = number + 1});
    }
    EXPECT_EQ(host.in_state(tcp::State::Established), left);
    EXPECT_TRUE(first.events.empty());
}

TEST_F(Group, G_38_the_endpoint_is_free_when_the_last_member_has_left_in_any_order) {
    const std::array<ListenResult, 3> doors{join(first), join(second), join(third)};
    for (const std::size_t leaving : {0U, 2U, 1U}) {
        ASSERT_TRUE(doors[leaving]);
        host.stack().stop_listening(doors[leaving].listener);
        if (leaving == 1U) continue;
        EXPECT_NE(open_from(static_cast<std::uint16_t>(9 + leaving)), nullptr);
    }
    Peer(host, 99, 80).send({.flags = "S", .seq = 1'000});
    EXPECT_EQ(host.sent().back().flags, "RA") << "nobody listens";
    EXPECT_TRUE(join(first, kReuse).error == Error::address_in_use) << "records without the flag";
}

class CookieGroup : public Group {
  protected:
    static stack::Config always() {
        stack::Config config = small_config();
        config.tcp.syn_cookies = SynCookies::always;
        return config;
    }
    CookieGroup() : Group(always()) {}
};

TEST_F(CookieGroup, G_38_G_29_a_cookie_of_one_member_is_good_at_another) {
    ASSERT_TRUE(join(first));
    std::map<std::uint16_t, std::uint32_t> iss;
    for (std::uint16_t port = 1; port <= 8; ++port) {
        Peer(host, port, 80).send({.flags = "S", .seq = 1'000});
        iss[port] = host.sent().at(0).seq;
    }
    ASSERT_TRUE(join(second));
    for (const auto& [port, number] : iss) {
        Peer(host, port, 80).send({.flags = "A", .seq = 1'001, .ack = number + 1});
    }
    EXPECT_EQ(host.in_state(tcp::State::Established), 8U);
    EXPECT_FALSE(second.events.empty());
}

}  // namespace
}  // namespace lastack::test
