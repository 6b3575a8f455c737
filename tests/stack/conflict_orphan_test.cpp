// Orphans where the RFCs and Linux differ: each row of section M with both its options.

#include <array>

#include "tests/stack/conflict.hpp"

namespace lastack::test {
namespace {

using base::Counter;

// --- M-7: how long FIN-WAIT-2 waits

TEST(ConflictOrphan, M_7_an_orphan_in_fin_wait_2_goes_after_fin_timeout) {
    Disputed talk(kAsEver);
    talk.enter_fin_wait_2();
    talk.host.advance(60s);
    EXPECT_EQ(talk.state(), "CLOSED");
}

/// The record that is listed last: a compact one, where there is any.
stack::ConnectionRow last_row(Host& host) {
    std::array<stack::ConnectionRow, 4> rows;
    stack::ListCursor cursor;
    const std::size_t count = host.stack().list(cursor, rows);
    return count > 0 ? rows[count - 1] : stack::ConnectionRow{};
}

constexpr auto kWithoutLimit = [](TcpOptions& tcp) { tcp.fin_timeout = 0ms; };

TEST(ConflictOrphan, M_7_or_with_0_never_as_the_rfc_has_it) {
    Disputed talk(kWithoutLimit);
    talk.enter_fin_wait_2();
    EXPECT_EQ(last_row(talk.host).timer, stack::TimerName::Off) << "nothing to wake up for";
    talk.host.advance(60 * 24h);
    EXPECT_EQ(talk.state(), "FIN-WAIT-2") << "beyond the 24 days of the protocol's clock, too";
    talk.host.sent();
    talk.send("FA");
    EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'002, 1'002}}));
    EXPECT_EQ(talk.state(), "TIME-WAIT");
    EXPECT_EQ(last_row(talk.host).timer, stack::TimerName::TimeWait);
    EXPECT_EQ(talk.time_left(), 60s);
    talk.expect_nothing_left();
}

