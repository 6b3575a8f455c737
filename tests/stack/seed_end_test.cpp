// The second half of a release (requirements A.2): from CLOSE-WAIT and FIN-WAIT-2 to TIME-WAIT and
// CLOSED, and what is left of the connection there.

#include "tests/stack/seed.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class EndOfRelease : public Release {};

// --- CLOSE-WAIT to LAST-ACK

TEST_F(EndOfRelease, S_25_S_27_S_67_close_leads_from_close_wait_to_last_ack_by_the_call_itself) {
    reach_close_wait();
    connection.close();
    EXPECT_EQ(state(), "LAST-ACK");
    EXPECT_EQ(host.sent(), Trace{});
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'002}}));
}

TEST_F(EndOfRelease, S_25_S_27_S_67_and_so_does_shutting_the_direction_alone) {
    reach_close_wait();
    connection.shutdown_write();
    EXPECT_EQ(state(), "LAST-ACK");
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'002}}));
}

TEST_F(EndOfRelease, S_25_the_fin_is_queued_behind_every_send_before_it) {
    open({.mss = 1'460}, 0);
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'001, .window = 0});
    next = 1'002;
    host.sent();
    queue(2'000);
    queue(500);
    connection.close();
    host.turn();
    EXPECT_EQ(state(), "LAST-ACK");
    EXPECT_EQ(host.sent(), Trace{}) << "the window is shut for text and FIN alike";
    acknowledge(5'001, 65'535);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'002, std::string(1'460, 's')},
                                  {"FPA", 6'461, 1'002, std::string(1'040, 's')}}));
}

TEST_F(EndOfRelease, S_51_last_ack_takes_no_new_text_and_sends_the_old_again) {
    reach_close_wait();
    queue(100);
    finish();
    ASSERT_EQ(host.sent(), (Trace{{"FPA", 5'001, 1'002, std::string(100, 's')}}));
    ASSERT_EQ(state(), "LAST-ACK");
    EXPECT_EQ(connection.send_room(), 0U);
    EXPECT_EQ(connection.send(as_bytes("more")), 0U);
    host.advance(210ms);
    EXPECT_EQ(host.sent(), (Trace{{"FPA", 5'001, 1'002, std::string(100, 's')}}));
    host.advance(420ms);
    EXPECT_EQ(host.sent(), (Trace{{"FPA", 5'001, 1'002, std::string(100, 's')}}));
}

// --- LAST-ACK to CLOSED

TEST_F(EndOfRelease, S_57_S_67_last_ack_ends_with_the_ack_of_the_fin_and_not_with_one_of_its_text) {
    reach_close_wait();
    queue(100);
    finish();
    host.sent();
    acknowledge(5'101);
    EXPECT_EQ(state(), "LAST-ACK") << "w = 5101 itself is not acknowledged";
    acknowledge(5'102);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.in_state(tcp::State::TimeWait), 0U);
    connection.close();
    host.turn();
    expect_nothing_left();
}

TEST_F(EndOfRelease, S_58_the_application_hears_of_the_end_when_its_fin_is_acknowledged) {
    reach_close_wait();
    connection.close();
    host.turn();
    ASSERT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'002}}));
    host.advance(300ms);
    EXPECT_FALSE(host.app().saw("closed orderly")) << "sent, and sent again, is not the end";
    acknowledge(5'002);
    EXPECT_EQ(host.app().events.back(), "closed orderly");
}

// --- FIN-WAIT-2 to TIME-WAIT

TEST_F(EndOfRelease, S_31_S_52_S_72_the_last_ack_and_time_wait_come_with_the_peers_fin) {
    reach_fin_wait_2();
    send("FA");
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'002, 1'002}})) << "in the same turn";
}

TEST_F(EndOfRelease, S_52_S_72_neither_comes_before_the_fin) {
    reach_fin_wait_2();
    send("A", "text");
    host.advance(10min);
    EXPECT_EQ(state(), "FIN-WAIT-2");
    peer.send({.flags = "FA", .seq = next + 10, .ack = sent});
    EXPECT_EQ(state(), "FIN-WAIT-2") << "ten bytes are missing ahead of this one";
}

TEST_F(EndOfRelease, S_31_S_72_without_memory_for_the_last_ack_a_repeated_fin_brings_it) {
    reach_fin_wait_2();
    host.shell().limit(0);
    host.shell().lose(true);
    const Wire fin{.flags = "FA", .seq = 1'001, .ack = 5'002};
    peer.send(fin);
    EXPECT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.sent(), Trace{}) << "lost on its way to the port";
    host.shell().lose(false);
    peer.send(fin);
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'002, 1'002}}));
}

