// ABORT where a compact record is all that is left, and what a stack at rest still has armed.

#include <algorithm>

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Abort : public testing::Test, public Conversation {
  protected:
    std::uint32_t armed_timers() {
        const auto uses = host.stack().memory();
        const auto row =
            std::ranges::find(uses, std::string_view("armed timer"),
                              [](const auto& use) { return std::string_view(use.name); });
        return row == uses.end() ? 999U : row->in_use;
    }
    void reach_time_wait_with_text_unread() {
        host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
        open();
        connection.shutdown_write();
        host.turn();
        sent += 1;
        send("FA", "unread");
        host.sent();
        ASSERT_EQ(state(), "TIME-WAIT");
        ASSERT_EQ(connection.state(), "TIME-WAIT");
    }
};

TEST_F(Abort, TW_A03_deletes_the_record_and_sends_no_reset) {
    reach_time_wait_with_text_unread();
    connection.abort();
    host.turn();
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_EQ(host.count(Counter::TimeWaitAborted), 1U);
    EXPECT_TRUE(host.app().saw("closed orderly"));
    expect_nothing_left();
}

TEST_F(Abort, D_13_a_reset_lies_within_a_window_that_the_peer_has_shrunk) {
    open();
    const std::uint32_t una = sent;
    say(100);
    host.sent();
    peer.send({.flags = "A", .seq = next, .ack = una, .window = 40});
    ASSERT_TRUE(connection.set_option(Option::linger_ms, 0));
    connection.close();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"RA", una + 39, next}}));
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(Abort, D_13_a_reset_is_exact_for_a_window_that_the_peer_has_shut) {
    open();
    const std::uint32_t una = sent;
    say(100);
    host.sent();
    peer.send({.flags = "A", .seq = next, .ack = una + 60, .window = 0});
    connection.abort();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"RA", una + 60, next}}));
}

// RFC 7323 2.4: the window field rounds down, and the edge seems to move left by less than 128.
TEST_F(Abort, D_13_a_reset_is_at_SND_NXT_where_a_window_was_only_rounded) {
    open({.mss = 1'460, .window_scale = 7}, 1);
    const std::uint32_t una = sent;
    say(128);
    host.sent();
    peer.send({.flags = "A", .seq = next, .ack = una + 1, .window = 0});
    connection.abort();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"RA", una + 128, next}}));
}

TEST_F(Abort, TW_A01_close_only_detaches_the_handle) {
    reach_time_wait_with_text_unread();
    connection.close();
    host.turn();
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(state(), "TIME-WAIT");
}

TEST_F(Abort, TW_A03_leaves_a_later_incarnation_alone) {
    reach_time_wait_with_text_unread();
    peer.send({.flags = "S", .seq = 900'000});
    const auto answer = host.sent();
    ASSERT_EQ(answer.size(), 1U);
    peer.send({.flags = "A", .seq = 900'001, .ack = answer[0].seq + 1});
    ASSERT_EQ(state(), "ESTABLISHED");
    EXPECT_EQ(connection.state(), "CLOSED");
    connection.abort();
    host.turn();
    EXPECT_EQ(state(), "ESTABLISHED");
}

TEST_F(Abort, FW2_A03_resets_the_compact_record_that_close_has_just_made) {
    open();
    connection.shutdown_write();
    host.turn();
    sent += 1;
    send("A");
    ASSERT_EQ(state(), "FIN-WAIT-2");
    host.sent();
    connection.close();
    connection.abort();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"RA", sent, next}}));
    EXPECT_EQ(state(), "CLOSED");
    expect_nothing_left();
}

TEST_F(Abort, FW2_A03_D_27_at_the_process_end_orphans_in_fin_wait_2_are_reset_too) {
    open();
    connection.close();
    host.turn();
    sent += 1;
    send("A");
    ASSERT_EQ(state(), "FIN-WAIT-2");
    host.sent();
    host.stack().abort_all();
    host.turn();
    EXPECT_EQ(host.sent(), (Trace{{"RA", sent, next}}));
    EXPECT_TRUE(host.stack().quiescent());
}

TEST_F(Abort, J_4_children_of_a_listener_that_goes_are_failed_attempts) {
    listen();
    peer.send({.flags = "S", .seq = 1'000});
    host.stack().stop_listening(listener);
    EXPECT_EQ(host.count(Counter::AttemptFails), 1U);
}

TEST_F(Abort, J_4_a_return_to_time_wait_is_no_failed_attempt) {
    reach_time_wait_with_text_unread();
    peer.send({.flags = "S", .seq = 900'000});
    peer.send({.flags = "R", .seq = 900'001});
    ASSERT_EQ(state(), "TIME-WAIT");
    EXPECT_EQ(host.count(Counter::AttemptFails), 0U);
}

TEST_F(Abort, J_36_at_rest_what_is_armed_is_two_msl_and_nothing_else) {
    reach_time_wait_with_text_unread();
    connection.close();
    host.turn();
    EXPECT_TRUE(host.stack().quiescent());
    EXPECT_EQ(armed_timers(), 1U);
    host.advance(std::chrono::seconds(60));
    EXPECT_EQ(armed_timers(), 0U);
}

TEST_F(Abort, a_connection_resumed_and_closed_inside_on_data_leaves_no_work_behind) {
    open();
    host.app().at_data = [](Connection c, std::string_view text) {
        c.resume();
        c.close();
        return text.size();
    };
    send("PA", "text");
    host.turn();
    EXPECT_EQ(state(), "FIN-WAIT-1");
    EXPECT_FALSE(host.stack().has_work());
}

}  // namespace
}  // namespace lastack::test
