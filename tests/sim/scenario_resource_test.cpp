// Scenarios of hoarding and of slots used again: K-30 to K-32 and K-37. The mix of K-40 is in
// worlds_test.cpp and sim_run.
#include <map>

#include "tests/sim/crowd.hpp"

namespace lastack::test {
namespace {

using base::Counter;

stack::Config wide() {
    stack::Config config = small_config();
    config.limits.max_connections = 1'100;
    config.limits.max_time_wait = 1'100;
    config.limits.max_orphans = 1'100;
    return config;
}

TEST(Scenario, K_30_peers_that_never_close_are_let_go_after_fin_timeout_without_a_storm) {
    Duo duo(wide(), wide());
    const auto connections = crowd(duo, 1'000);
    for (Connection connection : connections) connection.close();
    duo.run(1s);
    EXPECT_EQ(duo.a.in_state(tcp::State::FinWait2), 1'000U);
    EXPECT_EQ(duo.b.in_state(tcp::State::CloseWait), 1'000U);
    for (const stack::PoolUse& pool : duo.a.stack().memory()) {
        const bool tcbs = std::string_view(pool.name) == "connection";
        EXPECT_TRUE(!tcbs || pool.in_use == 0);  // they wait as compact records
    }
    duo.log.clear();
    duo.run(58s);
    EXPECT_EQ(duo.a.in_state(tcp::State::FinWait2), 1'000U);
    duo.run(2s);
    EXPECT_EQ(duo.a.in_state(tcp::State::FinWait2), 0U);
    EXPECT_EQ(duo.a.count(Counter::FinWait2Timeout), 1'000U);
    EXPECT_TRUE(duo.log.empty());
}

TEST(Scenario, K_30_beyond_max_orphans_each_is_reset_once_and_there_is_no_storm) {
    constexpr std::uint32_t kMost = 100;
    stack::Config few = wide();
    few.limits.max_orphans = kMost;
    Duo duo(few, wide());
    auto connections = crowd(duo, 1'000);
    duo.log.clear();
    duo.link.set_conditions({.delay = 10ms});
    for (Connection connection : connections) connection.close();
    duo.run(1s);
    EXPECT_EQ(duo.a.count(Counter::TCPAbortOnMemory), 1'000U - kMost);
    EXPECT_EQ(duo.a.in_state(tcp::State::FinWait2), kMost);
    EXPECT_EQ(duo.b.in_state(tcp::State::CloseWait), kMost);
    EXPECT_EQ(told(duo.b, "closed reset"), 1'000U - kMost);
    std::map<std::uint16_t, unsigned> resets;
    for (const Logged& one : duo.sent(Duo::kFromA, 'R')) ++resets[one.segment.source_port];
    EXPECT_EQ(resets.size(), 1'000U - kMost);
    EXPECT_EQ(duo.sent(Duo::kFromA, 'R').size(), 1'000U - kMost);
    EXPECT_EQ(duo.sent(Duo::kFromA, 'F').size(), kMost);
    EXPECT_EQ(duo.sent(Duo::kFromB, 'R').size(), 0U);
    EXPECT_EQ(duo.log.size(), 1'000U + kMost);  // a FIN and its ACK, or a RST
    EXPECT_EQ(duo.a.stack().orphans(), 0U);     // compact records wait now
    duo.log.clear();
    duo.run(61s);
    EXPECT_EQ(duo.a.count(Counter::FinWait2Timeout), kMost);
    EXPECT_TRUE(duo.log.empty());
    EXPECT_TRUE(duo.a.stack().quiescent());
}

TEST(Scenario, K_31_peers_that_never_acknowledge_our_fin_are_let_go) {
    Duo duo(wide(), wide());
    duo.b_follows();
    auto connections = crowd(duo, 50);
    for (Connection connection : connections) connection.close();
    duo.link.turn();
    duo.link.drop([](Link::Side from, const Wire&) { return from == Duo::kFromA; }, 1, 1'000'000);
    duo.run(5s);
    EXPECT_EQ(duo.b.in_state(tcp::State::LastAck), 50U);
    duo.run(1'000s);
    EXPECT_EQ(duo.b.in_state(tcp::State::LastAck), 0U);
    EXPECT_EQ(told(duo.b, "closed timed_out"), 50U);
    EXPECT_EQ(duo.b.shell().live(), 0U);
}

TEST(Scenario, K_32_readers_that_read_nothing_cost_bounded_memory_and_the_user_timeout_ends_them) {
    stack::Config narrow = small_config();
    narrow.tcp.receive_buffer = 2'048;
    stack::Config bounded = small_config();
    bounded.tcp.send_buffer = 8'192;
    bounded.tcp.user_timeout = 30s;
    Duo duo(narrow, bounded);
    duo.a.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    std::size_t taken = 0;
    duo.b.app().at_open = [&](Connection connection) {
        taken += connection.send(as_bytes(std::string(100'000, 'x')));
    };
    crowd(duo, 30);
    duo.run(10s);
    EXPECT_LE(taken, 30U * 8'192U);
    EXPECT_LE(duo.b.shell().live(), 30U * 12U);
    EXPECT_GE(duo.b.count(Counter::TCPWinProbe), 30U);
    EXPECT_EQ(duo.b.in_state(tcp::State::Established), 30U);
    const std::uint64_t probes = duo.b.count(Counter::TCPWinProbe);
    duo.run(600s);
    EXPECT_LE(duo.b.count(Counter::TCPWinProbe) - probes, 30U * 20U);
    EXPECT_EQ(duo.b.in_state(tcp::State::Established), 0U);
    EXPECT_EQ(told(duo.b, "closed timed_out"), 30U);
    EXPECT_EQ(duo.b.shell().live(), 0U);
}

TEST(Scenario, K_37_a_slot_used_again_at_once_hears_nothing_of_its_former_life) {
    Duo duo;
    duo.open();
    duo.say(duo.at_b, 1'000);  // in flight
    const Connection old = duo.at_a;
    duo.at_a.send(as_bytes("queued"));
    duo.at_a.abort();
    duo.a.turn();
    const auto result = duo.a.stack().connect({Address::ipv4(kPeerAddress.value), 80}, duo.a.app(),
                                              {.local = {Address{}, 40'001}});
    ASSERT_TRUE(result);
    ASSERT_EQ(result.connection.index(), old.index());
    Connection stale = old;
    EXPECT_EQ(stale.send(as_bytes("x")), 0U);
    stale.close();
    stale.abort();
    EXPECT_EQ(stale.state(), "CLOSED");
    EXPECT_GE(duo.a.count(Counter::StaleHandle), 2U);
    duo.run(10s);
    EXPECT_EQ(duo.a.state(40'001, 80), "ESTABLISHED");
    EXPECT_EQ(duo.a.count(Counter::StaleTimer), 0U);
    EXPECT_EQ(duo.a.app().received, "");
    EXPECT_EQ(duo.b.app().received, "");
}

}  // namespace
}  // namespace lastack::test
