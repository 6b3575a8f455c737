// Timers that share a wait: persist and override, retransmission and user timeout, persist and
// keep-alive. Each has its own end, probed from both sides.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Waiting : public testing::Test, protected Conversation {
  protected:
    explicit Waiting(const stack::Config& config = small_config()) : Conversation(config) {}

    void ack(std::uint16_t window) {
        peer.send({.flags = "A", .seq = next, .ack = sent, .window = window});
    }
    // The application has a part of a segment to send, and the window is shut.
    void shut_with(std::size_t bytes) {
        open();
        ack(0);
        ASSERT_EQ(connection.send(as_bytes(std::string(bytes, 's'))), bytes);
        host.turn();
        ASSERT_EQ(host.sent(), Trace{});
    }
};

TEST_F(Waiting, H_29_the_override_timer_does_not_go_on_with_the_back_off_of_the_probes) {
    shut_with(1'000);
    host.advance(60s);  // the next probe is half a minute away
    host.sent();
    host.advance_to_tick();
    ack(100);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(199ms);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(1ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'001, std::string(100, 's')}}));
}

// And where the window shuts again, the first probe takes its RTO from then on.
TEST_F(Waiting, H_32_the_override_timer_does_not_become_a_probe) {
    shut_with(1'000);
    ack(100);
    host.advance(150ms);
    host.advance_to_tick();
    ack(0);
    host.advance(199ms);
    EXPECT_EQ(host.count(Counter::TCPWinProbe), 0U);
    host.advance(1ms);
    EXPECT_EQ(host.count(Counter::TCPWinProbe), 1U);
}

class WaitingLong : public Waiting {
  protected:
    static stack::Config slow() {
        auto config = small_config();
        config.tcp.rto_min = 3s;
        return config;
    }
    WaitingLong() : Waiting(slow()) {}
};

TEST_F(WaitingLong, H_29_the_override_timer_takes_a_second_at_most_whatever_the_rto) {
    shut_with(1'000);
    host.advance_to_tick();
    ack(100);
    host.advance(999ms);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(1ms);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'001, std::string(100, 's')}}));
}

TEST_F(WaitingLong, D_22_a_user_timeout_shorter_than_the_rto_is_met_on_time) {
    open();
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 700));
    say(10);
    host.advance(699ms);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.app().events.back(), "closed timed_out");
}

TEST_F(WaitingLong, D_22_also_after_progress) {
    open();
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 700));
    say(2'920);
    host.advance(500ms);
    host.advance_to_tick();
    peer.send({.flags = "A", .seq = next, .ack = 5'001 + 1'460});
    host.advance(699ms);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(WaitingLong, D_22_and_at_a_shut_window) {
    open();
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 700));
    ack(0);
    say(10);
    host.advance(699ms);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
}

// We stood still, not the peer: it has a whole RTO for its answer to the first retransmission.
TEST_F(Waiting, K_38_a_pause_of_ours_is_no_user_timeout) {
    open();
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 300));
    say(10);
    host.sent();
    const time::Instant later = host.now() + 10s;
    host.stack().expire(later, 100);
    host.stack().serve(later);
    host.stack().transmit(later);
    EXPECT_EQ(host.in_state(tcp::State::Established), 1U);
    EXPECT_EQ(host.count(Counter::RetransSegs), 1U);
    // The RTO of 200 ms, doubled; to the tick.
    host.stack().expire(later + 399ms, 100);
    EXPECT_EQ(host.in_state(tcp::State::Established), 1U);
    host.stack().expire(later + 401ms, 100);
    EXPECT_EQ(host.in_state(tcp::State::Established), 0U);
}

TEST_F(Waiting, H_43_probes_of_a_shut_window_are_no_keep_alive_probes) {
    open();
    connection.set_option(Option::keep_alive_idle_ms, 1'000);
    connection.set_option(Option::keep_alive_interval_ms, 1'000);
    connection.set_option(Option::keep_alive_count, 3);
    connection.set_option(Option::keep_alive, 1);
    ack(0);
    ASSERT_EQ(connection.send(as_bytes("text")), 4U);
    host.turn();
    host.advance(3'900ms);
    EXPECT_GE(host.count(Counter::TCPWinProbe), 3U);
    EXPECT_EQ(host.count(Counter::TCPKeepAlive), 3U);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(200ms);
    EXPECT_EQ(state(), "CLOSED");
}

// A peer that shuts and opens its window all the time, and never takes anything: neither the probes
// nor the override ever have a whole wait of one kind. Their wait counts on all the same.
class FickleWindow : public Waiting {
  protected:
    // From a shut window on: open for `open_for`, shut for `shut_for`, and so on.
    void toggle(time::Duration open_for, time::Duration shut_for, time::Duration in_all) {
        const time::Instant end = host.now() + in_all;
        while (host.now() < end && state() != "CLOSED") {
            ack_nothing(1);
            host.advance(open_for);
            ack_nothing(0);
            host.advance(shut_for);
        }
    }
    void expect_an_end_as_an_orphan() {
        for (const auto& [open_for, shut_for] : {std::pair{90ms, 190ms}, {190ms, 90ms}}) {
            SCOPED_TRACE(testing::Message() << "open for " << open_for.count() << " ms");
            toggle(open_for, shut_for, 10min);
        }
        EXPECT_EQ(state(), "CLOSED");
        EXPECT_EQ(host.count(Counter::OrphanKilled), 1U);
        expect_nothing_left();
    }

  private:
    void ack_nothing(std::uint16_t window) {
        if (state() == "CLOSED") return;
        peer.send({.flags = "A", .seq = next, .ack = 5'001, .window = window});
    }
};

TEST_F(FickleWindow, D_21_does_not_keep_an_orphan_in_fin_wait_1) {
    shut_with(1'000);
    connection.close();
    host.turn();
    ASSERT_EQ(state(), "FIN-WAIT-1");
    expect_an_end_as_an_orphan();
}

TEST_F(FickleWindow, D_21_does_not_keep_an_orphan_in_closing) {
    shut_with(1'000);
    connection.close();
    host.turn();
    send("FA", {}, 0);
    ASSERT_EQ(state(), "CLOSING");
    expect_an_end_as_an_orphan();
}

TEST_F(FickleWindow, D_21_does_not_keep_an_orphan_in_last_ack) {
    shut_with(1'000);
    send("FA", {}, 0);
    connection.close();
    host.turn();
    ASSERT_EQ(state(), "LAST-ACK");
    expect_an_end_as_an_orphan();
}

TEST_F(FickleWindow, D_22_does_not_put_off_the_user_timeout) {
    shut_with(1'000);
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 5'000));
    toggle(50ms, 50ms, 4'900ms);
    EXPECT_EQ(state(), "ESTABLISHED");
    toggle(50ms, 50ms, 400ms);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.app().events.back(), "closed timed_out");
}

TEST_F(FickleWindow, H_32_is_probed_or_used_within_twice_the_wait_of_a_probe) {
    shut_with(1'000);
    toggle(50ms, 50ms, 400ms);
    EXPECT_GE(host.count(Counter::TCPWinProbe) + host.sent().size(), 1U);
}

}  // namespace
}  // namespace lastack::test