TEST(ConflictOrphan, M_7_D_4_linger2_limits_it_all_the_same) {
    Disputed talk(kWithoutLimit);
    talk.open();
    talk.connection.set_option(Option::linger2_ms, 5'000);
    talk.connection.close();
    talk.host.turn();
    talk.sent = 5'002;
    talk.host.advance_to_tick();
    talk.send("A");
    talk.host.advance(5s - 1ms);
    EXPECT_EQ(talk.state(), "FIN-WAIT-2");
    talk.host.advance(1ms);
    EXPECT_EQ(talk.state(), "CLOSED");
}

TEST(ConflictOrphan, M_7_C_23_at_the_cap_what_never_ends_makes_room_first) {
    stack::Config config = small_config_but(kWithoutLimit);
    config.limits.max_time_wait = 2;
    Host host(config);
    ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
    for (std::uint16_t port = 1; port <= 3; ++port) {
        Peer peer(host, port, 80);
        const std::uint32_t una = peer.open(1'000, {.mss = 1'460}) + 2;
        host.app().last.close();
        host.turn();
        // The second one waits for its peer's FIN; the first is in TIME-WAIT and nearly over, so
        // that by its deadline it would be the one to go.
        peer.send({.flags = port == 2 ? "A" : "FA", .seq = 1'001, .ack = una});
        if (port == 1) host.advance(59s + 500ms);
        host.sent();
    }
    EXPECT_EQ(host.state(80, 1), "TIME-WAIT");
    EXPECT_EQ(host.state(80, 2), "CLOSED");
    EXPECT_EQ(host.state(80, 3), "TIME-WAIT");
    EXPECT_EQ(host.count(Counter::FinWait2Evicted), 1U);
}

// Records without an end stand in a list of their own; any of them may leave it, in any order.
TEST(ConflictOrphan, M_7_C_23_of_those_without_end_the_one_that_waits_longest_goes_first) {
    stack::Config config = small_config_but(kWithoutLimit);
    config.limits.max_time_wait = 4;
    Host host(config);
    ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
    std::array<std::uint32_t, 8> una{};
    const auto wait_for_fin = [&](std::uint16_t port) {
        host.sent();
        Peer peer(host, port, 80);
        una[port] = peer.open(1'000, {.mss = 1'460}) + 2;
        host.app().last.close();
        host.turn();
        peer.send({.flags = "A", .seq = 1'001, .ack = una[port]});
        host.advance(10ms);
    };
    for (std::uint16_t port = 1; port <= 4; ++port) wait_for_fin(port);
    Peer(host, 2, 80).send({.flags = "FA", .seq = 1'001, .ack = una[2]});
    Peer(host, 3, 80).send({.flags = "R", .seq = 1'001});
    EXPECT_EQ(host.state(80, 2), "TIME-WAIT");
    EXPECT_EQ(host.state(80, 3), "CLOSED");
    wait_for_fin(5);  // there is room for one
    EXPECT_EQ(host.state(80, 1), "FIN-WAIT-2");
    wait_for_fin(6);
    EXPECT_EQ(host.state(80, 1), "CLOSED");
    wait_for_fin(7);
    EXPECT_EQ(host.state(80, 4), "CLOSED");
    EXPECT_EQ(host.count(Counter::FinWait2Evicted), 2U);
    for (std::uint16_t port = 5; port <= 7; ++port) {
        Peer(host, port, 80).send({.flags = "FA", .seq = 1'001, .ack = una[port]});
    }
    EXPECT_EQ(host.in_state(tcp::State::TimeWait), 4U);
    host.advance(61s);
    EXPECT_EQ(host.in_state(tcp::State::TimeWait), 0U);
    EXPECT_TRUE(host.stack().quiescent());
}

// --- M-10: text that arrives after close()

constexpr auto kDiscard = [](TcpOptions& tcp) { tcp.orphan_data = OrphanData::discard; };

TEST(ConflictOrphan, M_10_D_11_text_for_an_orphan_is_a_reset) {
    for (const bool acknowledged : {false, true}) {
        Disputed talk(kAsEver);
        acknowledged ? talk.enter_fin_wait_2() : talk.enter_fin_wait_1();
        talk.send("PA", "late");
        ASSERT_EQ(talk.host.sent().back().flags.front(), 'R');
        EXPECT_EQ(talk.state(), "CLOSED");
        EXPECT_EQ(talk.host.count(Counter::TCPAbortOnData), 1U);
    }
}

TEST(ConflictOrphan, M_10_or_acknowledged_and_thrown_away_until_the_fin) {
    Disputed talk(kDiscard);
    talk.enter_fin_wait_1();
    const auto held = talk.host.shell().live();
    talk.peer.send({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = std::string(1'000, 'x')});
    talk.host.advance(40ms);
    EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'002, 2'001}}));
    EXPECT_EQ(talk.state(), "FIN-WAIT-1");
    EXPECT_LE(talk.host.shell().live(), held) << "nothing of it is kept";
    talk.next = 2'001;
    talk.send("FA", "more");
    EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'002, 2'006}}));
    EXPECT_EQ(talk.state(), "TIME-WAIT");
    EXPECT_EQ(talk.host.count(Counter::TCPAbortOnData), 0U);
    EXPECT_EQ(talk.host.count(Counter::TcpInTextNotWanted), 2U);
    talk.host.advance(61s);
    talk.expect_nothing_left();
}

TEST(ConflictOrphan, M_10_in_fin_wait_2_the_compact_record_does_it_with_its_window_whole) {
    Disputed talk(kDiscard);
    talk.enter_fin_wait_2();
    for (int i = 0; i < 200; ++i) {  // four times the window
        talk.send("A", std::string(1'400, 'x'));
        const auto answer = talk.host.sent();
        ASSERT_EQ(answer, (Trace{{"A", 5'002, talk.next}}));
        ASSERT_EQ(answer[0].window, 65'535);
    }
    EXPECT_EQ(talk.host.shell().live(), 0U);
    talk.send("FA", "end");
    EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'002, talk.next}}));
    EXPECT_EQ(talk.state(), "TIME-WAIT");
    talk.host.advance(61s);
    talk.expect_nothing_left();
}

// Before close() the window had lost what was read, and not yet worth an update.
TEST(ConflictOrphan, M_10_the_window_opens_for_what_is_thrown_away) {
    Disputed talk([](TcpOptions& tcp) {
        kDiscard(tcp);
        tcp.receive_buffer = 4'096;
    });
    talk.open();
    talk.send("A", std::string(1'000, 'x'));
    talk.connection.close();
    talk.host.turn();
    talk.sent = 5'002;
    EXPECT_EQ(talk.host.sent().back().window, 3'096);
    talk.send("A");
    ASSERT_EQ(talk.state(), "FIN-WAIT-2");
    talk.send("A", "more");
    const auto answer = talk.host.sent();
    ASSERT_EQ(answer, (Trace{{"A", 5'002, 2'005}}));
    EXPECT_EQ(answer[0].window, 4'096);
}

TEST(ConflictOrphan, M_10_what_lies_beyond_a_gap_comes_again) {
    for (const bool acknowledged : {false, true}) {
        Disputed talk(kDiscard);
        acknowledged ? talk.enter_fin_wait_2() : talk.enter_fin_wait_1();
        const std::uint32_t ack = acknowledged ? 5'002 : 5'001;
        talk.peer.send({.flags = "A", .seq = 1'005, .ack = ack, .text = "late"});
        EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'002, 1'001}})) << acknowledged;
        talk.peer.send({.flags = "FA", .seq = 1'009, .ack = ack});
        EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'002, 1'001}})) << acknowledged;
        talk.peer.send({.flags = "A", .seq = 1'001, .ack = 5'002, .text = "12345678"});
        talk.peer.send({.flags = "FA", .seq = 1'009, .ack = 5'002});
        EXPECT_EQ(talk.host.sent().back(), (Wire{"A", 5'002, 1'010})) << acknowledged;
        EXPECT_EQ(talk.state(), "TIME-WAIT") << acknowledged;
        talk.host.advance(61s);
        talk.expect_nothing_left();
    }
}

TEST(ConflictOrphan, M_10_D_2_and_fin_timeout_goes_on) {
    Disputed talk(kDiscard);
    talk.enter_fin_wait_2();
    talk.host.advance(59s);
    talk.send("A", "still here");
    talk.host.advance(1s);
    EXPECT_EQ(talk.state(), "CLOSED");
    talk.expect_nothing_left();
}

// --- M-26: the number of that reset

TEST(ConflictOrphan, M_26_in_fin_wait_1_the_reset_has_the_number_the_peer_expects) {
    Disputed talk(kAsEver);
    talk.enter_fin_wait_1();
    talk.peer.send({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "late"});
    EXPECT_EQ(talk.host.sent(), (Trace{{"R", 5'001, 0}}));
}

TEST(ConflictOrphan, M_26_or_snd_nxt_as_the_rfc_has_it) {
    Disputed talk([](TcpOptions& tcp) { tcp.orphan_data_reset = OrphanReset::snd_nxt; });
    talk.enter_fin_wait_1();
    talk.peer.send({.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "late"});
    EXPECT_EQ(talk.host.sent(), (Trace{{"RA", 5'002, 1'001}}));
    EXPECT_EQ(talk.state(), "CLOSED");
}

}  // namespace
}  // namespace lastack::test
