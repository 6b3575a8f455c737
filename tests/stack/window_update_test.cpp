// The window opens again: the peer must hear of it without asking (RFC 9293 3.8.6, H-28).

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/host.hpp"

namespace lastack::test {
namespace {

constexpr std::uint16_t kHostPort = 80;
constexpr std::uint16_t kPeerPort = 40'000;

// A peer that sends as much as it is allowed, to an application that does not read.
class FullWindow : public testing::Test {
  protected:
    static stack::Config config(std::uint32_t receive_buffer) {
        auto config = small_config();
        config.tcp.receive_buffer = receive_buffer;
        return config;
    }

    // Fills the window as the peer sees it, but for `spare` bytes of it.
    void fill(Host& host, std::uint32_t spare) {
        Peer peer(host, kPeerPort, kHostPort);
        ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
        const std::uint32_t iss = peer.open(1'000, {.mss = 1'460, .window_scale = 0});
        host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
        std::uint32_t seq = 1'001;
        std::uint32_t edge = seq + 65'535;
        while (seq + spare != edge) {
            const std::uint32_t size = std::min(1'460U, edge - seq - spare);
            peer.send({.flags = "A", .seq = seq, .ack = iss + 1, .text = std::string(size, 'x')});
            seq += size;
            host.advance(50ms);
            for (const Wire& ack : host.sent()) {
                edge = ack.ack + (std::uint32_t{ack.window} << kShift);
            }
        }
    }

    // The application reads everything.
    void read_all(Host& host) {
        host.app().at_data = nullptr;
        host.app().last.resume();
        host.turn();
    }

    static constexpr unsigned kShift = 1;  // lets 100 000 bytes fit 16 bits
};

TEST_F(FullWindow, H_28_a_rest_too_small_for_the_scale_does_not_keep_the_window_shut) {
    Host host(config(100'003));  // odd: one byte of it cannot be told at a shift of 1
    fill(host, 0);
    ASSERT_EQ(host.sent(), std::vector<Wire>{});
    read_all(host);
    const auto update = host.sent();
    ASSERT_EQ(update.size(), 1U);
    EXPECT_EQ(update[0].flags, "A");
    EXPECT_GE(update[0].window, 45'000);
}

TEST_F(FullWindow, H_28_a_rest_too_small_for_a_segment_does_not_stall_the_peer) {
    Host host(config(100'000));
    fill(host, 1'000);
    read_all(host);
    const auto update = host.sent();
    ASSERT_EQ(update.size(), 1U);
    EXPECT_GE(update[0].window, 45'000);
}

}  // namespace
}  // namespace lastack::test
