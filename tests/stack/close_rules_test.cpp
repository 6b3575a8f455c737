// Rules of the release that cut across states: the shut window (B-4), what a FIN delivers (B-5),
// timers (B-8), close() against shutdown_write() (B-9, D-12, D-15), memory (D-25), probes (H-44).

#include <cerrno>

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;
using Events = std::vector<std::string>;

class CloseRules : public testing::Test {
  protected:
    stack::Config config_ = small_config();
    std::optional<Conversation> talk_;

    Conversation& talk() {
        if (!talk_) talk_.emplace(config_);
        return *talk_;
    }
    Host& host() { return talk().host; }
    Recorder& app() { return host().app(); }

    void hold() {
        app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    }
    void shut() {
        talk().connection.shutdown_write();
        host().turn();
        talk().sent += 1;
    }
    // The states behind a handshake, by their names; the host's FIN is at sent - 1.
    void reach(std::string_view state) {
        talk_.reset();
        talk().open();
        if (state == "CLOSE-WAIT" || state == "LAST-ACK") talk().send("FA");
        if (state != "ESTABLISHED" && state != "CLOSE-WAIT") shut();
        if (state == "FIN-WAIT-2" || state == "TIME-WAIT") talk().send("A");
        if (state == "TIME-WAIT") talk().send("FA");
        if (state == "CLOSING") {
            talk().peer.send({.flags = "FA", .seq = talk().next, .ack = talk().sent - 1});
            talk().next += 1;
        }
        ASSERT_EQ(talk().state(), state);
        host().advance(1s - 1ms);  // E-9's interval is over, and nothing is due (CLOSING aside)
        host().sent();
    }
    // 2048 bytes fill the window, and nobody reads them.
    void shut_the_window() {
        config_.tcp.receive_buffer = 2'048;
        hold();
        talk().open();
        talk().send("A", std::string(2'048, 'x'));
        host().advance(50ms);
        const Trace out = host().sent();
        ASSERT_FALSE(out.empty());
        ASSERT_EQ(out.back().window, 0U);
    }
    std::uint32_t armed_timers() {
        for (const auto& use : host().stack().memory()) {
            if (std::string_view(use.name) == "armed timer") return use.in_use;
        }
        return 999;
    }
};

// --- B-4

TEST_F(CloseRules, B_4_a_shut_window_still_takes_acks) {
    shut_the_window();
    talk().say(10);
    host().sent();
    talk().send("A");
    host().advance(1s);
    EXPECT_EQ(host().sent(), Trace{}) << "acknowledged: nothing is sent again";
}

TEST_F(CloseRules, B_4_the_ack_counts_even_on_text_that_there_is_no_room_for) {
    shut_the_window();
    talk().say(10);
    host().sent();
    talk().peer.send({.flags = "A", .seq = talk().next, .ack = talk().sent, .text = "!"});
    EXPECT_EQ(host().sent(), (Trace{{"A", talk().sent, talk().next}})) << "a probe is answered";
    host().advance(1s);
    EXPECT_EQ(host().sent(), Trace{});
}

TEST_F(CloseRules, B_4_and_a_reset) {
    shut_the_window();
    talk().peer.send({.flags = "R", .seq = talk().next});
    EXPECT_EQ(talk().state(), "CLOSED");
}

TEST_F(CloseRules, B_4_and_a_bare_fin) {
    shut_the_window();
    talk().send("FA");
    EXPECT_EQ(talk().state(), "CLOSE-WAIT");
    EXPECT_EQ(host().sent(), (Trace{{"A", talk().sent, talk().next}}));
}

// --- B-5

TEST_F(CloseRules, B_5_a_fin_pushes_what_was_buffered_and_the_text_comes_first) {
    talk().open();
    host().receive(std::vector{
        talk().peer.frame({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "no push"}),
        talk().peer.frame({.flags = "FA", .seq = 1'008, .ack = 5'001})});
    EXPECT_EQ(app().received, "no push");
    EXPECT_EQ(app().events, (Events{"open", "data 7", "peer closed"}));
}

TEST_F(CloseRules, B_5_text_beyond_a_gap_ahead_of_the_fin_comes_first_too) {
    talk().open();
    talk().peer.send({.flags = "FA", .seq = 1'005, .ack = 5'001, .text = "tail"});
    EXPECT_EQ(app().events, Events{"open"});
    talk().peer.send({.flags = "A", .seq = 1'001, .ack = 5'001, .text = "head"});
    EXPECT_EQ(app().received, "headtail");
    EXPECT_EQ(app().events.back(), "peer closed");
}

TEST_F(CloseRules, B_5_the_end_of_file_waits_for_bytes_that_were_left_unread) {
    hold();
    talk().open();
    talk().send("PA", "unread");
    talk().send("FA");
    EXPECT_EQ(talk().state(), "CLOSE-WAIT");
    EXPECT_FALSE(app().saw("peer closed"));
    app().at_data = nullptr;
    talk().connection.resume();
    host().turn();
    EXPECT_EQ(app().received, "unread");
    EXPECT_EQ(app().events.back(), "peer closed");
}

// --- B-8

TEST_F(CloseRules, B_8_time_wait_has_two_msl_and_no_other_timer) {
    talk().open();
    ASSERT_TRUE(talk().connection.set_option(Option::keep_alive, 1));
    talk().say(10);  // retransmission
    shut();
    talk().send("PA", "delayed");  // the delayed ACK; and all is acknowledged
    talk().send("FA");
    ASSERT_EQ(talk().state(), "TIME-WAIT");
    EXPECT_EQ(armed_timers(), 1U);
    host().advance(59s);
    EXPECT_EQ(host().sent().size(), 1U) << "the last ACK, and nothing after it";
    EXPECT_EQ(host().count(Counter::StaleTimer), 0U);
}

TEST_F(CloseRules, B_8_closed_has_none) {
    talk().open();
    ASSERT_TRUE(talk().connection.set_option(Option::keep_alive, 1));
    talk().say(10);
    ASSERT_EQ(armed_timers(), 1U);
    talk().peer.send({.flags = "R", .seq = talk().next});
    ASSERT_EQ(talk().state(), "CLOSED");
    EXPECT_EQ(armed_timers(), 0U);
    host().advance(3h);
    EXPECT_EQ(host().count(Counter::StaleTimer), 0U);
}

TEST_F(CloseRules, B_8_nor_has_the_end_of_last_ack) {
    talk().open();
    talk().send("FA");
    shut();
    ASSERT_EQ(armed_timers(), 1U);
    talk().send("A");
    ASSERT_EQ(talk().state(), "CLOSED");
    EXPECT_EQ(armed_timers(), 0U);
}

// --- B-9

TEST_F(CloseRules, B_9_shut_wr_keeps_receiving) {
    talk().open();
    shut();
    talk().send("A");
    talk().send("PA", "still read");
    EXPECT_EQ(talk().state(), "FIN-WAIT-2");
    EXPECT_EQ(app().received, "still read");
}

TEST_F(CloseRules, B_9_after_close_data_is_an_abort_condition) {
    talk().open();
    talk().connection.close();
    host().turn();
    host().sent();
    talk().sent += 1;
    talk().send("A");
    ASSERT_EQ(talk().state(), "FIN-WAIT-2");
    talk().peer.send({.flags = "PA", .seq = talk().next, .ack = talk().sent, .text = "unheard"});
    const Trace out = host().sent();
    ASSERT_EQ(out.size(), 1U);
    EXPECT_NE(out[0].flags.find('R'), std::string::npos);
    EXPECT_EQ(talk().state(), "CLOSED");
}

// --- D-12, D-15, D-25

TEST_F(CloseRules, D_12_close_returns_at_once_and_text_and_fin_follow_in_the_background) {
    talk().open({.mss = 1'460}, 1'460);
    ASSERT_EQ(talk().connection.send(as_bytes(std::string(2'920, 's'))), 2'920U);
    talk().connection.close();
    EXPECT_EQ(talk().state(), "FIN-WAIT-1") << "nothing has left yet";
    host().turn();
    EXPECT_EQ(host().sent(), (Trace{{"A", 5'001, 1'001, std::string(1'460, 's')}}));
    talk().peer.send({.flags = "A", .seq = 1'001, .ack = 6'461});
    EXPECT_EQ(host().sent(), (Trace{{"FPA", 6'461, 1'001, std::string(1'460, 's')}}));
    talk().peer.send({.flags = "FA", .seq = 1'001, .ack = 7'922});
    EXPECT_EQ(talk().state(), "TIME-WAIT");
    EXPECT_EQ(app().events.back(), "closed orderly");
}

// docs/teardown.md, "What linger 0 costs": our text is lost on both sides of the wire.
TEST_F(CloseRules, D_15_linger_0_drops_what_had_not_left) {
    talk().open({.mss = 1'460}, 1'460);
    ASSERT_EQ(talk().connection.send(as_bytes(std::string(2'920, 's'))), 2'920U);
    host().turn();
    host().sent();
    ASSERT_TRUE(talk().connection.set_option(Option::linger_ms, 0));
    talk().connection.close();
    host().turn();
    EXPECT_EQ(host().sent(), (Trace{{"RA", 6'461, 1'001}}));
    host().advance(10s);
    EXPECT_EQ(host().sent(), Trace{});
    talk().expect_nothing_left();
}

TEST_F(CloseRules, D_15_and_the_peer_that_has_not_read_yet_sees_econnreset) {
    config_.tcp.reset_unread = ResetUnread::flush;  // the peer that loses most: RFC 9293's
    hold();
    talk().open();
    talk().send("PA", "acknowledged, unread");
    int error = 0;
    app().at_closed = [&](Connection c, CloseReason) { error = c.take_error(); };
    app().at_data = nullptr;
    talk().peer.send({.flags = "RA", .seq = talk().next, .ack = talk().sent});
    EXPECT_EQ(error, ECONNRESET);
    EXPECT_EQ(app().received, "");
}

TEST_F(CloseRules, D_25_without_a_buffer_and_without_a_piece_the_fin_is_sent_all_the_same) {
    config_.max_pieces = 4;
    talk().open();
    for (int i = 0; i < 8; ++i) talk().connection.send(as_bytes("x"));
    host().shell().limit(0);
    ASSERT_EQ(talk().connection.send(as_bytes("x")), 0U) << "not a piece is left";
    talk().connection.close();
    host().turn();
    host().advance(1s);
    host().shell().limit(SIZE_MAX);
    host().sent();
    host().advance(10s);
    const Trace out = host().sent();
    ASSERT_FALSE(out.empty());
    EXPECT_NE(out.back().flags.find('F'), std::string::npos);
    talk().peer.send({.flags = "A", .seq = 1'001, .ack = out.back().seq + out.back().len()});
    EXPECT_EQ(talk().state(), "FIN-WAIT-2");
}

TEST_F(CloseRules, D_25_a_bare_fin_needs_no_memory_at_all) {
    talk().open();
    host().shell().limit(0);
    talk().connection.close();
    host().turn();
    EXPECT_EQ(host().sent(), (Trace{{"FA", 5'001, 1'001}}));
}

// --- H-44

TEST_F(CloseRules, H_44_a_keep_alive_probe_is_answered_in_every_synchronized_state) {
    for (const char* state : {"ESTABLISHED", "CLOSE-WAIT", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSING",
                              "LAST-ACK", "TIME-WAIT"}) {
        reach(state);
        app().events.clear();
        const std::uint32_t ack = talk().sent - (std::string_view(state) == "CLOSING" ? 1 : 0);
        const Trace answer{{"A", talk().sent, talk().next}};
        talk().peer.send({.flags = "A", .seq = talk().next - 1, .ack = ack});
        EXPECT_EQ(host().sent(), answer) << state << ", without text";
        talk().peer.send({.flags = "A", .seq = talk().next - 1, .ack = ack, .text = "?"});
        EXPECT_EQ(host().sent(), answer) << state << ", with its byte";
        EXPECT_EQ(app().events, Events{}) << state;
        EXPECT_EQ(talk().state(), state);
    }
}

TEST_F(CloseRules, H_44_E_9_probes_without_text_are_answered_once_in_500_ms) {
    reach("ESTABLISHED");
    const auto probe = [&] {
        talk().peer.send({.flags = "A", .seq = talk().next - 1, .ack = talk().sent});
        return host().sent().size();
    };
    EXPECT_EQ(probe(), 1U);
    EXPECT_EQ(probe(), 0U);
    host().advance(499ms);
    EXPECT_EQ(probe(), 0U);
    host().advance(2ms);
    EXPECT_EQ(probe(), 1U);
}

}  // namespace
}  // namespace lastack::test