// A delayed ACK and keep-alive are armed when the FIN comes.
TEST_F(EndOfRelease, S_56_B_8_time_wait_starts_2msl_and_stops_every_other_timer_in_the_same_step) {
    reach_fin_wait_2();
    ASSERT_TRUE(connection.set_option(Option::keep_alive_idle_ms, 10'000));
    ASSERT_TRUE(connection.set_option(Option::keep_alive, 1));
    send("A", "text");
    host.advance_to_tick();
    send("FA");
    host.sent();
    EXPECT_EQ(armed_timers(), 1U);
    host.advance(60s - 1ms);
    EXPECT_EQ(host.sent(), Trace{}) << "no delayed ACK, no keep-alive, no FIN";
    EXPECT_EQ(state(), "TIME-WAIT");
    host.advance(1ms);
    EXPECT_EQ(state(), "CLOSED");
}

// The FIN of CLOSING is being retransmitted when its ACK comes.
TEST_F(EndOfRelease, S_56_B_8_from_closing_too_the_retransmission_timer_stops) {
    reach_fin_wait_1();
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'001});
    ASSERT_EQ(state(), "CLOSING");
    host.sent();
    host.advance_to_tick();
    peer.send({.flags = "A", .seq = 1'002, .ack = 5'002});
    ASSERT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(armed_timers(), 1U);
    host.advance(59s);
    EXPECT_EQ(host.sent(), Trace{});
}

TEST_F(EndOfRelease, B_8_closed_has_no_timer_left) {
    open();
    ASSERT_TRUE(connection.set_option(Option::keep_alive_idle_ms, 10'000));
    ASSERT_TRUE(connection.set_option(Option::keep_alive, 1));
    say(10);
    send("A", "text");
    ASSERT_EQ(armed_timers(), 1U) << "one of the wheel's for all of a connection's";
    peer.send({.flags = "R", .seq = next});
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(armed_timers(), 0U);
    host.sent();
    host.advance(1min);
    EXPECT_EQ(host.sent(), Trace{});
}

// --- TIME-WAIT to CLOSED

TEST_F(EndOfRelease, S_59_after_2msl_the_record_has_gone_and_the_tuple_is_free) {
    reach_time_wait();
    connection.close();
    host.turn();
    EXPECT_EQ(in_use("time-wait"), 1U);
    EXPECT_EQ(host.in_state(tcp::State::TimeWait), 1U);
    host.advance(60s);
    EXPECT_EQ(in_use("time-wait"), 0U);
    EXPECT_EQ(host.in_state(tcp::State::TimeWait), 0U);
    EXPECT_EQ(armed_timers(), 0U);
    // A SYN that TIME-WAIT would have refused: below everything that was received.
    peer.send({.flags = "S", .seq = 500, .options = {.mss = 1'460}});
    EXPECT_EQ(state(), "SYN-RECEIVED");
    EXPECT_EQ(host.count(Counter::TimeWaitReopened), 0U);
}

TEST(MaximumSegmentLifetime, S_37_can_be_set_to_the_rfcs_two_minutes_and_is_half_a_minute_unless) {
    EXPECT_EQ(TcpOptions{}.msl, 30s) << "what docs/teardown.md says";
    for (const auto msl : {1'000ms, 30'000ms, 120'000ms}) {
        SCOPED_TRACE(msl.count());
        stack::Config config = small_config();
        config.tcp.msl = msl;
        Conversation it(config);
        it.open();
        it.connection.shutdown_write();
        it.host.turn();
        it.sent += 1;
        it.host.advance_to_tick();
        it.send("FA");
        it.host.advance(2 * msl - 1ms);
        EXPECT_EQ(it.state(), "TIME-WAIT");
        it.host.advance(1ms);
        EXPECT_EQ(it.state(), "CLOSED");
    }
}

}  // namespace
}  // namespace lastack::test
