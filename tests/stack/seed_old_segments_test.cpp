// Old segments of a connection and what they may not do (requirements A.2, C): not reach its next
// incarnation, neither while TIME-WAIT holds the tuple nor after a SYN has been let through.

#include <algorithm>

#include "tests/stack/seed.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

using base::Counter;

Wire stamped(Wire segment, std::optional<std::uint32_t> value) {
    if (value) segment.options.timestamps = wire::Timestamps{*value, 0};
    return segment;
}

wire::TcpOptions offer(std::optional<std::uint32_t> value) {
    wire::TcpOptions options{.mss = 1'460};
    if (value) options.timestamps = wire::Timestamps{*value, 0};
    return options;
}

// A first life with text both ways, the host closing first; the peer's segments are remembered.
class FirstLife : public Conversation {
  public:
    explicit FirstLife(std::optional<std::uint32_t> clock) : clock_(clock) {
        open(offer(clock));
        for (int i = 0; i < 5; ++i) {
            say_as_peer({.flags = "A", .seq = next, .ack = sent, .text = "old text"});
        }
        connection.shutdown_write();
        host.turn();
        sent += 1;
        say_as_peer({.flags = "A", .seq = next, .ack = sent, .text = "more of it"});
        fin = stamped({.flags = "FA", .seq = next, .ack = sent}, clock_);
        peer.send(fin);
        next += 1;
        connection.close();
        host.turn();
        EXPECT_EQ(state(), "TIME-WAIT");
        host.sent();
        host.app().received.clear();
        host.app().events.clear();
    }

    void say_as_peer(const Wire& segment) {
        old.push_back(stamped(segment, clock_));
        peer.send(old.back());
        next += segment.len();
    }

    Trace old;  // all with text, in order
    Wire fin;

  private:
    std::optional<std::uint32_t> clock_;
};

TEST(OldSegments, S_64_S_80_while_time_wait_lasts_they_reach_nobody_and_change_nothing) {
    std::mt19937_64 random(seed_or(64));
    for (const auto clock : {std::optional<std::uint32_t>{}, std::optional<std::uint32_t>{100}}) {
        FirstLife life(clock);
        life.host.advance_to_tick();
        for (int second = 0; second < 59; ++second) {
            life.peer.send(life.old[random() % life.old.size()]);
            life.host.advance(1s);
            ASSERT_EQ(life.state(), "TIME-WAIT");
        }
        EXPECT_EQ(life.host.app().received, "");
        EXPECT_TRUE(life.host.app().events.empty());
        life.host.advance(1s);
        EXPECT_EQ(life.state(), "CLOSED") << "2MSL is over when it was to be: they have expired";
    }
}

struct SecondLife {
    std::optional<std::uint32_t> old_clock, new_clock;
    std::uint32_t iss_from_rcv_nxt;  // added to the record's RCV.NXT
};

// C-7 rows f, a, b: by the number, by the time stamp with a number below (the old text lies in the
// new window), by both.
TEST(OldSegments, S_64_S_80_C_16_after_a_syn_was_let_through_they_are_no_part_of_the_new_stream) {
    const SecondLife cases[] = {
        {std::nullopt, std::nullopt, 1},
        {std::nullopt, std::nullopt, 100'000},
        {100, 5'000, static_cast<std::uint32_t>(-55)},  // "new" reaches up to the old text
        {100, 100, 1}};
    for (const SecondLife& second : cases) {
        SCOPED_TRACE(second.iss_from_rcv_nxt);
        FirstLife life(second.old_clock);
        life.host.advance(10s);
        const std::uint32_t iss = life.next + second.iss_from_rcv_nxt;
        life.peer.send({.flags = "S", .seq = iss, .options = offer(second.new_clock)});
        const auto answer = life.host.sent();
        ASSERT_EQ(answer.size(), 1U);
        ASSERT_EQ(answer[0].flags, "SA");
        const std::uint32_t ack = answer[0].seq + 1;
        life.peer.send(stamped({.flags = "A", .seq = iss + 1, .ack = ack}, second.new_clock));
        ASSERT_EQ(life.state(), "ESTABLISHED");
        for (const Wire& segment : life.old) life.peer.send(segment);
        life.peer.send(life.fin);
        EXPECT_EQ(life.host.app().received, "");
        life.peer.send(
            stamped({.flags = "PA", .seq = iss + 1, .ack = ack, .text = "new"}, second.new_clock));
        for (const Wire& segment : life.old) life.peer.send(segment);
        life.host.advance(50ms);
        EXPECT_EQ(life.host.app().received, "new");
        EXPECT_EQ(life.host.sent().back().ack, iss + 4);
        EXPECT_EQ(life.state(), "ESTABLISHED");
    }
}

// The host reconnects over its own TIME-WAIT at once (C-24); the old server's text was delayed, and
// its numbers lie in the new window.
TEST(OldSegments, S_73_old_text_replayed_into_a_reconnection_leaves_its_stream_alone) {
    Host host;
    Peer server{host, 9'000, 40'000};
    const auto connect = [&] {
        const auto result = host.stack().connect({Address::ipv4(kPeerAddress.value), 9'000},
                                                 host.app(), {.local = {Address{}, 40'000}});
        EXPECT_TRUE(result);
        host.turn();
        return host.sent().at(0).seq;
    };
    const std::uint32_t iss = connect();
    server.send({.flags = "SA", .seq = 1'000, .ack = iss + 1, .options = offer(100)});
    const Wire old = stamped({.flags = "PA", .seq = 1'001, .ack = iss + 1, .text = "old"}, 101);
    server.send(old);
    host.app().last.shutdown_write();
    host.turn();
    server.send(stamped({.flags = "FA", .seq = 1'004, .ack = iss + 2}, 102));
    ASSERT_EQ(host.state(40'000, 9'000), "TIME-WAIT");
    host.advance(2s);
    host.app().received.clear();
    host.sent();

    const std::uint32_t again = connect();
    server.send(old);
    EXPECT_EQ(host.state(40'000, 9'000), "SYN-SENT");
    server.send({.flags = "SA", .seq = 990, .ack = again + 1, .options = offer(2'100)});
    ASSERT_EQ(host.state(40'000, 9'000), "ESTABLISHED");
    server.send(old);  // 10 bytes beyond RCV.NXT
    server.send(stamped({.flags = "A", .seq = 991, .ack = again + 1, .text = "0123456789"}, 2'101));
    server.send(old);  // at RCV.NXT
    server.send(stamped({.flags = "PA", .seq = 1'001, .ack = again + 1, .text = "new"}, 2'102));
    EXPECT_EQ(host.app().received, "0123456789new");
    EXPECT_GE(host.count(Counter::PAWSEstab), 2U);
}

// --- The record's time stamp

TEST(OldSegments, C_18_ts_recent_of_time_wait_follows_what_is_acceptable_and_nothing_else) {
    FirstLife life(100);
    const auto echo = [&] {
        life.host.advance(1s);
        life.host.sent();
        life.peer.send(life.fin);
        const auto answer = life.host.sent();
        return answer.size() == 1 ? answer[0].options.timestamps->echo_reply : 0;
    };
    EXPECT_EQ(echo(), 100U);
    const std::uint32_t nxt = life.next, ack = life.sent;
    const Wire rejected[] = {
        {.flags = "FA", .seq = nxt - 1, .ack = ack},              // the FIN again
        {.flags = "A", .seq = nxt - 8, .ack = ack, .text = "x"},  // old text
        {.flags = "A", .seq = nxt - 1, .ack = ack},               // before the window
        {.flags = "A", .seq = nxt + 0x1000'0000, .ack = ack},     // beyond it
        {.flags = "A", .seq = nxt, .ack = ack + 1},               // an ACK of nothing sent
        {.flags = "A", .seq = nxt, .ack = ack - 0x1000'0000},     // or of long ago
        {.flags = "A", .seq = nxt, .ack = ack, .text = "more"},   // behind the FIN
        {.flags = "R", .seq = nxt},
        {.flags = "SA", .seq = nxt, .ack = ack},
        {.flags = "", .seq = nxt}};
    std::uint32_t value = 200;
    for (const Wire& segment : rejected) {
        life.peer.send(stamped(segment, ++value));
        EXPECT_EQ(echo(), 100U) << testing::PrintToString(segment);
    }
    life.peer.send(stamped({.flags = "A", .seq = nxt, .ack = ack}, 150));
    EXPECT_EQ(echo(), 150U) << "acceptable, and the only one of them";
}

}  // namespace
}  // namespace lastack::test
