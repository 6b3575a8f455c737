// How long an open is tried: Linux's counts, which are the default, and RFC 9293's three minutes
// (G-17, G-18, M-8; MUST-22, MUST-23).

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

class SynLimit : public testing::Test {
  protected:
    static stack::Config strict() {
        stack::Config config = small_config();
        config.tcp.syn_linear_timeouts = 0;
        config.tcp.syn_timeout = 180s;
        config.tcp.synack_timeout = 180s;
        return config;
    }
    // The seconds at which a SYN leaves, before `end`.
    static std::vector<int> syns(Conversation& talk, int end) {
        std::vector<int> at;
        for (int second = 1; second < end; ++second) {
            talk.host.advance(1s);
            for (std::size_t i = talk.host.sent().size(); i > 0; --i) at.push_back(second);
        }
        return at;
    }
    static void half_open(Conversation& talk) {
        talk.listen();
        talk.host.advance_to_tick();
        talk.peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
        ASSERT_EQ(talk.host.sent().size(), 1U);
    }
};

TEST_F(SynLimit, G_17_M_8_as_linux_ten_more_syns_and_131_s) {
    Conversation talk;
    talk.connect();
    talk.host.advance_to_tick();
    EXPECT_EQ(syns(talk, 131), (std::vector<int>{1, 2, 3, 4, 5, 7, 11, 19, 35, 67}));
    EXPECT_EQ(talk.state(), "SYN-SENT");
    talk.host.advance(1s);
    EXPECT_EQ(talk.state(), "CLOSED");
    EXPECT_EQ(talk.host.app().events, std::vector<std::string>{"closed timed_out"});
    talk.expect_nothing_left();
}

TEST_F(SynLimit, G_17_without_linear_timeouts_six_more_syns_and_127_s) {
    stack::Config config = small_config();
    config.tcp.syn_linear_timeouts = 0;
    Conversation talk(config);
    talk.connect();
    talk.host.advance_to_tick();
    EXPECT_EQ(syns(talk, 127), (std::vector<int>{1, 3, 7, 15, 31, 63}));
    EXPECT_EQ(talk.state(), "SYN-SENT");
    talk.host.advance(1s);
    EXPECT_EQ(talk.state(), "CLOSED");
}

TEST_F(SynLimit, G_17_M_8_as_rfc_9293_for_three_minutes_and_not_less) {
    Conversation talk(strict());
    talk.connect();
    talk.host.advance_to_tick();
    EXPECT_EQ(syns(talk, 180), (std::vector<int>{1, 3, 7, 15, 31, 63, 127}));
    EXPECT_EQ(talk.state(), "SYN-SENT");
    talk.host.advance(999ms);
    EXPECT_EQ(talk.state(), "SYN-SENT");
    talk.host.advance(1ms);
    EXPECT_EQ(talk.state(), "CLOSED");
    EXPECT_EQ(talk.host.app().events, std::vector<std::string>{"closed timed_out"});
}

// K-38: elapsed time, but our own standing still is not the peer's silence.
TEST_F(SynLimit, G_17_K_38_one_late_timer_does_not_give_up_an_open_that_was_tried_once) {
    Conversation talk(strict());
    talk.connect();
    const time::Instant late = talk.host.now() + 200s;
    while (talk.host.stack().expire(late, 1'000) == 1'000) {
    }
    talk.host.stack().serve(late);
    talk.host.stack().transmit(late);
    EXPECT_EQ(talk.state(), "SYN-SENT");
    EXPECT_EQ(talk.host.count(base::Counter::TCPSynRetrans), 1U);
}

TEST_F(SynLimit, G_17_a_user_timeout_ends_it_sooner_still) {
    Conversation talk(strict());
    talk.connect();
    talk.host.advance_to_tick();
    ASSERT_TRUE(talk.connection.set_option(Option::user_timeout_ms, 20'000));
    talk.host.advance(19s);
    EXPECT_EQ(talk.state(), "SYN-SENT");
    talk.host.advance(1s);
    EXPECT_EQ(talk.state(), "CLOSED");
}

TEST_F(SynLimit, G_18_M_8_as_linux_five_more_syn_acks_and_63_s) {
    Conversation talk;
    half_open(talk);
    EXPECT_EQ(syns(talk, 63), (std::vector<int>{1, 3, 7, 15, 31}));
    EXPECT_EQ(talk.state(), "SYN-RECEIVED");
    talk.host.advance(1s);
    EXPECT_EQ(talk.state(), "CLOSED");
    EXPECT_EQ(talk.host.sent(), Trace{}) << "in silence";
    EXPECT_EQ(talk.host.count(base::Counter::SynRecvTimeouts), 1U);
}

TEST_F(SynLimit, G_18_M_8_as_rfc_9293_read_strictly_for_three_minutes) {
    Conversation talk(strict());
    half_open(talk);
    EXPECT_EQ(syns(talk, 180), (std::vector<int>{1, 3, 7, 15, 31, 63, 127}));
    EXPECT_EQ(talk.state(), "SYN-RECEIVED");
    talk.host.advance(999ms);
    EXPECT_EQ(talk.state(), "SYN-RECEIVED");
    talk.host.advance(1ms);
    EXPECT_EQ(talk.state(), "CLOSED");
    EXPECT_EQ(talk.host.count(base::Counter::SynRecvTimeouts), 1U);
}

}  // namespace
}  // namespace lastack::test
