// Time stamps (RFC 7323) where they meet the handshake, an idle month and what is left of a
// connection: TS.Recent is neither too new nor too old.

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

Wire stamped(Wire segment, std::uint32_t value) {
    segment.options.timestamps = wire::Timestamps{value, 0};
    return segment;
}

class Stamps : public testing::Test, protected Conversation {
  protected:
    void open_stamped() {
        open({.mss = 1'460, .timestamps = wire::Timestamps{100, 0}});
        host.sent();
    }
    void send_stamped(const char* flags, std::uint32_t seq, std::uint32_t value,
                      std::string text = {}) {
        peer.send(
            stamped({.flags = flags, .seq = seq, .ack = sent, .text = std::move(text)}, value));
    }
};

// The peer's numbers lie behind 0 as serial arithmetic sees it.
TEST_F(Stamps, F_9_F_18_text_beyond_a_gap_right_behind_the_syn_ack_leaves_ts_recent) {
    constexpr std::uint32_t kIss = 0xf000'0000;
    connect();
    Wire syn_ack = stamped({.flags = "SA", .seq = kIss, .ack = 5'001}, 100);
    syn_ack.options.mss = 1'460;
    const Wire beyond =
        stamped({.flags = "A", .seq = kIss + 11, .ack = 5'001, .text = "0123456789"}, 200);
    host.receive({peer.frame(syn_ack), peer.frame(beyond)});
    ASSERT_EQ(state(), "ESTABLISHED");
    peer.send(stamped({.flags = "A", .seq = kIss + 1, .ack = 5'001, .text = "abcdefghij"}, 150));
    EXPECT_EQ(host.app().received, "abcdefghij0123456789");
    EXPECT_EQ(host.count(Counter::PAWSEstab), 0U);
}

TEST_F(Stamps, F_17_a_ts_recent_of_just_under_24_days_is_still_one) {
    open_stamped();
    host.advance(std::chrono::hours(24 * 24) - 2s);
    send_stamped("PA", 1'001, 99, "x");
    EXPECT_EQ(host.app().received, "");
    EXPECT_EQ(host.count(Counter::PAWSEstab), 1U);
}

TEST_F(Stamps, F_17_one_of_24_days_is_none_and_is_replaced) {
    open_stamped();
    host.advance(std::chrono::hours(24 * 24) + 2s);
    send_stamped("PA", 1'001, 99, "x");
    EXPECT_EQ(host.app().received, "x");
    send_stamped("PA", 1'002, 98, "y");
    EXPECT_EQ(host.app().received, "x");
    EXPECT_EQ(host.count(Counter::PAWSEstab), 1U);
}

// A clock of 32 bits and a millisecond has begun anew in between.
TEST_F(Stamps, F_17_and_one_of_50_days_does_not_look_young_again) {
    open_stamped();
    host.advance(std::chrono::milliseconds(1LL << 32) + 5s);
    send_stamped("PA", 1'001, 99, "x");
    EXPECT_EQ(host.app().received, "x");
}

TEST_F(Stamps, E_3_F_19_a_syn_is_challenged_though_its_time_stamp_is_stale) {
    open_stamped();
    send_stamped("S", 77'000, 50);
    EXPECT_EQ(host.sent(), (Trace{{"A", sent, 1'001}}));
    EXPECT_EQ(host.count(Counter::TCPSYNChallenge), 1U);
    EXPECT_EQ(host.count(Counter::TCPChallengeACK), 1U);
    EXPECT_EQ(host.count(Counter::PAWSEstab), 0U);
}

// An orphan's FIN-WAIT-2 goes on taking the peer's clock.
TEST_F(Stamps, F_18_a_compact_fin_wait_2_follows_the_peers_time_stamp) {
    open_stamped();
    connection.close();
    host.turn();
    sent += 1;
    send_stamped("A", 1'001, 110);
    ASSERT_EQ(state(), "FIN-WAIT-2");
    host.sent();
    send_stamped("A", 1'001, 300);
    send_stamped("A", 1'000, 301, "o");  // old text: answered, outside the window
    const auto answer = host.sent();
    ASSERT_EQ(answer, (Trace{{"A", sent, 1'001}}));
    EXPECT_EQ(answer[0].options.timestamps->echo_reply, 300U) << "C-18: not from what is rejected";
    send_stamped("FA", 1'001, 299);
    EXPECT_EQ(state(), "FIN-WAIT-2");
    EXPECT_EQ(host.count(Counter::PAWSEstab), 1U);
}

}  // namespace
}  // namespace lastack::test
