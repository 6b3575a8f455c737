// The trace: every segment with the state it met and the state it led to, and every change that no
// segment made, with its cause.

#include <array>

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using stack::TraceEvent;

std::string text_of(const TraceEvent& event) {
    const std::string change =
        std::string(tcp::name(event.before)) + " > " + std::string(tcp::name(event.after));
    switch (event.kind) {
        case TraceEvent::Kind::Received:
            return "received " + change;
        case TraceEvent::Kind::Sent:
            return "sent in " + std::string(tcp::name(event.after));
        case TraceEvent::Kind::Changed:
            break;
    }
    return std::string(tcp::name(event.cause)) + ": " + change;
}

class StackTrace : public testing::Test, public Conversation {
  protected:
    std::vector<std::string> events() {
        std::array<TraceEvent, 64> page;
        const std::size_t count = host.stack().read_trace(0, page);
        std::vector<std::string> out;
        for (std::size_t i = 0; i < count; ++i) out.push_back(text_of(page[i]));
        return out;
    }
    /// What was traced since the connection opened.
    std::vector<std::string> since_open() {
        std::vector<std::string> all = events();
        return {all.begin() + static_cast<std::ptrdiff_t>(opened_), all.end()};
    }
    void open_and_mark() {
        open({.mss = 1'460});
        opened_ = events().size();
    }

  private:
    std::size_t opened_ = 0;
};

TEST_F(StackTrace, a_close_and_the_end_of_time_wait_stand_in_it_beside_the_segments) {
    open_and_mark();
    connection.close();
    host.turn();
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
    host.advance(std::chrono::seconds(60));
    EXPECT_EQ(since_open(), (std::vector<std::string>{
                                "close: ESTABLISHED > FIN-WAIT-1",
                                "sent in FIN-WAIT-1",
                                "received FIN-WAIT-1 > TIME-WAIT",
                                "sent in TIME-WAIT",
                                "2MSL: TIME-WAIT > CLOSED",
                            }));
}

TEST_F(StackTrace, a_connection_given_up_says_that_it_was_a_timeout) {
    open_and_mark();
    connection.set_option(Option::user_timeout_ms, 1'000);
    connection.send(as_bytes("anybody there?"));
    host.advance(std::chrono::seconds(10));
    const std::vector<std::string> traced = since_open();
    EXPECT_NE(std::ranges::find(traced, "timeout: ESTABLISHED > CLOSED"), traced.end());
}

TEST_F(StackTrace, an_abort_stands_before_the_RST_that_it_sends) {
    open_and_mark();
    connection.abort();
    host.turn();
    EXPECT_EQ(since_open().front(), "abort: ESTABLISHED > CLOSED");
}

TEST_F(StackTrace, S_1_a_handshake_changes_the_state_with_its_segments) {
    open({.mss = 1'460});
    EXPECT_EQ(events(), (std::vector<std::string>{
                            "received LISTEN > SYN-RECEIVED",
                            "sent in SYN-RECEIVED",
                            "received SYN-RECEIVED > ESTABLISHED",
                        }));
}

TEST_F(StackTrace, S_1_a_reset_of_a_half_open_connection_ends_it) {
    listen();
    peer.send({.flags = "S", .seq = 1'000});
    peer.send({.flags = "R", .seq = 1'001});
    EXPECT_EQ(events().back(), "received SYN-RECEIVED > CLOSED");
}

TEST_F(StackTrace, S_1_a_listener_that_goes_takes_its_children) {
    listen();
    peer.send({.flags = "S", .seq = 1'000});
    host.stack().stop_listening(listener);
    EXPECT_EQ(events().back(), "abort: SYN-RECEIVED > CLOSED");
}

TEST_F(StackTrace, S_1_a_reopening_and_the_return_from_it_are_seen) {
    open_and_mark();
    connection.close();
    host.turn();
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
    ASSERT_EQ(state(), "TIME-WAIT");
    peer.send({.flags = "S", .seq = 100'000});
    EXPECT_EQ(since_open().at(4), "received TIME-WAIT > SYN-RECEIVED");
    peer.send({.flags = "R", .seq = 100'001});
    EXPECT_EQ(since_open().back(), "received SYN-RECEIVED > TIME-WAIT");
}

}  // namespace
}  // namespace lastack::test
