// Text and FIN beyond a gap, on a whole stack.

#include <gtest/gtest.h>

#include "tests/support/host.hpp"

namespace lastack::test {
namespace {

constexpr std::uint16_t kHostPort = 80;
constexpr std::uint16_t kPeerPort = 40'000;

TEST(OutOfOrder, H_16_the_sack_block_covers_the_number_of_a_fin_behind_a_gap) {
    Host host;
    Peer peer(host, kPeerPort, kHostPort);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    const std::uint32_t ack = peer.open(1'000, {.sack_permitted = true}) + 1;
    const std::uint64_t before = host.count(base::Counter::OutSegs);
    peer.send({.flags = "FPA", .seq = 1'011, .ack = ack, .text = "end"});
    const auto answers = host.sent();
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(host.count(base::Counter::OutSegs), before + 1) << "counted as often as sent";
    ASSERT_EQ(answers[0].options.sack_count, 1);
    EXPECT_EQ(answers[0].options.sack[0].left.value(), 1'011U);
    EXPECT_EQ(answers[0].options.sack[0].right.value(), 1'015U);
    peer.send({.flags = "PA", .seq = 1'001, .ack = ack, .text = "0123456789"});
    EXPECT_EQ(host.sent(), (std::vector<Wire>{{"A", ack, 1'015}}));
    EXPECT_EQ(host.app().received, "0123456789end");
    EXPECT_EQ(host.app().events.back(), "peer closed");
}

TEST(OutOfOrder, H_16_a_bare_fin_behind_a_gap_is_a_sack_block_of_its_own) {
    Host host;
    Peer peer(host, kPeerPort, kHostPort);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    const std::uint32_t ack = peer.open(1'000, {.sack_permitted = true}) + 1;
    peer.send({.flags = "FA", .seq = 1'011, .ack = ack});
    const auto answers = host.sent();
    ASSERT_EQ(answers.size(), 1U);
    ASSERT_EQ(answers[0].options.sack_count, 1);
    EXPECT_EQ(answers[0].options.sack[0].left.value(), 1'011U);
    EXPECT_EQ(answers[0].options.sack[0].right.value(), 1'012U);
}

// A later segment in order says otherwise of what waits, and reaches beyond it.
TEST(OutOfOrder, H_25_K_33_text_in_order_rewrites_nothing_that_waits_beyond_the_gap) {
    Host host;
    Peer peer(host, kPeerPort, kHostPort);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    const std::uint32_t ack = peer.open(1'000) + 1;
    peer.send({.flags = "A", .seq = 1'003, .ack = ack, .text = "FIRST"});
    peer.send({.flags = "A", .seq = 1'010, .ack = ack, .text = "ALSO"});
    host.sent();
    peer.send({.flags = "FA", .seq = 1'001, .ack = ack, .text = "0123456789abcdefgh"});
    EXPECT_EQ(host.sent(), (std::vector<Wire>{{"A", ack, 1'020}}));
    EXPECT_EQ(host.app().received, "01FIRST78ALSOdefgh");
    EXPECT_EQ(host.app().events.back(), "peer closed");
    EXPECT_EQ(host.shell().live(), 0U);
}

// The one segment closes every gap: its ACK is not delayed, though nothing waits any more.
TEST(OutOfOrder, H_23_text_that_covers_all_that_waits_is_acknowledged_at_once) {
    Host host;
    Peer peer(host, kPeerPort, kHostPort);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    const std::uint32_t ack = peer.open(1'000) + 1;
    peer.send({.flags = "A", .seq = 1'003, .ack = ack, .text = "xyz"});
    host.sent();
    peer.send({.flags = "A", .seq = 1'001, .ack = ack, .text = "0123456789"});
    EXPECT_EQ(host.sent(), (std::vector<Wire>{{"A", ack, 1'011}}));
}

// To part the segment from what waits in its middle takes a piece, and none is left.
TEST(OutOfOrder, H_26_where_no_piece_is_left_to_part_it_what_waits_goes) {
    auto config = small_config();
    config.max_pieces = 2;
    Host host(config);
    Peer peer(host, kPeerPort, kHostPort);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    const std::uint32_t ack = peer.open(1'000) + 1;
    peer.send({.flags = "A", .seq = 1'003, .ack = ack, .text = "FIRST"});
    host.sent();
    peer.send({.flags = "FA", .seq = 1'001, .ack = ack, .text = "0123456789"});
    EXPECT_EQ(host.sent(), (std::vector<Wire>{{"A", ack, 1'012}}));
    EXPECT_EQ(host.app().received, "0123456789");
    EXPECT_EQ(host.app().events.back(), "peer closed");
    EXPECT_EQ(host.count(base::Counter::TCPOFODrop), 1U);
    EXPECT_EQ(host.shell().live(), 0U);
}

// What waits beyond the gap holds the last pieces; the segment that would fill the gap needs one.
TEST(OutOfOrder, H_26_text_beyond_a_gap_makes_room_for_the_text_that_fills_it) {
    auto config = small_config();
    config.max_pieces = 4;
    Host host(config);
    Peer peer(host, kPeerPort, kHostPort);
    ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
    const std::uint32_t ack = peer.open(1'000) + 1;
    for (std::uint32_t i = 1; i <= 4; ++i) {
        peer.send({.flags = "PA", .seq = 1'001 + i, .ack = ack, .text = std::string(1, 'x')});
    }
    for (int again = 0; again < 2; ++again) {
        peer.send({.flags = "PA", .seq = 1'001, .ack = ack, .text = "o"});
    }
    EXPECT_EQ(host.app().received.substr(0, 1), "o");
    for (std::uint32_t i = 1; i <= 4; ++i) {
        peer.send({.flags = "PA", .seq = 1'001 + i, .ack = ack, .text = std::string(1, 'x')});
    }
    EXPECT_EQ(host.app().received, "oxxxx");
}

}  // namespace
}  // namespace lastack::test
