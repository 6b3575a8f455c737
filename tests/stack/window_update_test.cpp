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

// F-13, SHLD-14. A shift of 5 tells the window in steps of 32 bytes, and no segment is a multiple.
class RightEdge : public FullWindow {
  protected:
    static constexpr std::uint32_t kBuffer = 1 << 20;
    static constexpr unsigned kEdgeShift = 5;

    Host host{config(kBuffer)};
    Peer peer{host, kPeerPort, kHostPort};
    std::uint32_t iss = 0;
    std::uint32_t seq = 1'001;
    std::uint32_t edge = 0;

    void SetUp() override {
        ASSERT_TRUE(host.stack().listen({Address{}, kHostPort}, host.app(), {}));
        iss = peer.open(1'000, {.mss = 1'460, .window_scale = 0});
        host.app().at_data = [](Connection, std::string_view) { return std::size_t{0}; };
        edge = seq + 65'535;
    }
    // As the peer reads it, the least and the last of what the host has told since.
    struct Told {
        std::uint32_t least;
        std::uint32_t last;
    };
    Told send(std::uint32_t size) {
        peer.send({.flags = "A", .seq = seq, .ack = iss + 1, .text = std::string(size, 'x')});
        seq += size;
        Told told{edge, edge};
        for (const Wire& ack : host.sent()) {
            told.last = ack.ack + (std::uint32_t{ack.window} << kEdgeShift);
            told.least = std::min(told.least, told.last);
        }
        return told;
    }
};

TEST_F(RightEdge, F_13_SHLD_14_never_moves_left_as_the_peer_reads_it) {
    std::uint32_t size = 1'001;
    while (edge - seq > 1'460) {
        const Told told = send(size);
        EXPECT_GE(told.least, edge) << "at " << seq;
        edge = told.last;
        size = 1'001 + (size * 7) % 459;
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(seq, kBuffer / 10 * 9) << "the whole buffer was used";
}

// Crumbs would let the edge creep for ever: an eighth beyond the buffer the window closes after
// all, and what was promised before is still taken.
TEST_F(RightEdge, F_13_H_27_does_not_creep_beyond_an_eighth_of_the_buffer) {
    while (edge - seq >= 49) {
        const Told told = send(49);
        const std::uint32_t promised = edge - 1'001;
        if (promised + 32 <= kBuffer + kBuffer / 8) {
            EXPECT_GE(told.least, edge) << "at " << seq;
        } else {
            EXPECT_GT(told.least + 32, edge) << "at " << seq;
        }
        edge = told.last;
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(seq - 1'001, kBuffer);
    EXPECT_LE(seq - 1'001, kBuffer + kBuffer / 8);
    EXPECT_EQ(host.count(base::Counter::TCPRcvQDrop), 0U);
}

}  // namespace
}  // namespace lastack::test
