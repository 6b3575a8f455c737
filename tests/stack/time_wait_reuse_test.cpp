// connect() over a tuple in TIME-WAIT (S-85, C-24 to C-28).

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

stack::Config with(TimeWaitReuse reuse, bool bound_port = false) {
    stack::Config config = small_config();
    config.tcp.tw_reuse = reuse;
    config.tcp.tw_reuse_bound_port = bound_port;
    return config;
}

// The peer's clock runs beside the host's; its TSval at the start is this.
constexpr std::uint32_t kPeerClock = 700'000;

class Reuse {
  public:
    explicit Reuse(const stack::Config& config) : host(config) {}

    Host host;
    Peer peer{host, 9'000, 40'000};
    std::uint32_t iss = 0;

    ConnectResult connect() {
        return host.stack().connect({Address::ipv4(kPeerAddress.value), 9'000}, host.app(),
                                    {.local = {Address{}, 40'000}});
    }

    wire::TcpOptions stamped(std::uint32_t value) const {
        return {.timestamps = wire::Timestamps{value, 0}};
    }

    /// A whole life from SYN-SENT to TIME-WAIT; the host's next number is iss + 2.
    void live_and_die(bool timestamps = true) {
        ASSERT_TRUE(connect());
        host.turn();
        iss = host.sent().at(0).seq;
        wire::TcpOptions options{.mss = 1'460};
        if (timestamps) options.timestamps = wire::Timestamps{kPeerClock, 0};
        peer.send({.flags = "SA", .seq = 1'000, .ack = iss + 1, .options = options});
        host.app().last.close();
        host.turn();
        const wire::TcpOptions later = timestamps ? stamped(kPeerClock + 1) : wire::TcpOptions{};
        peer.send({.flags = "FA", .seq = 1'001, .ack = iss + 2, .options = later});
        ASSERT_EQ(host.state(40'000, 9'000), "TIME-WAIT");
        host.sent();
        host.advance_to_tick();
    }
};

TEST(TimeWaitReuseTest, S_85_C_25_not_before_the_delay_has_passed_and_right_after_it) {
    Reuse reuse(with(TimeWaitReuse::any));
    reuse.live_and_die();
    reuse.host.advance(1'000ms);
    EXPECT_EQ(reuse.connect().error, Error::address_in_use);
    reuse.host.advance(16ms);  // an age is kept in units of 8 ms, and never taken for more
    ASSERT_TRUE(reuse.connect());
    EXPECT_EQ(reuse.host.count(Counter::TWRecycled), 1U);
    EXPECT_EQ(reuse.host.in_state(tcp::State::TimeWait), 0U);
    EXPECT_EQ(reuse.host.state(40'000, 9'000), "SYN-SENT");
}

TEST(TimeWaitReuseTest, C_26_begins_beyond_the_old_numbers_and_offers_timestamps) {
    Reuse reuse(with(TimeWaitReuse::any));
    reuse.live_and_die();
    reuse.host.advance(2s);
    ASSERT_TRUE(reuse.connect());
    reuse.host.turn();
    const auto sent = reuse.host.sent();
    ASSERT_EQ(sent, (Trace{{"S", reuse.iss + 2 + 65'537, 0}}));
    ASSERT_TRUE(sent[0].options.timestamps);
    EXPECT_EQ(sent[0].options.timestamps->echo_reply, 0U);
}

TEST(TimeWaitReuseTest, C_26_M_21_a_first_number_of_0_becomes_1_as_in_linux) {
    Reuse reuse(with(TimeWaitReuse::any));
    reuse.host.wait_for_isn(40'000, 9'000, 0U - 2 - 65'537);
    reuse.live_and_die();
    reuse.host.advance(2s);
    ASSERT_TRUE(reuse.connect());
    reuse.host.turn();
    EXPECT_EQ(reuse.host.sent(), (Trace{{"S", 1, 0}}));
}

TEST(TimeWaitReuseTest, C_26_an_old_SYN_ACK_fails_PAWS_and_a_new_one_does_not) {
    Reuse reuse(with(TimeWaitReuse::any));
    reuse.live_and_die();
    reuse.host.advance(2s);
    ASSERT_TRUE(reuse.connect());
    reuse.host.turn();
    const std::uint32_t first = reuse.host.sent().at(0).seq;
    wire::TcpOptions options{.mss = 1'460};
    options.timestamps = wire::Timestamps{kPeerClock, 0};
    reuse.peer.send({.flags = "SA", .seq = 5'000, .ack = first + 1, .options = options});
    EXPECT_EQ(reuse.host.state(40'000, 9'000), "SYN-SENT");
    EXPECT_EQ(reuse.host.count(Counter::PAWSActive), 1U);
    options.timestamps = wire::Timestamps{kPeerClock + 1, 0};
    reuse.peer.send({.flags = "SA", .seq = 5'000, .ack = first + 1, .options = options});
    EXPECT_EQ(reuse.host.state(40'000, 9'000), "ESTABLISHED");
}

TEST(TimeWaitReuseTest, S_85_C_25_needs_timestamps_on_the_old_connection) {
    Reuse reuse(with(TimeWaitReuse::any, true));
    reuse.live_and_die(false);
    reuse.host.advance(30s);
    EXPECT_EQ(reuse.connect().error, Error::address_in_use);
}

TEST(TimeWaitReuseTest, C_25_the_FIN_WAIT_2_of_an_orphan_is_not_reused) {
    Reuse reuse(with(TimeWaitReuse::any, true));
    ASSERT_TRUE(reuse.connect());
    reuse.host.turn();
    const std::uint32_t iss = reuse.host.sent().at(0).seq;
    wire::TcpOptions options{.mss = 1'460};
    options.timestamps = wire::Timestamps{kPeerClock, 0};
    reuse.peer.send({.flags = "SA", .seq = 1'000, .ack = iss + 1, .options = options});
    reuse.host.app().last.close();
    reuse.host.turn();
    reuse.peer.send(
        {.flags = "A", .seq = 1'001, .ack = iss + 2, .options = reuse.stamped(kPeerClock + 1)});
    ASSERT_EQ(reuse.host.state(40'000, 9'000), "FIN-WAIT-2");
    reuse.host.advance(5s);
    EXPECT_EQ(reuse.connect().error, Error::address_in_use);
}

TEST(TimeWaitReuseTest, C_24_M_21_never_and_loopback_only_refuse_it) {
    for (const TimeWaitReuse policy : {TimeWaitReuse::never, TimeWaitReuse::loopback}) {
        Reuse reuse(with(policy));
        reuse.live_and_die();
        reuse.host.advance(5s);
        EXPECT_EQ(reuse.connect().error, Error::address_in_use);
        EXPECT_EQ(reuse.host.count(Counter::TWRecycled), 0U);
    }
}

TEST(TimeWaitReuseTest, C_28_a_bound_port_takes_it_as_in_Linux_where_that_is_asked_for) {
    Reuse reuse(with(TimeWaitReuse::never, true));
    reuse.live_and_die();
    EXPECT_TRUE(reuse.connect());
}

TEST(TimeWaitReuseTest, S_75_a_port_in_time_wait_is_taken_for_its_remote_and_free_for_others) {
    stack::Config config = with(TimeWaitReuse::never);
    config.tcp.port_first = config.tcp.port_last = 40'000;
    Reuse reuse(config);
    reuse.live_and_die();
    const auto connect_to = [&](std::uint16_t port) {
        return reuse.host.stack().connect({Address::ipv4(kPeerAddress.value), port},
                                          reuse.host.app(), {});
    };
    EXPECT_EQ(connect_to(9'000).error, Error::no_free_port);
    EXPECT_TRUE(connect_to(9'001));
}

TEST(TimeWaitReuseTest, C_24_a_chosen_port_may_be_one_in_time_wait) {
    stack::Config config = with(TimeWaitReuse::any);
    config.tcp.port_first = config.tcp.port_last = 40'000;
    Reuse reuse(config);
    reuse.live_and_die();
    reuse.host.advance(2s);
    EXPECT_TRUE(reuse.host.stack().connect({Address::ipv4(kPeerAddress.value), 9'000},
                                           reuse.host.app(), {}));
    EXPECT_EQ(reuse.host.count(Counter::TWRecycled), 1U);
}

// The peer's last ACK was lost, so it is still in LAST-ACK when our SYN comes.
TEST(TimeWaitReuseTest, C_27_K_25_a_peer_in_last_ack_is_reset_and_the_next_SYN_connects) {
    Reuse reuse(with(TimeWaitReuse::any));
    reuse.live_and_die();
    reuse.host.advance(2s);
    ASSERT_TRUE(reuse.connect());
    reuse.host.turn();
    const std::uint32_t first = reuse.host.sent().at(0).seq;
    reuse.peer.send({.flags = "A",
                     .seq = 1'002,
                     .ack = reuse.iss + 1,
                     .options = reuse.stamped(kPeerClock + 2'000)});
    EXPECT_EQ(reuse.host.sent(), (Trace{{"R", reuse.iss + 1, 0}}));
    reuse.host.advance(1s);
    EXPECT_EQ(reuse.host.sent(), (Trace{{"S", first, 0}}));
    wire::TcpOptions options{.mss = 1'460};
    options.timestamps = wire::Timestamps{kPeerClock + 3'000, 0};
    reuse.peer.send({.flags = "SA", .seq = 8'000, .ack = first + 1, .options = options});
    EXPECT_EQ(reuse.host.state(40'000, 9'000), "ESTABLISHED");
}

}  // namespace
}  // namespace lastack::test
