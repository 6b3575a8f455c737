// Scenarios of TIME-WAIT and of tuples used again: K-22 to K-25, K-34, K-38 and K-42.
#include "stack/fields.hpp"
#include "tests/sim/duo.hpp"

namespace lastack::test {
namespace {

using base::Counter;

// b closes first, and has the TIME-WAIT; a is gone. Returns b's RCV.NXT.
std::uint32_t park(Duo& duo) {
    duo.open();
    duo.a.app().at_peer_closed = [](Connection connection) { connection.close(); };
    duo.at_b.close();
    duo.run(100ms);
    EXPECT_EQ(duo.state_b(), "TIME-WAIT");
    EXPECT_EQ(duo.state_a(), "CLOSED");
    const std::uint32_t next = duo.end_of(Duo::kFromA);
    duo.log.clear();
    return next;
}

TEST(Scenario, K_22_a_syn_into_time_wait_is_judged_by_its_number_across_the_wrap) {
    for (const std::uint32_t offset : {0U, 1U, 2U, 0x7fff'ffffU, 0x8000'0001U, 0xffff'ffffU}) {
        SCOPED_TRACE(offset);
        Duo duo(plain(), plain());
        const std::uint32_t next = park(duo);
        duo.link.drop([](Link::Side from, const Wire&) { return from == Duo::kFromB; }, 1, 100);
        duo.spoof(Duo::kFromA, {.flags = "S", .seq = next + offset});
        const bool accepted = offset >= 1 && offset <= 0x7fff'ffff;  // row f, else g
        EXPECT_EQ(duo.state_b(), accepted ? "SYN-RECEIVED" : "TIME-WAIT");
        ASSERT_EQ(duo.log.size(), 1U);
        EXPECT_EQ(duo.log[0].segment.flags, accepted ? "SA" : "A");
        EXPECT_EQ(duo.log[0].segment.ack, accepted ? next + offset + 1 : next);
    }
}

TEST(Scenario, K_23_an_old_syn_reopens_time_wait_and_the_real_peers_reset_restores_it) {
    Duo duo(plain(), plain());
    const std::uint32_t next = park(duo);
    duo.run(20s);
    duo.spoof(Duo::kFromA, {.flags = "S", .seq = next + 1'000});
    EXPECT_EQ(duo.state_b(), "SYN-RECEIVED");
    duo.run(100ms);
    EXPECT_EQ(duo.sent(Duo::kFromA, 'R').size(), 1U);
    EXPECT_EQ(duo.state_b(), "TIME-WAIT");
    EXPECT_EQ(duo.b.count(Counter::TimeWaitReturned), 1U);
    EXPECT_EQ(told(duo.b, "open"), 1U);
    duo.run(39s);  // the rest of what it had
    EXPECT_EQ(duo.state_b(), "TIME-WAIT");
    duo.run(2s);
    EXPECT_EQ(duo.state_b(), "CLOSED");
    duo.expect_rest();
}

TEST(Scenario, K_24_a_storm_of_opens_on_one_tuple_mixes_no_data) {
    Duo duo;
    duo.listen();
    std::size_t sum = 0;
    duo.b.app().at_data = [&](Connection connection, std::string_view text) {
        EXPECT_EQ(text, std::string(1 + sum % 50, static_cast<char>('a' + sum % 26)));
        connection.close();
        return text.size();
    };
    duo.a.app().at_peer_closed = [](Connection connection) { connection.close(); };
    for (; sum < 300; ++sum) {
        duo.connect();
        duo.say(duo.at_a, 1 + sum % 50, static_cast<char>('a' + sum % 26));
        duo.run(10ms);
        ASSERT_EQ(duo.state_a(), "CLOSED");
        ASSERT_EQ(duo.state_b(), "TIME-WAIT");
    }
    EXPECT_EQ(duo.b.count(Counter::TimeWaitReopened), 299U);
    EXPECT_EQ(told(duo.a, "open"), 300U);
    EXPECT_EQ(told(duo.a, "closed orderly"), 300U);
    duo.expect_rest();
}

TEST(Scenario, K_25_a_reused_tuple_whose_peer_is_in_last_ack_opens_within_a_syn_timeout) {
    stack::Config config = small_config();
    config.tcp.tw_reuse_bound_port = true;
    Duo duo(config, small_config());
    duo.open();
    duo.b_follows();
    bool deaf = false;  // the last ACK is lost again and again
    duo.link.drop(
        [&](Link::Side from, const Wire& wire) {
            return deaf && from == Duo::kFromA && wire.flags == "A";
        },
        1, 100);
    deaf = true;
    duo.at_a.close();
    duo.run(1500ms);
    ASSERT_EQ(duo.state_a(), "TIME-WAIT");
    ASSERT_EQ(duo.state_b(), "LAST-ACK");
    duo.log.clear();
    deaf = false;
    const auto result = duo.a.stack().connect({Address::ipv4(kPeerAddress.value), Duo::kPortB},
                                              duo.a.app(), {.local = {Address{}, Duo::kPortA}});
    ASSERT_TRUE(result);
    duo.run(3s);
    EXPECT_EQ(duo.a.count(Counter::TWRecycled), 1U);
    EXPECT_GE(duo.sent(Duo::kFromA, 'R').size(), 1U);  // what makes the old one go
    EXPECT_EQ(duo.sent(Duo::kFromA, 'S').size(), 2U);
    EXPECT_EQ(duo.state_a(), "ESTABLISHED");
    EXPECT_EQ(duo.state_b(), "ESTABLISHED");
    EXPECT_EQ(told(duo.b, "open"), 2U);
}

// The trace of a whole life with a's ISN as given, numbers relative to it.
std::string life(std::uint32_t isn) {
    Host a(plain());
    stack::Config config = plain();
    config.interfaces[0].mac = kPeerMac;
    config.interfaces[0].addresses = {{kPeerAddress, 24}};
    Host b(config);
    a.wait_for_isn(40'000, 80, isn);
    Link link(a, b, 1);
    std::string trace;
    std::uint32_t first_b = 0;
    link.watch = [&](Link::Side from, const Wire& wire) {
        const bool from_a = from == Link::Side::A;
        if (!from_a && has(wire, 'S')) first_b = wire.seq;
        trace += (from_a ? "a " : "b ") + wire.flags + ' ' +
                 std::to_string(wire.seq - (from_a ? isn : first_b)) + ' ' +
                 std::to_string(wire.ack - (from_a ? first_b : isn)) + '\n';
    };
    EXPECT_TRUE(b.stack().listen({Address{}, 80}, b.app(), {}));
    b.app().at_peer_closed = [](Connection connection) { connection.close(); };
    const auto result = a.stack().connect({Address::ipv4(kPeerAddress.value), 80}, a.app(),
                                          {.local = {Address{}, 40'000}});
    EXPECT_TRUE(result);
    Connection connection = result.connection;
    link.run(100ms);
    EXPECT_EQ(connection.send(as_bytes("hello")), 5U);
    link.run(100ms);
    connection.close();
    link.run(1s);
    EXPECT_EQ(a.state(40'000, 80), "TIME-WAIT");
    EXPECT_EQ(b.app().received, "hello");
    return trace;
}

TEST(Scenario, K_34_a_life_across_the_wrap_is_the_same_up_to_the_offset) {
    const std::string usual = life(100'000);
    // SYN, text or FIN at 2^32 - 1, 0, and the sign's change.
    for (const std::uint32_t back : {1U, 2U, 3U, 6U, 7U, 8U}) {
        EXPECT_EQ(life(0U - back), usual) << back;
        EXPECT_EQ(life(0x8000'0000U - back), usual) << back;
    }
}

TEST(Scenario, K_38_clocks_that_stand_still_end_no_time_wait_early_and_abort_nothing) {
    Duo duo;
    duo.open();
    duo.b_follows();
    duo.say(duo.at_a, 1'000);
    duo.b.stall_until(duo.b.now() + 10s);  // b was not run for 10 s; a's clock goes on from there
    duo.a.stall_until(duo.b.now());
    duo.run(10ms);
    duo.at_a.close();
    duo.run(5s);
    EXPECT_EQ(duo.b.app().received.size(), 1'000U);
    ASSERT_EQ(duo.state_a(), "TIME-WAIT");
    ASSERT_EQ(told(duo.b, "closed orderly"), 1U);
    const auto entered = duo.sent(Duo::kFromA, 'A').back().at;
    std::uint32_t last_value = 0;
    for (const Logged& one : duo.log) {
        if (one.from != Duo::kFromA || !one.segment.options.timestamps) continue;
        const std::uint32_t value = one.segment.options.timestamps->value;
        EXPECT_TRUE(last_value == 0 || value - last_value < 0x8000'0000U);
        last_value = value;
    }
    duo.a.stall_until(entered + 60s - 2ms);
    EXPECT_EQ(duo.state_a(), "TIME-WAIT");
    duo.a.stall_until(entered + 70s);
    EXPECT_EQ(duo.state_a(), "CLOSED");
    EXPECT_EQ(duo.a.count(Counter::TimeWaitExpired), 1U);
}

TEST(Scenario, K_42_two_clients_behind_one_address_need_not_agree_on_the_time) {
    Host server;
    ASSERT_TRUE(server.stack().listen({Address{}, 80}, server.app(), {}));
    server.app().at_peer_closed = [](Connection connection) { connection.close(); };
    wire::TcpOptions late{.mss = 1'460, .timestamps = wire::Timestamps{3'000'000'000, 0}};
    wire::TcpOptions early{.mss = 1'460, .timestamps = wire::Timestamps{5, 0}};
    Peer one(server, 1'000, 80);
    Peer two(server, 1'001, 80);
    one.open(100, late);
    two.open(200, early);
    EXPECT_EQ(server.state(80, 1'000), "ESTABLISHED");
    EXPECT_EQ(server.state(80, 1'001), "ESTABLISHED");
    EXPECT_EQ(server.count(Counter::PAWSEstab), 0U);
    EXPECT_EQ(server.count(Counter::PAWSTimewait), 0U);
}

}  // namespace
}  // namespace lastack::test
