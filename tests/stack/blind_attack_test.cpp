// RFC 5961 as someone sees it who can guess but not read (requirements E): resets that are not
// exact, challenges that are limited and tell nothing about anyone else, and ends that disagree.

#include "tests/stack/middlebox.hpp"
#include "tests/stack/seed.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

using base::Counter;

// --- E-1 in every state that has a window

struct Place {
    const char* state;
    void (*reach)(Conversation&);
};

void finish(Conversation& it) {
    it.connection.shutdown_write();
    it.host.turn();
    it.sent += 1;
}

const Place kPlaces[] = {
    {"SYN-RECEIVED",
     [](Conversation& it) {  // half open, by a listener
         it.listen();
         it.host.wait_for_isn(Conversation::kHostPort, Conversation::kPeerPort, 5'000);
         it.peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
     }},
    {"SYN-RECEIVED",
     [](Conversation& it) {  // of a simultaneous open
         it.connect();
         it.peer.send({.flags = "S", .seq = 1'000});
     }},
    {"ESTABLISHED", [](Conversation& it) { it.open(); }},
    {"FIN-WAIT-1",
     [](Conversation& it) {
         it.open();
         finish(it);
     }},
    {"FIN-WAIT-2",
     [](Conversation& it) {
         it.open();
         finish(it);
         it.send("A");
     }},
    {"CLOSE-WAIT",
     [](Conversation& it) {
         it.open();
         it.send("FA");
     }},
    {"CLOSING",
     [](Conversation& it) {
         it.open();
         it.connection.shutdown_write();
         it.host.turn();
         it.send("FA");
         it.sent += 1;
     }},
    {"LAST-ACK",
     [](Conversation& it) {
         it.open();
         it.send("FA");
         finish(it);
     }},
};

// RCV.NXT - 1 is another matter where the peer has finished (E-11).
TEST(Reset, E_1_outside_the_window_is_nothing_inside_a_challenge_and_only_exact_a_reset) {
    for (const Place& place : kPlaces) {
        SCOPED_TRACE(place.state);
        Conversation it;
        place.reach(it);
        ASSERT_EQ(it.state(), place.state);
        it.host.sent();
        const std::uint32_t nxt = it.next;
        // The FIN of the peer is part of the 65535 that were offered.
        const std::uint32_t window = 1'001 + 65'535 - nxt;
        for (const std::uint32_t outside : {nxt - 2, nxt + window, nxt + 0x8000'0000}) {
            it.peer.send({.flags = "R", .seq = outside});
            EXPECT_EQ(it.state(), place.state) << outside;
            EXPECT_EQ(it.host.sent(), Trace{}) << outside;
        }
        for (const std::uint32_t inside : {nxt + 1, nxt + window - 1}) {
            it.peer.send({.flags = "R", .seq = inside});
            EXPECT_EQ(it.state(), place.state) << inside;
            EXPECT_EQ(it.host.sent(), (Trace{{"A", it.sent, nxt}})) << inside;
            it.host.advance(500ms);  // E-9's limit; a FIN or SYN is sent again meanwhile
            it.host.sent();
        }
        it.peer.send({.flags = "R", .seq = nxt});
        EXPECT_EQ(it.state(), "CLOSED");
        EXPECT_EQ(it.host.sent(), Trace{});
    }
}

// --- E-7

TEST(Challenge, E_7_challenges_are_limited_and_the_limit_can_be_set) {
    for (const auto limit : {100ms, 500ms, 2'000ms}) {
        SCOPED_TRACE(limit.count());
        stack::Config config = small_config();
        config.tcp.invalid_rate_limit = limit;
        Conversation it(config);
        it.open();
        std::int64_t challenges = 0;
        for (int ms = 0; ms < 4'000; ++ms) {
            it.peer.send({.flags = ms % 2 == 0 ? "R" : "S", .seq = 1'500});
            challenges += static_cast<std::int64_t>(it.host.sent().size());
            it.host.advance(1ms);
        }
        EXPECT_EQ(challenges, 4'000ms / limit);
        EXPECT_EQ(it.host.count(Counter::TCPACKSkippedChallenge),
                  static_cast<std::uint64_t>(4'000 - challenges));
        EXPECT_EQ(it.state(), "ESTABLISHED");
    }
}

// --- E-8

// What somebody on the connection of port 40000 sees of its own challenges, while another one is
// attacked by `storm` segments a probe.
Trace seen_beside_a_storm(unsigned storm, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Conversation it;
    it.open();
    Peer victim{it.host, 40'001, 80};
    const std::uint32_t iss = victim.open(7'000, {.mss = 1'460});
    it.host.sent();
    Trace seen;
    for (int probe = 0; probe < 40; ++probe) {
        for (unsigned i = 0; i < storm; ++i) {
            const auto guess = static_cast<std::uint32_t>(random());
            switch (i % 3) {
                case 0:
                    victim.send({.flags = "R", .seq = 7'002 + guess % 60'000});
                    break;
                case 1:
                    victim.send({.flags = "S", .seq = guess});
                    break;
                default:
                    victim.send({.flags = "A", .seq = 7'001, .ack = iss + 1 + guess % 1'000'000});
            }
        }
        it.host.sent();
        it.peer.send({.flags = "R", .seq = 1'500});
        for (const Wire& segment : it.host.sent()) seen.push_back(segment);
        it.host.advance(170ms);
        it.host.sent();
    }
    EXPECT_EQ(it.host.state(80, 40'001), "ESTABLISHED");
    return seen;
}

TEST(Challenge, E_8_what_one_connection_sees_does_not_depend_on_what_another_suffers) {
    const std::uint64_t seed = seed_or(8);
    const Trace quiet = seen_beside_a_storm(0, seed);
    EXPECT_EQ(quiet.size(), 14U) << "one in 500 ms: every third probe";
    for (const unsigned storm : {1U, 10U, 100U, 500U}) {
        EXPECT_EQ(seen_beside_a_storm(storm, seed + storm), quiet) << storm;
    }
}

// --- E-10

// A box that began to rewrite numbers in the middle of a connection: neither end finds anything in
// its window any more.
class Rewritten {
  public:
    Rewritten() {
        EXPECT_TRUE(net.b.stack().listen({Address{}, 80}, net.b.app(), {}));
        at_a = net.a.stack()
                   .connect({Address::ipv4(kPeerAddress.value), 80}, net.a.app(),
                            {.local = {Address{}, 40'000}})
                   .connection;
        net.run(100ms);
        EXPECT_TRUE(net.b.app().saw("open"));
        net.rewrite = [](Side, Wire& segment) { segment.seq += 0x2000'0000; };
        began = net.a.now();
    }

    void expect_quiet(int from_second, int to_second) {
        for (int second = from_second; second < to_second; ++second) {
            const time::Instant since = began + std::chrono::seconds(second);
            EXPECT_LE(net.count(Side::A, since, 1s), 2U) << second;
            EXPECT_LE(net.count(Side::B, since, 1s), 2U) << second;
        }
    }

    Middlebox net;
    Connection at_a;
    time::Instant began;
};

TEST(Middle, E_10_acks_out_of_window_at_both_ends_do_not_answer_each_other) {
    Rewritten it;
    Wire stray = it.net.passed.back().segment;  // the third of the handshake, the other way round
    std::swap(stray.seq, stray.ack);
    std::swap(stray.source_port, stray.destination_port);
    stray.seq += 0x2000'0000;
    stray.options.timestamps = wire::Timestamps{stray.options.timestamps->echo_reply, 0};
    it.net.inject(Side::A, stray);
    it.net.run(10s);
    EXPECT_GE(it.net.count(Side::A, it.began, 1s), 1U) << "it was answered";
    it.expect_quiet(0, 10);
}

// Text is always answered (E-9), so what is sent again keeps both ends talking, at its own pace.
TEST(Middle, E_10_with_text_outstanding_they_fall_quiet_with_its_retransmissions) {
    Rewritten it;
    it.at_a.send(as_bytes("never acknowledged"));
    it.net.run(60s);
    it.expect_quiet(2, 60);
}

// One segment sent again, one answer to text and one to an ACK: three in such a second.
TEST(Middle, E_10_with_text_outstanding_at_both_ends_too) {
    Rewritten it;
    it.at_a.send(as_bytes("never acknowledged"));
    it.net.b.app().last.send(as_bytes("nor this"));
    it.net.run(60s);
    for (int second = 5; second < 60; second += 5) {
        const time::Instant since = it.began + std::chrono::seconds(second);
        EXPECT_LE(it.net.count(Side::A, since, 5s), 5U) << second;
        EXPECT_LE(it.net.count(Side::B, since, 5s), 5U) << second;
    }
}

}  // namespace
}  // namespace lastack::test
