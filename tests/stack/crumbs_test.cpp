// A peer that sends its text in crumbs (K-32, K-33): what it can hold of the core is bounded in
// pieces too, and a connection that behaves goes on beside it.

#include <gtest/gtest.h>

#include "tests/support/host.hpp"

namespace lastack::test {
namespace {

stack::Config with_small_buffers() {
    stack::Config config = small_config();
    config.tcp.receive_buffer = 16'384;  // a share of 64 + 64 pieces
    config.max_pieces = 1'024;
    return config;
}

std::uint32_t pieces_in_use(Host& host) {
    for (const stack::PoolUse& use : host.stack().memory()) {
        if (std::string_view(use.name) == "piece") return use.in_use;
    }
    return 0;
}

TEST(Crumbs, K_33_H_25_single_bytes_in_order_and_unread_hold_no_more_than_a_share) {
    Host host(with_small_buffers());
    Peer peer(host, 40'000, 80);
    host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
    ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
    const std::uint32_t iss = peer.open(1'000, {.mss = 1'460});
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        peer.send({.flags = "PA", .seq = 1'001 + i, .ack = iss + 1, .text = "x"});
    }
    // One share waits to be read; from the byte that it had no room for on all is beyond a gap, and
    // has a share of its own.
    EXPECT_EQ(pieces_in_use(host), 256U);
    EXPECT_EQ(host.count(base::Counter::TCPRcvQDrop), 1U);
    EXPECT_EQ(host.count(base::Counter::TCPOFODrop), 1'000U - 128 - 1 - 128);
    // What was refused was not acknowledged: read, and the rest is taken when it comes again.
    host.app().at_data = nullptr;
    host.app().last.resume();
    host.turn();
    peer.send({.flags = "PA", .seq = 1'001 + 128, .ack = iss + 1, .text = "y"});
    EXPECT_EQ(host.app().received, std::string(128, 'x') + "y" + std::string(128, 'x'));
}

TEST(Crumbs, K_33_H_25_single_bytes_beyond_gaps_hold_no_more_than_a_share) {
    Host host(with_small_buffers());
    Peer peer(host, 40'000, 80);
    ASSERT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
    const std::uint32_t iss = peer.open(1'000, {.mss = 1'460});
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        peer.send({.flags = "A", .seq = 1'002 + i, .ack = iss + 1, .text = "x"});
    }
    EXPECT_EQ(pieces_in_use(host), 128U);
    EXPECT_EQ(host.count(base::Counter::TCPOFODrop), 1'000U - 128);
    peer.send({.flags = "PA", .seq = 1'001, .ack = iss + 1, .text = "w"});
    EXPECT_EQ(host.app().received, "w" + std::string(128, 'x'));
}

}  // namespace
}  // namespace lastack::test
