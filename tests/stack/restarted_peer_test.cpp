// A peer that has forgotten the connection opens it anew (requirements E-4, E-5).

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Restarted : public testing::Test, public Conversation {};

TEST_F(Restarted, E_4_a_peer_that_restarted_gets_through_in_the_end) {
    open();
    peer.send({.flags = "S", .seq = 77'000, .options = {.mss = 1'460}});
    const auto challenge = host.sent();
    ASSERT_EQ(challenge, (Trace{{"A", 5'001, 1'001}}));
    peer.send({.flags = "R", .seq = challenge[0].ack});
    EXPECT_EQ(state(), "CLOSED");
    peer.send({.flags = "S", .seq = 77'000, .options = {.mss = 1'460}});
    EXPECT_EQ(state(), "SYN-RECEIVED");
}

// The challenge acknowledges what is just its SYN, so it sends no RST and drops it. Our text brings
// nothing else about; the user timeout ends what nobody knows of any more.
TEST_F(Restarted, E_5_one_whose_isn_makes_the_challenge_acceptable_loops_with_nobody) {
    open();
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 10'000));
    host.sent();
    const Wire syn{.flags = "S", .seq = next - 1, .options = {.mss = 1'460}};
    std::size_t answers = 0;
    for (const auto wait : {1s, 2s, 4s}) {  // as its SYN goes again
        peer.send(syn);
        const Trace challenge = host.sent();
        ASSERT_EQ(challenge, (Trace{{"A", sent, next}}));
        answers += challenge.size();
        host.advance(wait);
        EXPECT_EQ(host.sent(), Trace{});
    }
    EXPECT_EQ(answers, 3U);
    EXPECT_EQ(state(), "ESTABLISHED");
    say(10);
    host.advance(11s);
    EXPECT_EQ(state(), "CLOSED");
    EXPECT_TRUE(host.app().saw("closed timed_out"));
    host.sent();
    peer.send(syn);
    EXPECT_EQ(state(), "SYN-RECEIVED");
}

}  // namespace
}  // namespace lastack::test
