// Options that change while their timer runs: it follows at once (D-22, H-42); and the least RTO of
// one connection (M-9).

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class RunningTimer : public testing::Test, protected Conversation {
  protected:
    void set(Option option, std::int64_t value) {
        ASSERT_TRUE(connection.set_option(option, value));
        host.turn();
    }
    bool over() { return host.app().events.back() == "closed timed_out"; }
};

TEST_F(RunningTimer, D_22_a_user_timeout_that_is_set_late_ends_it_on_time) {
    open();
    say(10);
    host.advance(30s);  // the next retransmission is far away
    set(Option::user_timeout_ms, 35'000);
    host.advance(4'999ms);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_TRUE(over());
}

TEST_F(RunningTimer, D_22_one_that_is_over_already_ends_it_at_once) {
    open();
    say(10);
    host.advance(30s);
    set(Option::user_timeout_ms, 20'000);
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_TRUE(over());
}

TEST_F(RunningTimer, D_22_a_longer_one_undoes_the_shorter) {
    open();
    set(Option::user_timeout_ms, 4'000);
    say(10);
    host.advance(3'500ms);  // the timer is set for 4 s, and no longer for an RTO
    host.sent();
    set(Option::user_timeout_ms, 60'000);
    host.advance(1s);
    EXPECT_EQ(state(), "ESTABLISHED");
    EXPECT_EQ(host.sent(), Trace{}) << "nor is anything sent before its RTO";
    host.advance(55'499ms);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(RunningTimer, D_22_to_have_none_again_leaves_it_to_the_retries) {
    open();
    set(Option::user_timeout_ms, 4'000);
    say(10);
    host.advance(3s);
    set(Option::user_timeout_ms, 0);
    host.advance(10min);
    EXPECT_EQ(state(), "ESTABLISHED");
}

// The first probe, which comes after an RTO, begins the count.
TEST_F(RunningTimer, D_22_a_shut_window_is_no_different) {
    open();
    peer.send({.flags = "A", .seq = next, .ack = sent, .window = 0});
    ASSERT_EQ(connection.send(as_bytes("text")), 4U);
    host.turn();
    host.advance_to_tick();
    host.advance(30s);
    set(Option::user_timeout_ms, 35'000);
    host.advance(5'180ms);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(21ms);
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(RunningTimer, H_42_a_shorter_idle_time_counts_from_the_last_segment) {
    open();
    set(Option::keep_alive_idle_ms, 100'000);
    set(Option::keep_alive, 1);
    host.advance(50s);
    set(Option::keep_alive_idle_ms, 60'000);
    host.advance(9'990ms);
    EXPECT_EQ(host.count(Counter::TCPKeepAlive), 0U);
    host.advance(20ms);
    EXPECT_EQ(host.count(Counter::TCPKeepAlive), 1U);
}

TEST_F(RunningTimer, H_42_one_that_has_passed_already_probes_at_once) {
    open();
    set(Option::keep_alive_idle_ms, 100'000);
    set(Option::keep_alive, 1);
    host.advance(50s);
    set(Option::keep_alive_idle_ms, 10'000);
    host.advance(1ms);
    EXPECT_EQ(host.count(Counter::TCPKeepAlive), 1U);
}

TEST_F(RunningTimer, H_42_silence_counts_from_when_keep_alive_was_switched_on) {
    open();
    host.advance(100s);
    set(Option::keep_alive, 1);
    set(Option::keep_alive_idle_ms, 60'000);
    host.advance(59'990ms);
    EXPECT_EQ(host.count(Counter::TCPKeepAlive), 0U);
    host.advance(20ms);
    EXPECT_EQ(host.count(Counter::TCPKeepAlive), 1U);
}

TEST_F(RunningTimer, H_42_the_interval_between_two_probes_changes_with_the_next_of_them) {
    open();
    set(Option::keep_alive_idle_ms, 1'000);
    set(Option::keep_alive_interval_ms, 100'000);
    set(Option::keep_alive, 1);
    host.advance(11s);  // ten of them after the first probe
    ASSERT_EQ(host.count(Counter::TCPKeepAlive), 1U);
    set(Option::keep_alive_interval_ms, 12'000);
    host.advance(1'990ms);
    EXPECT_EQ(host.count(Counter::TCPKeepAlive), 1U);
    host.advance(20ms);
    EXPECT_EQ(host.count(Counter::TCPKeepAlive), 2U);
}

TEST_F(RunningTimer, M_9_a_connection_may_have_a_least_rto_of_its_own) {
    open();
    set(Option::rto_min_ms, 1'000);
    say(10);
    host.sent();
    host.advance(999ms);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(1ms);
    EXPECT_EQ(host.sent().size(), 1U);
}

TEST_F(RunningTimer, M_9_a_smaller_one_than_the_configured_and_back) {
    open();
    set(Option::rto_min_ms, 20);
    say(10);
    host.sent();
    host.advance(19ms);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(1ms);
    EXPECT_EQ(host.sent().size(), 1U);
    peer.send({.flags = "A", .seq = next, .ack = sent});
    set(Option::rto_min_ms, 0);
    host.advance_to_tick();
    say(10);
    host.sent();
    host.advance(199ms);
    EXPECT_EQ(host.sent(), Trace{});
}

TEST_F(RunningTimer, M_9_before_a_round_trip_it_holds_as_well) {
    connect();
    ASSERT_TRUE(connection.set_option(Option::rto_min_ms, 3'000));
    host.advance(1'001ms);  // armed before it was set
    ASSERT_EQ(host.sent().size(), 1U);
    host.advance(2'990ms);
    EXPECT_EQ(host.sent(), Trace{});
    host.advance(20ms);
    EXPECT_EQ(host.sent().size(), 1U);
}

TEST_F(RunningTimer, M_9_its_range_is_0_to_a_minute) {
    open();
    EXPECT_TRUE(connection.set_option(Option::rto_min_ms, 60'000));
    EXPECT_FALSE(connection.set_option(Option::rto_min_ms, 60'001));
    EXPECT_FALSE(connection.set_option(Option::rto_min_ms, -1));
}

TEST(RtoMin, M_9_it_is_not_above_rto_max) {
    stack::Config config = small_config();
    config.tcp.rto_max = 2s;
    Conversation talk(config);
    talk.open();
    EXPECT_TRUE(talk.connection.set_option(Option::rto_min_ms, 2'000));
    EXPECT_FALSE(talk.connection.set_option(Option::rto_min_ms, 2'001));
}

}  // namespace
}  // namespace lastack::test
