// What an application is told of an end, in the words of sockets: the map of errors (D-29), the
// pending-error slot (D-30), and what becomes of bytes that it has left unread (M-23, M-24).

#include <cerrno>

#include "tests/stack/conversation.hpp"
#include "tests/support/raw_frame.hpp"

namespace lastack::test {
namespace {

using Events = std::vector<std::string>;

class Errors : public testing::Test {
  protected:
    stack::Config config_ = small_config();
    std::optional<Conversation> talk_;
    std::vector<int> errors_;  // what each take_error() inside on_closed gave

    Conversation& talk() {
        if (talk_) return *talk_;
        talk_.emplace(config_);
        talk_->host.app().at_closed = [this](Connection c, CloseReason) {
            errors_.push_back(c.take_error());
            errors_.push_back(c.take_error());
        };
        return *talk_;
    }
    Recorder& app() { return talk().host.app(); }

    void leave_all_unread() {
        app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    }
    void read_all_again() { app().at_data = nullptr; }
    void shut() {
        talk().connection.shutdown_write();
        talk().host.turn();
        talk().sent += 1;
    }
    void reset() { talk().peer.send({.flags = "R", .seq = talk().next}); }
    void unreachable(std::uint8_t code, std::uint32_t seq) {
        const auto quote =
            raw::ipv4({.source = kHostAddress.value, .destination = kPeerAddress.value},
                      raw::tcp({.source_port = Conversation::kHostPort,
                                .destination_port = Conversation::kPeerPort,
                                .seq = seq,
                                .flags = 0x10}));
        talk().host.receive(
            raw::ethernet({}, raw::ipv4({.source = kPeerAddress.value, .protocol = 1},
                                        raw::icmp({.type = 3, .code = code, .rest = 0}, quote))));
    }
    void expect_error(int number) {
        EXPECT_EQ(talk().state(), "CLOSED");
        EXPECT_EQ(errors_, (std::vector<int>{number, 0})) << "once, then 0";
    }
};

// --- D-29

TEST_F(Errors, D_29_a_reset_in_syn_sent_is_econnrefused) {
    talk().connect();
    talk().peer.send({.flags = "RA", .seq = 0, .ack = 5'001});
    expect_error(ECONNREFUSED);
}

TEST_F(Errors, D_29_a_reset_in_established_is_econnreset) {
    talk().open();
    reset();
    expect_error(ECONNRESET);
}

TEST_F(Errors, D_29_a_reset_in_fin_wait_1_and_2_is_econnreset) {
    talk().open();
    shut();
    ASSERT_EQ(talk().state(), "FIN-WAIT-1");
    reset();
    expect_error(ECONNRESET);
    talk_.reset();
    errors_.clear();
    talk().open();
    shut();
    talk().send("A");
    ASSERT_EQ(talk().state(), "FIN-WAIT-2");
    reset();
    expect_error(ECONNRESET);
}

TEST_F(Errors, D_29_M_14_a_reset_in_close_wait_is_econnreset) {
    talk().open();
    talk().send("FA");
    ASSERT_EQ(talk().state(), "CLOSE-WAIT");
    reset();
    expect_error(ECONNRESET);
    EXPECT_TRUE(app().saw("closed reset"));
}

TEST_F(Errors, D_29_M_14_or_epipe_as_linux_and_only_there) {
    config_.tcp.close_wait_reset = CloseWaitReset::epipe;
    talk().open();
    talk().send("FA");
    reset();
    expect_error(EPIPE);
    EXPECT_TRUE(app().saw("closed reset"));
    talk_.reset();
    errors_.clear();
    talk().open();
    reset();
    expect_error(ECONNRESET);
}

TEST_F(Errors, D_29_D_24_retransmissions_that_give_up_are_etimedout) {
    talk().open();
    talk().say(10);
    talk().host.advance(20min);
    expect_error(ETIMEDOUT);
}

TEST_F(Errors, D_29_D_24_the_user_timeout_is_etimedout) {
    talk().open();
    ASSERT_TRUE(talk().connection.set_option(Option::user_timeout_ms, 5'000));
    talk().say(10);
    talk().host.advance(6s);
    expect_error(ETIMEDOUT);
}

TEST_F(Errors, D_29_D_24_or_what_the_network_has_said_of_it) {
    const std::map<std::uint8_t, int> expected{
        {0, ENETUNREACH},  {1, EHOSTUNREACH}, {2, ENOPROTOOPT},   {3, ECONNREFUSED},
        {5, EHOSTUNREACH}, {6, ENETUNREACH},  {13, EHOSTUNREACH},
    };
    for (const auto& [code, number] : expected) {
        talk().open();
        talk().say(10);
        unreachable(code, 5'001);
        talk().host.advance(20min);
        expect_error(number);
        talk_.reset();
        errors_.clear();
    }
}

TEST_F(Errors, D_24_an_answer_makes_the_network_s_word_void) {
    talk().open();
    talk().say(10);
    unreachable(1, 5'001);
    talk().send("A");
    talk().say(10);
    talk().host.advance(20min);
    expect_error(ETIMEDOUT);
}

TEST_F(Errors, D_29_an_open_fails_with_what_the_network_says) {
    talk().connect();
    unreachable(0, 5'000);
    expect_error(ENETUNREACH);
    talk_.reset();
    errors_.clear();
    talk().connect();
    unreachable(1, 5'000);
    expect_error(EHOSTUNREACH);
}

TEST_F(Errors, D_29_a_send_after_our_fin_is_epipe) {
    talk().open();
    EXPECT_EQ(talk().connection.send_error(), 0);
    shut();
    EXPECT_EQ(talk().connection.send(as_bytes("more")), 0U);
    EXPECT_EQ(talk().connection.send_error(), EPIPE);
    EXPECT_EQ(talk().connection.take_error(), 0) << "nothing has ended";
}

TEST_F(Errors, D_29_a_full_buffer_is_no_error) {
    config_.tcp.send_buffer = 2'048;
    talk().open();
    ASSERT_LT(talk().connection.send(as_bytes(std::string(4'096, 's'))), 4'096U);
    EXPECT_EQ(talk().connection.send_error(), 0);
}

TEST_F(Errors, D_29_no_route_is_enetunreach) {
    const auto result =
        talk().host.stack().connect({Address::ipv4(0x0808'0808), 80}, app(), ConnectOptions{});
    EXPECT_EQ(error_number(result.error), ENETUNREACH);
}

TEST_F(Errors, D_29_no_neighbour_is_ehostunreach) {
    talk().host.answer_arp(false);
    ASSERT_TRUE(talk().host.stack().connect({Address::ipv4(kPeerAddress.value), 80}, app(), {}));
    talk().host.turn();
    talk().host.advance(1min);
    EXPECT_EQ(errors_, (std::vector<int>{EHOSTUNREACH, 0}));
}

TEST_F(Errors, D_29_no_port_left_is_eaddrnotavail) {
    config_.tcp.port_first = config_.tcp.port_last = 40'000;
    const Endpoint remote{Address::ipv4(kPeerAddress.value), 80};
    EXPECT_EQ(error_number(talk().host.stack().connect(remote, app(), {}).error), 0);
    const auto second = talk().host.stack().connect(remote, app(), {});
    EXPECT_EQ(second.error, Error::no_free_port);
    EXPECT_EQ(error_number(second.error), EADDRNOTAVAIL);
}

TEST_F(Errors, D_29_in_use_is_eaddrinuse) {
    talk().listen();
    const auto result = talk().host.stack().listen({Address{}, 80}, app(), {});
    EXPECT_EQ(error_number(result.error), EADDRINUSE);
}

TEST_F(Errors, D_29_each_reason_has_its_number) {
    EXPECT_EQ(error_number(CloseReason::orderly), 0);
    EXPECT_EQ(error_number(CloseReason::reset), ECONNRESET);
    EXPECT_EQ(error_number(CloseReason::refused), ECONNREFUSED);
    EXPECT_EQ(error_number(CloseReason::timed_out), ETIMEDOUT);
    EXPECT_EQ(error_number(CloseReason::unreachable), EHOSTUNREACH);
    EXPECT_EQ(error_number(CloseReason::aborted), ECONNABORTED);
    EXPECT_EQ(error_number(CloseReason::no_resources), ENOBUFS);
    EXPECT_EQ(error_number(CloseReason::shut_down), ESHUTDOWN);
}

// --- D-30

TEST_F(Errors, D_30_an_error_is_delivered_once_then_writes_are_a_broken_pipe) {
    std::vector<int> asked;
    talk().open();
    app().at_closed = [&](Connection c, CloseReason) {
        asked = {c.take_error(), c.take_error(), c.send_error()};
        EXPECT_EQ(c.send(as_bytes("more")), 0U);
    };
    reset();
    EXPECT_EQ(asked, (std::vector<int>{ECONNRESET, 0, EPIPE}));
    EXPECT_EQ(talk().connection.take_error(), 0) << "stale";
    EXPECT_EQ(talk().connection.send_error(), EBADF);
}

TEST_F(Errors, D_30_whichever_call_asks_first_has_the_error) {
    std::vector<int> asked;
    talk().open();
    app().at_closed = [&](Connection c, CloseReason) {
        asked = {c.send_error(), c.send_error(), c.take_error()};
    };
    reset();
    EXPECT_EQ(asked, (std::vector<int>{ECONNRESET, EPIPE, 0}));
}

TEST_F(Errors, D_30_nothing_is_read_after_the_error) {
    leave_all_unread();
    talk().open();
    talk().send("PA", "unread");
    app().at_closed = [](Connection c, CloseReason) { c.resume(); };
    reset();
    talk().host.turn();
    EXPECT_EQ(app().events.back(), "closed reset");
    talk().expect_nothing_left();
}

/// Asks for the pending error while the end waits to be told, and then wants to read.
struct Asking : TimerHandler {
    Connection connection;
    int error = 0;
    void on_timer(std::uint64_t) override {
        error = connection.take_error();
        EXPECT_EQ(connection.resume(), 0);
    }
};

TEST_F(Errors, D_30_once_the_error_was_taken_nothing_that_was_left_is_offered_again) {
    leave_all_unread();
    talk().open();
    talk().send("PA", "unread");
    app().events.clear();
    read_all_again();
    Asking asking;
    asking.connection = talk().connection;
    ASSERT_TRUE(talk().host.stack().start_timer(1ms, asking, 0).valid());
    const stack::Frame rst =
        talk().host.shell().frame(talk().peer.frame({.flags = "R", .seq = talk().next}));
    talk().host.stack().receive({&rst, 1}, talk().host.now());
    talk().host.stall_until(talk().host.now() + 1ms);
    EXPECT_EQ(asking.error, ECONNRESET);
    EXPECT_EQ(app().events, Events{"closed reset"});
    EXPECT_EQ(app().received, "");
    EXPECT_EQ(errors_, (std::vector<int>{0, 0})) << "it was taken already";
    talk().expect_nothing_left();
}

TEST_F(Errors, D_30_M_23_asking_after_an_orderly_end_takes_no_bytes_away) {
    leave_all_unread();
    talk().open();
    talk().send("PA", "left");
    shut();
    talk().send("A");
    talk().send("FA");
    ASSERT_EQ(talk().state(), "TIME-WAIT");
    EXPECT_EQ(talk().connection.take_error(), 0);
    read_all_again();
    EXPECT_EQ(talk().connection.resume(), 0);
    talk().host.turn();
    EXPECT_EQ(app().received, "left");
    EXPECT_EQ(app().events.back(), "closed orderly");
}

TEST_F(Errors, D_30_an_orderly_end_is_no_error) {
    talk().open();
    talk().send("FA");
    shut();
    talk().send("A");
    expect_error(0);
}

// --- M-24: unread bytes, and a RST

TEST_F(Errors, M_24_D_30_bytes_left_unread_are_offered_once_more_and_then_the_error_comes) {
    leave_all_unread();
    talk().open();
    talk().send("PA", "last words");
    ASSERT_EQ(app().events, (Events{"open", "data 10"}));
    read_all_again();
    reset();
    EXPECT_EQ(app().received, "last words");
    EXPECT_EQ(app().events, (Events{"open", "data 10", "data 10", "closed reset"}));
    expect_error(ECONNRESET);
    talk().expect_nothing_left();
}

TEST_F(Errors, M_24_who_leaves_them_again_hears_the_error_all_the_same) {
    leave_all_unread();
    talk().open();
    talk().send("PA", "last words");
    reset();
    EXPECT_EQ(app().events, (Events{"open", "data 10", "data 10", "closed reset"}));
    talk().expect_nothing_left();
}

TEST_F(Errors, M_24_nor_does_the_error_wait_for_who_asks_again_and_never_reads) {
    talk().open();
    app().at_data = [](Connection c, std::string_view) {
        c.resume();
        return std::size_t{0};
    };
    talk().send("PA", "last words");
    reset();
    talk().host.turn();
    EXPECT_EQ(app().events.back(), "closed reset");
    EXPECT_FALSE(talk().host.stack().has_work());
}

TEST_F(Errors, M_24_more_than_one_call_carries_is_read_to_its_end_before_the_error) {
    leave_all_unread();
    talk().open();
    const std::size_t kSegments = 70;  // on_data carries 64 pieces
    for (std::size_t i = 0; i < kSegments; ++i) talk().send("A", std::string(700, 'x'));
    app().events.clear();
    read_all_again();
    reset();
    talk().host.turn();
    EXPECT_EQ(app().received.size(), kSegments * 700);
    EXPECT_EQ(app().events.back(), "closed reset");
    talk().expect_nothing_left();
}

TEST_F(Errors, M_24_flushed_where_rfc_9293_is_wanted) {
    config_.tcp.reset_unread = ResetUnread::flush;
    leave_all_unread();
    talk().open();
    talk().send("PA", "left");
    read_all_again();
    talk().host.receive(std::vector{
        talk().peer.frame({.flags = "PA", .seq = talk().next, .ack = 5'001, .text = "arrived"}),
        talk().peer.frame({.flags = "R", .seq = talk().next + 7})});
    EXPECT_EQ(app().received, "");
    EXPECT_EQ(app().events, (Events{"open", "data 4", "closed reset"}));
    expect_error(ECONNRESET);
    talk().expect_nothing_left();
}

// Nor is the end of file told, as if all that went before it had been read.
TEST_F(Errors, M_24_nor_is_a_fin_told_behind_text_that_was_flushed) {
    config_.tcp.reset_unread = ResetUnread::flush;
    talk().open();
    talk().host.receive(std::vector{
        talk().peer.frame({.flags = "FPA", .seq = talk().next, .ack = 5'001, .text = "arrived"}),
        talk().peer.frame({.flags = "R", .seq = talk().next + 8})});
    EXPECT_EQ(app().events, (Events{"open", "closed reset"}));
    talk().expect_nothing_left();
}

// --- M-23: unread bytes, and both directions closed

class ClosingReceive : public Errors {
  protected:
    // "left" was left unread; then both ends closed, into the state.
    void reach(std::string_view state) {
        leave_all_unread();
        talk().open();
        talk().send("PA", "left");
        if (state == "LAST-ACK") talk().send("FA");
        shut();
        if (state == "TIME-WAIT") talk().send("A");
        if (state == "CLOSING") talk().sent -= 1;
        if (state != "LAST-ACK") talk().send("FA");
        ASSERT_EQ(talk().state(), state);
        app().events.clear();
        read_all_again();
    }
};

TEST_F(ClosingReceive, M_23_what_is_left_is_drained_then_the_end_of_file) {
    for (const char* state : {"CLOSING", "LAST-ACK", "TIME-WAIT"}) {
        reach(state);
        EXPECT_EQ(app().events, Events{}) << "nothing is told ahead of the bytes";
        EXPECT_EQ(talk().connection.resume(), 0);
        talk().host.turn();
        EXPECT_EQ(app().received, "left") << state;
        ASSERT_GE(app().events.size(), 2U);
        EXPECT_EQ(app().events[0], "data 4");
        EXPECT_EQ(app().events[1], "peer closed");
        talk_.reset();
    }
}

TEST_F(ClosingReceive, M_23_refused_where_rfc_9293_is_wanted) {
    config_.tcp.closing_receive = lastack::ClosingReceive::refuse;
    for (const char* state : {"CLOSING", "LAST-ACK"}) {
        reach(state);
        EXPECT_EQ(talk().connection.resume(), ESHUTDOWN);
        talk().host.turn();
        EXPECT_EQ(app().events, Events{}) << state;
        reset();
        EXPECT_EQ(app().events, Events{"closed reset"}) << "nothing follows the end of file";
        talk_.reset();
    }
}

TEST_F(ClosingReceive, M_23_refused_the_end_waits_for_no_reader) {
    config_.tcp.closing_receive = lastack::ClosingReceive::refuse;
    leave_all_unread();
    talk().open();
    talk().send("PA", "left");
    shut();
    talk().send("A");
    read_all_again();
    app().events.clear();
    talk().send("FA");
    EXPECT_EQ(talk().state(), "TIME-WAIT");
    EXPECT_EQ(app().events, (Events{"peer closed", "closed orderly"}));
    EXPECT_EQ(app().received, "");
    talk().host.advance(2min);
    talk().expect_nothing_left();
}

TEST_F(ClosingReceive, M_23_refused_text_that_comes_with_the_fin_is_offered_all_the_same) {
    config_.tcp.closing_receive = lastack::ClosingReceive::refuse;
    talk().open();
    shut();
    talk().send("FPA", "bye");
    EXPECT_EQ(talk().state(), "TIME-WAIT");
    EXPECT_EQ(app().received, "bye");
    EXPECT_EQ(app().events, (Events{"open", "data 3", "peer closed", "closed orderly"}));
}

TEST_F(ClosingReceive, M_23_refused_in_close_wait_reading_goes_on) {
    config_.tcp.closing_receive = lastack::ClosingReceive::refuse;
    leave_all_unread();
    talk().open();
    talk().send("FPA", "left");
    read_all_again();
    EXPECT_EQ(talk().connection.resume(), 0);
    talk().host.turn();
    EXPECT_EQ(app().received, "left");
}

}  // namespace
}  // namespace lastack::test
