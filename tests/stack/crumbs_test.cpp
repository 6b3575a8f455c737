// A peer that sends its text in crumbs (K-32, K-33): what it pins of the core is bounded in
// buffers, while none of it is lost and none of it goes without an answer.

#include <algorithm>

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

constexpr std::uint32_t kBuffer = 16'384;
// 64 and one for each KiB, half a buffer (PieceStore::fair_pieces()).
constexpr std::uint32_t kShare = 64 + kBuffer / 1'024;
constexpr std::uint32_t kRuns = 64;

stack::Config with_small_buffers(std::uint32_t receive_buffer = kBuffer) {
    stack::Config config = small_config();
    config.tcp.receive_buffer = receive_buffer;
    config.tcp.timestamps = false;
    config.max_pieces = 1'024;
    return config;
}

class Crumbs : public testing::Test, protected Conversation {
  protected:
    explicit Crumbs(std::uint32_t receive_buffer = kBuffer)
        : Conversation(with_small_buffers(receive_buffer)) {}

    void SetUp() override { open({.mss = 1'460}); }

    void read_nothing() {
        host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    }
    void read_all() {
        host.app().at_data = nullptr;
        connection.resume();
        host.turn();
    }
    // The letter at this place of the peer's stream.
    static char letter(std::uint32_t offset) { return static_cast<char>('a' + offset % 26); }
    static std::string letters(std::uint32_t from, std::uint32_t count) {
        std::string text;
        for (std::uint32_t i = 0; i < count; ++i) text += letter(from + i);
        return text;
    }
    void send_at(std::uint32_t offset, std::uint32_t bytes = 1) {
        peer.send(
            {.flags = "PA", .seq = 1'001 + offset, .ack = sent, .text = letters(offset, bytes)});
        most_ = std::max(most_, host.shell().live());
    }
    std::size_t most_ = 0;
};

TEST_F(Crumbs, K_33_H_25_single_bytes_in_order_and_unread_pin_no_more_than_a_share) {
    read_nothing();
    for (std::uint32_t i = 0; i < kBuffer; ++i) send_at(i);
    EXPECT_LE(most_, kShare);
    EXPECT_EQ(host.count(base::Counter::TCPRcvQDrop), 0U);
    host.advance(1s);
    EXPECT_EQ(host.sent().back().ack, 1'001 + kBuffer) << "all of it is acknowledged";
    read_all();
    EXPECT_EQ(host.app().received.size(), kBuffer);
    EXPECT_EQ(host.app().received, letters(0, kBuffer));
    EXPECT_EQ(host.shell().live(), 0U);
}

// Room for so many large segments that a crumb for each is more than a share.
class WideCrumbs : public Crumbs {
  protected:
    static constexpr std::uint32_t kWide = 8 * kBuffer;

    WideCrumbs() : Crumbs(kWide) {}
    void SetUp() override { open({.mss = 1'460, .window_scale = 0}); }
};

TEST_F(WideCrumbs, K_33_H_25_a_crumb_after_each_large_segment_pins_no_more_either) {
    constexpr std::uint32_t kPairs = kWide / 1'025;
    constexpr std::uint32_t kWideShare = 64 + kWide / 1'024;
    static_assert(2 * kPairs > kWideShare);
    read_nothing();
    std::uint32_t offset = 0;
    for (std::uint32_t i = 0; i < kPairs; ++i) {
        send_at(offset);
        send_at(offset + 1, 1'024);
        offset += 1'025;
    }
    EXPECT_LE(most_, kWideShare);
    read_all();
    EXPECT_EQ(host.app().received, letters(0, offset));
}

TEST_F(Crumbs, K_33_H_25_single_bytes_beyond_a_gap_pin_no_more_than_a_share) {
    for (std::uint32_t i = 1; i < 4'000; ++i) {
        host.sent();
        send_at(i);
        ASSERT_EQ(host.sent(), (Trace{{"A", sent, 1'001}})) << "each has its answer";
    }
    EXPECT_LE(most_, kShare + kRuns);
    EXPECT_EQ(host.count(base::Counter::TCPOFODrop), 0U);
    send_at(0);
    EXPECT_EQ(host.app().received, letters(0, 4'000));
}

TEST_F(Crumbs, K_33_H_25_nor_do_they_from_the_far_end_to_the_near) {
    for (std::uint32_t i = 4'000; i > 0; --i) send_at(i);
    EXPECT_LE(most_, kShare + kRuns);
    EXPECT_EQ(host.count(base::Counter::TCPOFODrop), 0U);
    send_at(0);
    EXPECT_EQ(host.app().received, letters(0, 4'001));
}

TEST_F(Crumbs, K_33_H_25_nor_do_they_in_as_many_runs_as_there_may_be) {
    for (std::uint32_t round = 1; round < 50; ++round) {
        for (std::uint32_t run = 0; run < kRuns; ++run) send_at(100 * run + round);
    }
    EXPECT_LE(most_, kShare + 2 * kRuns);
    EXPECT_EQ(host.count(base::Counter::TCPOFODrop), 0U);
    for (std::uint32_t run = 0; run < kRuns; ++run) {
        send_at(100 * run);
        send_at(100 * run + 50, 50);
    }
    EXPECT_EQ(host.app().received, letters(0, 100 * kRuns));
}

// What is gathered needs a buffer; where there is none, what waits beyond the gap makes room, and
// only then is text in order refused: not without an answer, and the window stays as it was.
TEST_F(Crumbs, H_26_where_memory_is_short_text_beyond_gaps_goes_first_and_a_refusal_is_said) {
    read_nothing();
    for (std::uint32_t i = 0; i < 64; ++i) send_at(i);
    send_at(100);
    host.advance(1s);
    host.sent();
    host.shell().limit(1);
    send_at(64);
    EXPECT_EQ(host.count(base::Counter::TCPOFODrop), 1U);
    EXPECT_EQ(host.count(base::Counter::TCPRcvQDrop), 1U);
    const auto answer = host.sent();
    ASSERT_EQ(answer, (Trace{{"A", sent, 1'065}}));
    EXPECT_EQ(answer[0].window, kBuffer - 64);
    // The memory is back before the peer gives up.
    host.shell().limit(SIZE_MAX);
    send_at(64);
    host.advance(1s);
    EXPECT_EQ(host.sent(), (Trace{{"A", sent, 1'066}}));
    read_all();
    EXPECT_EQ(host.app().received, letters(0, 65));
}

TEST_F(Crumbs, H_26_text_that_no_piece_was_left_for_is_answered_as_well) {
    stack::Config config = with_small_buffers();
    config.max_pieces = 4;
    Host small(config);
    Peer other(small, 40'000, 80);
    small.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    ASSERT_TRUE(small.stack().listen({Address{}, 80}, small.app(), {}));
    const std::uint32_t iss = other.open(1'000, {.mss = 1'460});
    for (std::uint32_t i = 0; i < 4; ++i) {
        other.send({.flags = "PA", .seq = 1'001 + i, .ack = iss + 1, .text = "x"});
    }
    small.advance(1s);
    small.sent();
    other.send({.flags = "PA", .seq = 1'005, .ack = iss + 1, .text = "x"});
    EXPECT_EQ(small.sent(), (Trace{{"A", iss + 1, 1'005}}));
}

}  // namespace
}  // namespace lastack::test
