// Scenarios of TIME-WAIT and of numbers that wrap: K-22, K-23, K-25 and K-34.
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

}  // namespace
}  // namespace lastack::test
