// What TIME-WAIT is for, shown by a stack that has none (stack::Config::time_wait, a hook for these
// tests alone): S-60 to S-62, K-5.

#include "tests/stack/conversation.hpp"
#include "tests/support/link.hpp"

namespace lastack::test {
namespace {

using base::Counter;

stack::Config client_config(bool time_wait) {
    stack::Config config = config_at(kPeerAddress, kPeerMac);
    config.time_wait = time_wait;
    return config;
}

// The client closes first; the server follows, by close() or by shutdown_write(). From `last` on,
// what the client sends is lost where the test says so.
class LastAck {
  public:
    explicit LastAck(bool time_wait) : client_host(client_config(time_wait)) {
        link.watch = [this](Link::Side from, const Wire& segment) {
            if (from == Link::Side::B && segment.flags.find('F') != std::string::npos) {
                fins.push_back({link.now(), segment.seq});
            }
        };
    }

    struct Fin {
        time::Instant at;
        std::uint32_t seq;
    };

    Host client_host;
    Host server;
    Link link{client_host, server, 1};
    std::vector<Fin> fins;  // the server's

    void live(bool server_keeps_its_handle = false) {
        ASSERT_TRUE(server.stack().listen({Address{}, 80}, server.app(), {}));
        server.app().at_peer_closed = [=](Connection accepted) {
            if (server_keeps_its_handle) {
                accepted.shutdown_write();
            } else {
                accepted.close();
            }
        };
        const auto result = client_host.stack().connect({Address::ipv4(kHostAddress.value), 80},
                                                        client_host.app(), {});
        ASSERT_TRUE(result);
        connection = result.connection;
        link.turn();
        ASSERT_TRUE(link.run_until([&] { return client_host.app().saw("open"); }, 5s));
        port = connection.local().port;
        connection.close();
        link.turn();
    }

    /// The client's answer to the server's FIN, the `nth` time and so many times from then on.
    void lose_answers(unsigned nth, unsigned count) {
        link.drop(
            [this](Link::Side from, const Wire&) { return from == Link::Side::A && !fins.empty(); },
            nth, count);
    }

    std::string client() { return client_host.state(port, 80); }
    std::string at_server() { return server.state(80, port); }

