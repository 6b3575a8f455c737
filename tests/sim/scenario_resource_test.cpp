// Scenarios of hoarding, exhaustion and restarts: K-30 to K-32, K-37, K-39, K-41 and K-44. The mix
// of K-40 is in worlds_test.cpp and sim_run.
#include "tests/sim/duo.hpp"

namespace lastack::test {
namespace {

using base::Counter;

// As many connections as `count`, from ports 40000 on.
std::vector<Connection> crowd(Duo& duo, std::uint16_t count) {
    std::vector<Connection> connections;
    duo.listen();
    for (std::uint16_t i = 0; i < count; ++i) {
        const auto port = static_cast<std::uint16_t>(40'000 + i);
        const auto result = duo.a.stack().connect({Address::ipv4(kPeerAddress.value), 80},
                                                  duo.a.app(), {.local = {Address{}, port}});
        EXPECT_TRUE(result);
        connections.push_back(result.connection);
        duo.run(3ms);
    }
    EXPECT_EQ(duo.a.in_state(tcp::State::Established), count);
    return connections;
}

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

TEST(Scenario, K_39_no_buffer_at_any_step_of_the_close_is_a_loss_that_is_made_good) {
    for (int step = 0; step < 6; ++step) {
        SCOPED_TRACE(step);
        Duo duo;
        duo.open();
        duo.b_follows();
        const auto starve = [&](int here) {
            if (here != step) return;
            duo.a.shell().limit(0);
            duo.b.shell().limit(0);
            duo.run(700ms);
            duo.a.shell().limit(SIZE_MAX);
            duo.b.shell().limit(SIZE_MAX);
        };
        starve(0);
        duo.say(duo.at_a, 3'000);
        starve(1);
        duo.run(1ms);
        starve(2);
        duo.at_a.close();
        starve(3);
        duo.run(1ms);
        starve(4);
        duo.run(1ms);
        starve(5);
        duo.run(5s);
        EXPECT_EQ(duo.b.app().received.size(), 3'000U);
        EXPECT_EQ(told(duo.a, "closed orderly"), 1U);
        EXPECT_EQ(told(duo.b, "closed orderly"), 1U);
        duo.expect_rest();
    }
}

TEST(Scenario, K_39_full_pools_refuse_and_recover) {
    stack::Config tiny = small_config();
    tiny.limits.max_connections = 4;
    Duo duo(tiny, small_config());
    const auto connections = crowd(duo, 4);
    const auto one_more = [&] {
        return duo.a.stack().connect({Address::ipv4(kPeerAddress.value), 80}, duo.a.app(), {});
    };
    EXPECT_EQ(one_more().error, Error::no_resources);
    for (Connection connection : connections) connection.abort();
    duo.run(1s);
    EXPECT_TRUE(one_more());
    duo.run(1s);
    EXPECT_EQ(duo.a.in_state(tcp::State::Established), 1U);
}

// What b is in when a's memory is lost, and what it takes for b to hear of it.
TEST(Scenario, K_41_a_peer_that_restarts_mid_close_ends_what_the_other_remembers) {
    const std::array<std::string_view, 6> states{"ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
                                                 "CLOSE-WAIT",  "LAST-ACK",   "TIME-WAIT"};
    for (const std::string_view state : states) {
        SCOPED_TRACE(state);
        Duo duo;
        duo.open();
        if (state == "FIN-WAIT-1") duo.lose(Duo::kFromB, 'F', 1);
        if (state == "FIN-WAIT-1" || state == "FIN-WAIT-2" || state == "TIME-WAIT") {
            duo.at_b.shutdown_write();
        }
        if (state == "CLOSE-WAIT" || state == "LAST-ACK") duo.at_a.close();
        duo.run(100ms);
        if (state == "TIME-WAIT") duo.at_a.close();
        if (state == "LAST-ACK") {
            duo.lose(Duo::kFromB, 'F', 1);
            duo.at_b.close();
        }
        duo.run(20ms);
        ASSERT_EQ(duo.state_b(), state);
        // a again, with nothing of what it knew and other numbers.
        stack::Config fresh = small_config();
        fresh.secrets.isn = {99, 98};
        Host reborn(fresh);
        reborn.stall_until(duo.link.now());
        Link link(reborn, duo.b, 2);
        std::uint64_t segments = 0;
        link.watch = [&](Link::Side, const Wire&) { ++segments; };
        if (state == "ESTABLISHED" || state == "CLOSE-WAIT") duo.at_b.send(as_bytes("hello?"));
        const auto result =
            reborn.stack().connect({Address::ipv4(kPeerAddress.value), 80}, reborn.app(),
                                   {.local = {Address{}, Duo::kPortA}});
        ASSERT_TRUE(result);
        link.run(130s);
        EXPECT_LT(segments, 60U);  // nobody answers for ever
        EXPECT_EQ(reborn.state(Duo::kPortA, 80), "ESTABLISHED");
        EXPECT_EQ(duo.state_b(), "ESTABLISHED");
        EXPECT_EQ(told(duo.b, "open"), 2U);
    }
}

TEST(Scenario, K_44_frames_with_any_octet_changed_are_dropped_or_harmless) {
    Duo duo(plain(), plain());
    duo.open();
    Wire segment{.flags = "PA", .seq = 1, .ack = 1, .text = "text"};
    segment.options.mss = 1'460;
    segment.source_port = 40'009;
    segment.destination_port = 80;
    const auto good = encode(
        segment,
        {.from_mac = kHostMac, .to_mac = kPeerMac, .from = kHostAddress, .to = kPeerAddress});
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (unsigned value = 0; value < 256; value += 5) {
            auto bad = good;
            bad[at] = std::byte(value);
            duo.b.receive(bad);
            duo.b.receive(std::span(bad).first(at));  // and cut off there
        }
    }
    duo.b.take_frames();
    EXPECT_GT(duo.b.count(Counter::IpInHdrErrors) + duo.b.count(Counter::IpInTruncatedPkts), 0U);
    EXPECT_GT(duo.b.count(Counter::InCsumErrors), 0U);
    EXPECT_GT(duo.b.count(Counter::LinkInTooShort), 0U);
    EXPECT_EQ(duo.b.shell().live(), 0U);
    duo.say(duo.at_a, 10);
    duo.run(1s);
    EXPECT_EQ(duo.b.app().received.size(), 10U);
}

}  // namespace
}  // namespace lastack::test
