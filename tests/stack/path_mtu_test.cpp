// What a router says of the path, over the life of a connection (H-36), and what is sent again in
// other pieces than it was sent in first (H-38).

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

class PathTest : public Conversation, public testing::Test {
  protected:
    using Conversation::Conversation;

    /// "Fragmentation needed" about the segment that the host sent at `seq`.
    void too_big(std::uint32_t seq, std::uint16_t mtu) { unreachable(4, seq, mtu); }

    /// As open(), and a router speaks about the SYN,ACK.
    void open_narrow(std::uint16_t mtu) {
        listen();
        host.wait_for_isn(kHostPort, kPeerPort, 5'000);
        peer.send({.flags = "S", .seq = 1'000, .options = {.mss = 1'460}});
        ASSERT_EQ(host.sent(), (Trace{{"SA", 5'000, 1'001}}));
        too_big(5'000, mtu);
        ASSERT_EQ(state(), "SYN-RECEIVED");
        peer.send({.flags = "A", .seq = 1'001, .ack = 5'001});
        connection = host.app().last;
        host.advance_to_tick();
    }

    /// Another connection with the same peer, in place of the one that there is.
    void open_another() {
        connection.abort();
        host.turn();
        host.sent();
        sent = peer.open(9'000, {.mss = 1'460}) + 1;
        next = 9'001;
        connection = host.app().last;
    }

    void acknowledge() {
        peer.send({.flags = "A", .seq = next, .ack = sent});
        host.sent();
    }