    Connection connection;
    std::uint16_t port = 0;
};

constexpr unsigned kForEver = 1'000'000;

TEST(NoTimeWait, S_60_is_no_shipped_default) {
    EXPECT_TRUE(stack::Config{}.time_wait);
}

TEST(NoTimeWait, S_60_S_62_a_closed_client_resets_a_server_whose_last_ACK_was_lost) {
    LastAck test(false);
    test.lose_answers(1, 1);
    test.live();
    test.link.run(50ms);
    EXPECT_EQ(test.client(), "CLOSED") << "the hook: no TIME-WAIT";
    EXPECT_EQ(test.at_server(), "LAST-ACK");
    test.link.run(1s);
    EXPECT_EQ(test.at_server(), "CLOSED");
    EXPECT_EQ(test.client_host.count(Counter::OutRsts), 1U);
    EXPECT_TRUE(test.server.app().saw("closed reset")) << "and not in order";
    EXPECT_EQ(test.client_host.count(Counter::TimeWaitEntered), 0U);
}

TEST(NoTimeWait, S_63_with_it_the_same_loss_is_repaired_and_both_ends_close_in_order) {
    LastAck test(true);
    test.lose_answers(1, 1);
    test.live();
    test.link.run(1s);
    EXPECT_EQ(test.client(), "TIME-WAIT");
    EXPECT_EQ(test.at_server(), "CLOSED");
    EXPECT_TRUE(test.server.app().saw("closed orderly"));
    EXPECT_EQ(test.client_host.count(Counter::OutRsts), 0U);
}

// K-5: nothing that the client says arrives any more.
TEST(NoTimeWait, K_5_S_60_S_61_S_62_without_its_RST_the_orphan_limit_ends_LAST_ACK) {
    LastAck test(false);
    test.lose_answers(1, kForEver);
    test.live();
    test.link.run(5min);
    EXPECT_EQ(test.at_server(), "CLOSED");
    EXPECT_EQ(test.server.count(Counter::OrphanKilled), 1U);
    ASSERT_EQ(test.fins.size(), 9U) << "once, and eight times again";
    time::Duration gap = test.fins[1].at - test.fins[0].at;
    EXPECT_GE(gap, 200ms);
    for (std::size_t i = 1; i + 1 < test.fins.size(); ++i) {
        EXPECT_EQ(test.fins[i].seq, test.fins[0].seq) << "S-61: the same number w";
        const time::Duration next = test.fins[i + 1].at - test.fins[i].at;
        EXPECT_GE(next, 2 * gap - 2ms) << "S-61: RTO, 2 RTO, 4 RTO";
        EXPECT_LE(next, 2 * gap + 2ms);
        gap = next;
    }
}

TEST(NoTimeWait, K_5_S_62_and_R2_ends_it_while_the_servers_application_still_waits) {
    LastAck test(false);
    test.lose_answers(1, kForEver);
    test.live(true);
    test.link.run(10min);
    EXPECT_EQ(test.at_server(), "LAST-ACK");
    test.link.run(20min);
    EXPECT_EQ(test.at_server(), "CLOSED");
    EXPECT_EQ(test.server.count(Counter::TCPAbortOnTimeout), 1U);
    EXPECT_TRUE(test.server.app().saw("closed timed_out"));
}

// FIN-WAIT-2 of an orphan is a record already when the FIN comes.
TEST(NoTimeWait, S_60_an_orphan_in_FIN_WAIT_2_is_closed_by_the_FIN_as_well) {
    stack::Config config = small_config();
    config.time_wait = false;
    Conversation talk(config);
    talk.open();
    talk.connection.close();
    talk.host.turn();
    talk.host.sent();
    talk.peer.send({.flags = "A", .seq = 1'001, .ack = 5'002});
    ASSERT_EQ(talk.state(), "FIN-WAIT-2");
    talk.peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
    EXPECT_EQ(talk.host.sent(), (Trace{{"A", 5'002, 1'002}}));
    EXPECT_EQ(talk.state(), "CLOSED");
    talk.peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
    EXPECT_EQ(talk.host.sent(), (Trace{{"R", 5'002, 0}}));
}

// C-15: the peer connects anew with a number that TIME-WAIT does not accept, and takes our ACK for
// an answer to its SYN: its RST is exact.
class RejectedReconnection {
  public:
    explicit RejectedReconnection(bool rfc1337) : talk(with(rfc1337)) {
        talk.open();
        talk.connection.close();
        talk.host.turn();
        talk.host.sent();
        talk.peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
        EXPECT_EQ(talk.state(), "TIME-WAIT");
        talk.host.sent();
        talk.host.advance(5s);
    }

    /// A SYN of the peer's, and its answer to whatever comes back. Whether it was let in.
    bool knock() {
        talk.peer.send({.flags = "S", .seq = 500, .options = {.mss = 1'460}});
        const Trace answer = talk.host.sent();
        EXPECT_EQ(answer.size(), 1U);
        if (answer.empty()) return false;
        if (answer[0].flags == "SA") return true;
        EXPECT_EQ(answer, (Trace{{"A", 5'002, 1'002}}));
        talk.peer.send({.flags = "R", .seq = answer[0].ack});
        EXPECT_EQ(talk.host.sent(), Trace{});
        return false;
    }

    Conversation talk;

  private:
    static stack::Config with(bool rfc1337) {
        stack::Config config = small_config();
        config.tcp.rfc1337 = rfc1337;
        return config;
    }
};

TEST(RejectedReconnectionTest, C_15_with_rfc1337_off_the_record_dies_and_the_next_SYN_opens) {
    RejectedReconnection test(false);
    EXPECT_FALSE(test.knock());
    EXPECT_EQ(test.talk.state(), "CLOSED");
    EXPECT_EQ(test.talk.host.count(Counter::TimeWaitResetByPeer), 1U);
    test.talk.host.advance(1s);
    EXPECT_TRUE(test.knock()) << "the peer's first retransmission, a second later";
}

TEST(RejectedReconnectionTest, C_15_with_rfc1337_on_the_peer_tries_until_2MSL_is_over) {
    RejectedReconnection test(true);
    EXPECT_FALSE(test.knock());
    EXPECT_EQ(test.talk.state(), "TIME-WAIT");
    for (const time::Duration pause : {1s, 2s, 4s, 8s, 16s}) {
        test.talk.host.advance(pause);
        EXPECT_FALSE(test.knock());
    }
    EXPECT_EQ(test.talk.state(), "TIME-WAIT") << "36 s of 60 s";
    test.talk.host.advance(32s);
    EXPECT_TRUE(test.knock());
}

}  // namespace
}  // namespace lastack::test
