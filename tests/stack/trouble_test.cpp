// R1 and soft errors (D-19, H-48; MUST-20, MUST-21, MUST-47, SHLD-9, SHLD-10, SHLD-20): who is told
// when a connection makes no progress.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class Trouble : public testing::Test, protected Conversation {
  protected:
    explicit Trouble(const stack::Config& config = small_config()) : Conversation(config) {
        host.app().notes_trouble = true;
    }

    long told(const std::string& what) {
        return std::ranges::count(host.app().events, "trouble " + what);
    }
    /// The frame is taken in by the turn that runs next.
    void hear_before_the_turn(const std::vector<std::byte>& bytes) {
        const stack::Frame frame = host.shell().frame(bytes);
        host.stack().receive({&frame, 1}, host.now());
    }
    void ack() { peer.send({.flags = "A", .seq = next, .ack = sent}); }
    // ARP requests to everybody, and to the neighbour alone, among what has left.
    std::size_t questions() {
        std::size_t count = 0;
        for (const SentFrame& frame : host.take_frames()) {
            const bool arp = frame.bytes[12] == std::byte{8} && frame.bytes[13] == std::byte{6};
            if (arp) ++count;
        }
        return count;
    }
};

TEST_F(Trouble, H_48_D_19_R1_is_told_after_three_retransmissions_and_three_seconds) {
    open();
    say(10);
    host.advance(2'999ms);
    EXPECT_EQ(host.count(Counter::TCPTimeouts), 3U);
    EXPECT_EQ(told("stalled"), 0);
    host.advance(1ms);
    EXPECT_EQ(told("stalled"), 1);
    EXPECT_EQ(host.count(Counter::TcpStalled), 1U);
    host.advance(10min);
    EXPECT_EQ(told("stalled"), 1) << "once for each time it stands still";
    EXPECT_EQ(state(), "ESTABLISHED");
}

TEST_F(Trouble, H_48_progress_begins_a_new_count) {
    open();
    say(10);
    host.advance(4s);
    ack();
    say(10);
    host.advance(1s);
    EXPECT_EQ(told("stalled"), 1);
    host.advance(60s);  // the RTO is still what it had become (RFC 6298 5.5)
    EXPECT_EQ(told("stalled"), 2);
}

TEST_F(Trouble, H_48_SHLD_20_whoever_does_not_ask_is_not_told) {
    host.app().notes_trouble = false;
    open();
    say(10);
    host.advance(10s);
    EXPECT_EQ(host.app().events.back(), "open");
}

TEST_F(Trouble, H_48_MUST_47_a_word_of_the_network_is_told_once) {
    open();
    say(10);
    unreachable(1, 5'001);
    unreachable(1, 5'001);
    EXPECT_EQ(told("unreachable"), 1);
    EXPECT_EQ(state(), "ESTABLISHED");
    ack();
    say(10);
    unreachable(1, 5'011);
    EXPECT_EQ(told("unreachable"), 2);
}

TEST_F(Trouble, H_48_D_19_MUST_20_a_standstill_that_the_network_has_explained_is_told_as_well) {
    open();
    say(10);
    unreachable(1, 5'001);
    EXPECT_EQ(told("unreachable"), 1);
    host.advance(2'999ms);
    EXPECT_EQ(told("stalled"), 0);
    host.advance(10min);
    EXPECT_EQ(told("stalled"), 1);
    EXPECT_EQ(told("unreachable"), 1) << "each once";
}

TEST_F(Trouble, H_48_MUST_47_a_word_of_the_network_about_a_standstill_is_told_as_well) {
    open();
    say(10);
    host.advance(3s);
    ASSERT_EQ(told("stalled"), 1);
    unreachable(1, 5'001);
    unreachable(1, 5'001);
    EXPECT_EQ(told("unreachable"), 1);
    host.advance(10min);
    EXPECT_EQ(told("stalled"), 1);
    EXPECT_EQ(told("unreachable"), 1);
}

TEST_F(Trouble, H_48_both_in_one_turn_are_both_told) {
    open();
    say(10);
    host.advance(2'999ms);
    hear_before_the_turn(unreachable_frame(1, 5'001));
    host.stall_until(host.now() + 1ms);
    EXPECT_EQ(told("unreachable"), 1);
    EXPECT_EQ(told("stalled"), 1);
}

TEST_F(Trouble, H_48_what_an_answer_has_made_void_within_the_turn_is_not_told) {
    open();
    say(10);
    host.receive(std::vector{unreachable_frame(1, 5'001),
                             peer.frame({.flags = "A", .seq = next, .ack = sent})});
    EXPECT_EQ(told("unreachable"), 0);
    EXPECT_EQ(told("stalled"), 0);
}

TEST_F(Trouble, H_48_who_closes_when_told_the_one_is_not_told_the_other) {
    open();
    say(10);
    host.app().at_trouble = [](Connection c) { c.close(); };
    host.advance(2'999ms);
    hear_before_the_turn(unreachable_frame(1, 5'001));
    host.stall_until(host.now() + 1ms);
    EXPECT_EQ(told("unreachable") + told("stalled"), 1);
}

TEST_F(Trouble, H_48_after_close_only_the_end_is_told) {
    open();
    connection.close();
    host.turn();
    unreachable(1, 5'001);
    host.advance(20s);
    EXPECT_EQ(told("unreachable") + told("stalled"), 0);
}

TEST_F(Trouble, H_48_MUST_21_R2_is_the_connections_own) {
    open();
    ASSERT_TRUE(connection.set_option(Option::user_timeout_ms, 5'000));
    say(10);
    host.advance(4'999ms);
    EXPECT_EQ(told("stalled"), 1);
    EXPECT_EQ(state(), "ESTABLISHED");
    host.advance(1ms);
    EXPECT_EQ(host.app().events.back(), "closed timed_out");
}

TEST_F(Trouble, D_19_I_12_the_neighbour_is_asked_anew_at_R1_and_not_before) {
    open();
    say(10);
    host.answer_arp(false);
    host.advance(2'999ms);
    EXPECT_EQ(host.count(Counter::ArpDoubted), 0U);
    host.take_frames();
    host.advance(1ms);
    host.turn();
    EXPECT_EQ(host.count(Counter::ArpDoubted), 1U);
    EXPECT_EQ(questions(), 1U) << "asked, and still sent to";
    host.advance(4s);
    EXPECT_EQ(host.count(Counter::ArpResolveFailures), 1U);
    host.answer_arp(true);
}

TEST_F(Trouble, D_19_a_neighbour_that_answers_is_not_doubted_again_for_the_same_standstill) {
    open();
    say(10);
    host.advance(60s);
    EXPECT_EQ(host.count(Counter::ArpDoubted), 1U);
    EXPECT_EQ(host.count(Counter::ArpResolveFailures), 0U);
}

TEST_F(Trouble, D_19_one_that_others_make_progress_through_is_not_doubted) {
    open();
    Peer other(host, 40'001, kHostPort);
    const std::uint32_t iss = other.open(1'000, {.mss = 1'460});
    const Connection second = host.app().last;
    say(10);
    for (std::uint32_t i = 1; i <= 8; ++i) {
        ASSERT_EQ(Connection(second).send(as_bytes("s")), 1U);
        host.turn();
        other.send({.flags = "A", .seq = 1'001, .ack = iss + 1 + i});
        host.advance(1s);
    }
    EXPECT_EQ(told("stalled"), 1);
    EXPECT_EQ(host.count(Counter::ArpDoubted), 0U);
}

TEST_F(Trouble, D_19_H_37_small_segments_are_not_suspected) {
    open();
    say(512);
    host.advance(60s);
    EXPECT_EQ(host.count(Counter::PmtuBlackHoleSuspected), 0U);
}

TEST_F(Trouble, D_19_H_37_large_segments_are_suspected_at_R1) {
    open();
    say(1'460);
    host.advance(2'900ms);
    EXPECT_EQ(host.count(Counter::PmtuBlackHoleSuspected), 0U);
    host.sent();
    host.advance(60s);
    EXPECT_GE(host.count(Counter::PmtuBlackHoleSuspected), 1U);
    EXPECT_EQ(host.sent().at(0).text.size(), 1'460U) << "no more than suspected";
}

// The count alone would be reached after 140 ms: three lost segments are no word about the path.
TEST_F(Trouble, D_19_D_18_R1_is_elapsed_time_as_well) {
    open();
    ASSERT_TRUE(connection.set_option(Option::rto_min_ms, 20));
    say(10);
    host.advance(2'999ms);
    EXPECT_GE(host.count(Counter::TCPTimeouts), 6U);
    EXPECT_EQ(told("stalled"), 0);
    host.advance(3s);
    EXPECT_EQ(told("stalled"), 1);
}

class TroubleProbing : public Trouble {
  protected:
    static stack::Config probing() {
        stack::Config config = small_config();
        config.tcp.mtu_probing = true;
        return config;
    }
    TroubleProbing() : Trouble(probing()) {}
};

TEST_F(TroubleProbing, D_19_H_37_at_R1_smaller_segments_are_tried) {
    open();
    say(1'460);
    host.advance(2'999ms);
    for (const Wire& segment : host.sent()) EXPECT_EQ(segment.text.size(), 1'460U);
    host.advance(1ms);
    const Trace again = host.sent();
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0].text.size(), 1'452U);
    host.advance(3'200ms);
    const Trace smaller = host.sent();
    ASSERT_EQ(smaller.size(), 1U);
    EXPECT_EQ(smaller[0].text.size(), 966U);
    host.advance(20s);
    EXPECT_EQ(host.sent().at(0).text.size(), 512U) << "no smaller than that";
}

class TroubleRetries : public Trouble {
  protected:
    static stack::Config patient() {
        stack::Config config = small_config();
        config.tcp.retries1 = 5;
        return config;
    }
    TroubleRetries() : Trouble(patient()) {}
};

TEST_F(TroubleRetries, D_19_the_count_is_configured) {
    open();
    say(10);
    host.advance(12'599ms);
    EXPECT_EQ(told("stalled"), 0);
    host.advance(1ms);
    EXPECT_EQ(told("stalled"), 1);
}

class TroubleSlow : public Trouble {
  protected:
    static stack::Config slow() {
        stack::Config config = small_config();
        config.tcp.rto_initial = 4s;
        config.tcp.rto_min = 4s;
        return config;
    }
    TroubleSlow() : Trouble(slow()) {}
};

// SHLD-10: the time alone would be over at the first of them.
TEST_F(TroubleSlow, D_19_SHLD_10_at_least_three_retransmissions_come_first) {
    open();
    ASSERT_TRUE(connection.set_option(Option::rto_min_ms, 10'000));
    say(10);
    host.advance(60s);  // 10 s, 30 s
    EXPECT_EQ(host.count(Counter::TCPTimeouts), 2U);
    EXPECT_EQ(told("stalled"), 0);
    host.advance(90s);  // 70 s, 150 s
    EXPECT_EQ(told("stalled"), 1);
}

}  // namespace
}  // namespace lastack::test