    /// How large the first segment of a few thousand bytes is now; all of it is acknowledged, as
    /// far as it leaves.
    std::size_t first_size() {
        connection.set_option(Option::no_delay, 1);  // the last one does not wait for an ACK
        say(4'000);
        std::size_t size = 0;
        for (Trace trace = host.sent(); !trace.empty(); trace = host.sent()) {
            const Wire& last = trace.back();
            if (size == 0) size = trace.front().text.size();
            peer.send({.flags = "A", .seq = next, .ack = last.seq + last.len()});
        }
        return size;
    }
};

TEST_F(PathTest, H_36_segments_are_smaller_for_ten_minutes_and_then_as_before) {
    open();
    say(2'920);
    host.sent();
    too_big(5'001, 1'000);
    acknowledge();
    host.advance(10min - 1ms);
    EXPECT_EQ(first_size(), 960U);
    host.advance(1ms);
    EXPECT_EQ(host.count(Counter::PmtuRaised), 1U);
    EXPECT_EQ(first_size(), 1'460U);
}

TEST_F(PathTest, H_36_a_path_that_is_still_narrow_says_so_again) {
    open();
    say(2'920);
    too_big(5'001, 1'000);
    acknowledge();
    host.advance(10min);
    say(2'920);
    ASSERT_EQ(host.sent().at(0).text.size(), 1'460U);
    too_big(sent - 2'920, 1'000);
    EXPECT_EQ(host.sent().at(0).text.size(), 960U);
    acknowledge();
    host.advance(10min - 1ms);
    EXPECT_EQ(first_size(), 960U);
    host.advance(1ms);
    EXPECT_EQ(first_size(), 1'460U);
}

TEST_F(PathTest, H_36_the_peers_own_limit_stays_when_the_paths_is_forgotten) {
    open({.mss = 1'200});
    say(2'400);
    too_big(5'001, 1'000);
    acknowledge();
    EXPECT_EQ(first_size(), 960U);
    host.advance(10min);
    EXPECT_EQ(first_size(), 1'200U);
}

TEST_F(PathTest, H_36_what_an_earlier_connection_learned_is_forgotten_by_a_later_one_as_well) {
    open();
    say(2'920);
    too_big(5'001, 1'000);
    open_another();
    EXPECT_EQ(first_size(), 960U);
    host.advance(10min);
    EXPECT_EQ(first_size(), 1'460U);
}

// RFC 1191 6.3: ten minutes from when a router said it, not from when it was passed on.
TEST_F(PathTest, H_36_I_10_a_later_connection_believes_it_no_longer_than_the_one_that_heard_it) {
    open();
    say(2'920);
    too_big(5'001, 1'000);
    host.advance(9min);
    open_another();
    EXPECT_EQ(first_size(), 960U);
    host.advance(1min - 1ms);
    EXPECT_EQ(first_size(), 960U);
    host.advance(1ms);
    EXPECT_EQ(host.count(Counter::PmtuRaised), 1U);
    EXPECT_EQ(first_size(), 1'460U);
}

TEST_F(PathTest, SYNR_I02_H_36_what_is_said_of_a_SYN_ACK_is_forgotten_after_ten_minutes_as_well) {
    open_narrow(1'000);
    EXPECT_EQ(first_size(), 960U);
    host.advance(10min - 1ms);
    EXPECT_EQ(first_size(), 960U);
    host.advance(1ms);
    EXPECT_EQ(first_size(), 1'460U);
}

TEST_F(PathTest, SYNR_I02_H_36_a_router_that_does_not_say_how_much_means_the_next_common_size) {
    open_narrow(0);
    EXPECT_EQ(host.count(Counter::PmtuReduced), 1U);
    EXPECT_EQ(first_size(), 1'452U) << "RFC 1191 7.1: 1492 is the next below 1500";
}

TEST_F(PathTest, SYNR_I02_I_10_what_is_said_of_a_SYN_ACK_the_next_connection_knows) {
    open_narrow(1'000);
    open_another();
    EXPECT_EQ(first_size(), 960U);
}

// Ten segments were in flight, and as many bytes are after it: cut anew, and no congestion.
TEST_F(PathTest, H_36_the_congestion_window_stays_when_the_path_shrinks) {
    open();
    say(14'600);
    ASSERT_EQ(host.sent().size(), 10U);
    too_big(5'001, 1'000);
    std::size_t bytes = 0;
    std::uint32_t expected = 5'001;
    for (const Wire& segment : host.sent()) {
        EXPECT_EQ(segment.seq, expected);
        EXPECT_LE(segment.text.size(), 960U);
        expected += static_cast<std::uint32_t>(segment.text.size());
        bytes += segment.text.size();
    }
    EXPECT_EQ(bytes, 14'600U);
}

TEST_F(PathTest, H_36_an_idle_connection_has_no_other_timer_for_it_and_ends_as_any_other) {
    open();
    say(2'920);
    too_big(5'001, 1'000);
    acknowledge();
    connection.abort();
    host.turn();
    host.advance(11min);
    EXPECT_EQ(host.count(Counter::PmtuRaised), 0U);
    expect_nothing_left();
}

class BlackHole : public PathTest {
  protected:
    static stack::Config probing(bool on) {
        stack::Config config = small_config();
        config.tcp.mtu_probing = on;
        return config;
    }
    explicit BlackHole(bool on = true) : PathTest(probing(on)) {}

    /// The sizes of what goes again at the next `count` timeouts.
    std::vector<std::size_t> sizes_again(int count) {
        std::vector<std::size_t> sizes;
        for (int i = 0; i < count; ++i) {
            Trace again;
            while (again.empty()) {
                host.advance(100ms);
                again = host.sent();
            }
            sizes.push_back(again[0].text.size());
        }
        return sizes;
    }
};

TEST_F(BlackHole, H_37_large_segments_in_vain_are_tried_smaller_after_three_times) {
    open();
    say(2'920);
    host.sent();
    EXPECT_EQ(sizes_again(6), (std::vector<std::size_t>{1'460, 1'460, 1'460, 1'452, 966, 512}));
    EXPECT_EQ(sizes_again(1), (std::vector<std::size_t>{512})) << "what every path carries";
    EXPECT_EQ(host.count(Counter::PmtuBlackHoles), 3U);
    acknowledge();
    EXPECT_EQ(first_size(), 512U);
    host.advance(10min);
    EXPECT_EQ(first_size(), 1'460U) << "H-36";
}

TEST_F(BlackHole, H_37_small_segments_in_vain_say_nothing_of_the_path) {
    open();
    say(100);
    host.sent();
    sizes_again(6);
    EXPECT_EQ(host.count(Counter::PmtuBlackHoles), 0U);
    acknowledge();
    EXPECT_EQ(first_size(), 1'460U);
}

class NoBlackHole : public BlackHole {
  protected:
    NoBlackHole() : BlackHole(false) {}
};

TEST_F(NoBlackHole, H_37_by_default_the_size_is_the_routers_to_say) {
    EXPECT_FALSE(TcpOptions{}.mtu_probing);
    open();
    say(2'920);
    host.sent();
    EXPECT_EQ(sizes_again(6), std::vector<std::size_t>(6, 1'460));
}

// Two small segments and a FIN go again as one, with the acknowledgment and the clock of now.
// (That the checksum is right is asserted for whatever host.sent() decodes.)
TEST_F(PathTest, H_38_what_is_sent_again_may_be_cut_anew_and_the_FIN_keeps_its_number) {
    wire::TcpOptions stamped{.mss = 1'460};
    stamped.timestamps = wire::Timestamps{700'000, 0};
    open(stamped);
    connection.set_option(Option::no_delay, 1);
    say(3);
    say(4);
    connection.shutdown_write();
    host.turn();
    const Trace first = host.sent();
    ASSERT_EQ(
        first,
        (Trace{{"PA", 5'001, 1'001, "abc"}, {"PA", 5'004, 1'001, "abcd"}, {"FA", 5'008, 1'001}}));
    Wire text{.flags = "PA", .seq = 1'001, .ack = 5'001, .text = "hello"};
    text.options.timestamps = wire::Timestamps{700'001, first[0].options.timestamps->value};
    peer.send(text);
    host.advance(100ms);
    ASSERT_EQ(host.sent(), (Trace{{"A", 5'009, 1'006}}));
    host.advance(1s);
    const Trace again = host.sent();
    ASSERT_FALSE(again.empty());
    EXPECT_EQ(again[0], (Wire{"FPA", 5'001, 1'006, "abcdabc"}));
    EXPECT_EQ(again[0].seq + again[0].text.size(), 5'008U) << "the FIN's number";
    EXPECT_GE(again[0].options.timestamps->value - first[0].options.timestamps->value, 200U);
    EXPECT_EQ(again[0].options.timestamps->echo_reply, 700'001U);
}

}  // namespace
}  // namespace lastack::test
