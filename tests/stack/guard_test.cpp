// The guards of FIN-WAIT-1, CLOSING, LAST-ACK and CLOSE-WAIT (tcp/guard.hpp, S-70): off, and on,
// where nothing else would end the connection. The peer here answers every probe with its shut
// window, so that no retry bounds what an application still owns (MUST-37).

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Guard : public testing::Test {
  protected:
    static stack::Config guarded() {
        stack::Config config = small_config();
        config.tcp.fin_wait1_timeout = 60s;
        config.tcp.closing_timeout = 70s;
        config.tcp.last_ack_timeout = 80s;
        config.tcp.close_wait_timeout = 90s;
        return config;
    }

    static void shut(Conversation& talk) {
        talk.open();
        talk.peer.send({.flags = "A", .seq = talk.next, .ack = talk.sent, .window = 0});
    }
    static void take_fin(Conversation& talk) {
        talk.peer.send({.flags = "FA", .seq = talk.next++, .ack = talk.sent, .window = 0});
    }
    // Time passes; what the host sends is answered with a shut window.
    static void answered(Conversation& talk, time::Duration duration) {
        const time::Instant end = talk.host.now() + duration;
        for (auto due = talk.host.stack().next_deadline(); due && *due <= end;
             due = talk.host.stack().next_deadline()) {
            talk.host.advance_to(*due);
            for (const Wire& probe : talk.host.sent()) {
                if (probe.flags.find('R') != std::string::npos) {
                    resets_.push_back(probe);
                    continue;
                }
                talk.peer.send({.flags = "A", .seq = talk.next, .ack = talk.sent, .window = 0});
            }
        }
        talk.host.advance_to(end);
        for (const Wire& rest : talk.host.sent()) {
            if (rest.flags.find('R') != std::string::npos) resets_.push_back(rest);
        }
    }
    static void expect_end(Conversation& talk, time::Duration limit, const char* state,
                           Counter hits, bool reset) {
        resets_.clear();
        answered(talk, limit - 1ms);
        EXPECT_EQ(talk.state(), state);
        EXPECT_EQ(talk.host.app().saw("closed timed_out"), false);
        answered(talk, 1ms);
        EXPECT_EQ(talk.state(), "CLOSED");
        EXPECT_EQ(talk.host.app().events.back(), "closed timed_out");
        EXPECT_EQ(talk.host.count(hits), 1U);
        EXPECT_EQ(talk.host.count(Counter::TCPAbortOnTimeout), 0U) << "it has a count of its own";
        EXPECT_EQ(resets_.size(), reset ? 1U : 0U);
        talk.expect_nothing_left();
    }

    static inline std::vector<Wire> resets_;
};

TEST_F(Guard, S_70_close_wait_lasts_as_long_as_the_application_wants_without_one) {
    Conversation talk;
    talk.open();
    talk.send("FA");
    talk.host.advance(std::chrono::hours(24 * 10));
    EXPECT_EQ(talk.state(), "CLOSE-WAIT");
    EXPECT_TRUE(talk.connection.valid());
    EXPECT_EQ(talk.host.count(Counter::CloseWaitTimeout), 0U);
}

TEST_F(Guard, S_70_close_wait_ends_at_its_guard_with_a_reset) {
    Conversation talk(guarded());
    talk.open();
    talk.send("FA");
    talk.host.sent();
    talk.host.advance_to_tick();
    expect_end(talk, 90s, "CLOSE-WAIT", Counter::CloseWaitTimeout, true);
    EXPECT_EQ(talk.host.count(Counter::EstabResets), 1U);
    EXPECT_FALSE(talk.connection.valid());
}

TEST_F(Guard, S_70_closing_in_time_stops_the_guard_of_close_wait) {
    Conversation talk(guarded());
    talk.open();
    talk.send("FA");
    talk.host.advance(89s);
    talk.connection.close();
    talk.host.turn();
    talk.peer.send({.flags = "A", .seq = talk.next, .ack = talk.sent + 1});
    EXPECT_EQ(talk.host.app().events.back(), "closed orderly");
    talk.host.advance(90s);
    EXPECT_EQ(talk.host.count(Counter::CloseWaitTimeout), 0U);
    talk.expect_nothing_left();
}

TEST_F(Guard, D_21_fin_wait_1_behind_a_shut_window_has_no_end_without_a_guard) {
    Conversation talk;
    shut(talk);
    talk.connection.shutdown_write();
    talk.host.turn();
    answered(talk, std::chrono::hours(24));
    EXPECT_EQ(talk.state(), "FIN-WAIT-1");
}

TEST_F(Guard, D_21_fin_wait_1_ends_at_its_guard_with_a_reset) {
    Conversation talk(guarded());
    shut(talk);
    talk.host.advance_to_tick();
    talk.connection.shutdown_write();
    talk.host.turn();
    expect_end(talk, 60s, "FIN-WAIT-1", Counter::FinWait1Timeout, true);
}

TEST_F(Guard, D_21_closing_ends_at_its_guard_in_silence) {
    Conversation talk(guarded());
    shut(talk);
    talk.connection.shutdown_write();
    talk.host.turn();
    answered(talk, 10s);
    talk.host.advance_to_tick();
    take_fin(talk);
    talk.host.sent();
    expect_end(talk, 70s, "CLOSING", Counter::ClosingTimeout, false);
}

TEST_F(Guard, D_21_last_ack_ends_at_its_guard_in_silence) {
    Conversation talk(guarded());
    shut(talk);
    take_fin(talk);
    answered(talk, 10s);
    talk.host.advance_to_tick();
    talk.connection.shutdown_write();
    talk.host.turn();
    expect_end(talk, 80s, "LAST-ACK", Counter::LastAckTimeout, false);
}

TEST_F(Guard, D_1_fin_wait_2_with_an_owner_has_none) {
    Conversation talk(guarded());
    talk.open();
    talk.connection.shutdown_write();
    talk.host.turn();
    talk.peer.send({.flags = "A", .seq = talk.next, .ack = talk.sent + 1});
    ASSERT_EQ(talk.state(), "FIN-WAIT-2");
    talk.host.advance(std::chrono::hours(24));
    EXPECT_EQ(talk.state(), "FIN-WAIT-2");
    EXPECT_EQ(talk.host.count(Counter::FinWait1Timeout), 0U);
}

// B-11: a close in SYN-RECEIVED whose text goes first reaches FIN-WAIT-1 at the ACK of the SYN.
TEST_F(Guard, D_21_a_close_that_was_deferred_starts_the_guard_too) {
    Conversation talk(guarded());
    talk.connect();
    talk.peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
    ASSERT_EQ(talk.state(), "SYN-RECEIVED");
    talk.connection.send(as_bytes("text"));
    talk.connection.shutdown_write();
    talk.host.turn();
    talk.peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .window = 0});
    ASSERT_EQ(talk.state(), "FIN-WAIT-1");
    answered(talk, 61s);
    EXPECT_EQ(talk.host.count(Counter::FinWait1Timeout), 1U);
}

}  // namespace
}  // namespace lastack::test
