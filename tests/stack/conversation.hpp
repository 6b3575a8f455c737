// A connection between a Host and a scripted Peer, with the numbers both sides have reached: what
// the trace tests of this folder begin with.
//
// The host listens on port 80 and its ISN is 5000; the peer's port is 40000, its ISN 1000. `next`
// is the number that the host expects of the peer, `sent` the one behind all that the host has
// sent.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/host.hpp"
#include "tests/support/raw_frame.hpp"

namespace lastack::test {

using Trace = std::vector<Wire>;

class Conversation {
  public:
    static constexpr std::uint16_t kHostPort = 80;
    static constexpr std::uint16_t kPeerPort = 40'000;

    explicit Conversation(const stack::Config& config = small_config()) : host(config) {}

    Host host;
    Peer peer{host, kPeerPort, kHostPort};
    Connection connection;
    std::uint32_t next = 1'001;
    std::uint32_t sent = 5'001;

    void listen() {
        const auto result = host.stack().listen({Address{}, kHostPort}, host.app(), {});
        ASSERT_TRUE(result);
        listener = result.listener;
    }

    /// LISTEN to ESTABLISHED; the peer's SYN carries `options`, its ACK the window.
    void open(const wire::TcpOptions& options = {.mss = 1'460}, std::uint16_t window = 65'535) {
        listen();
        host.wait_for_isn(kHostPort, kPeerPort, 5'000);
        peer.send({.flags = "S", .seq = 1'000, .options = options});
        const auto answer = host.sent();
        ASSERT_EQ(answer, (Trace{{"SA", 5'000, 1'001}}));
        Wire third{.flags = "A", .seq = 1'001, .ack = 5'001, .window = window};
        if (options.timestamps) third.options.timestamps = options.timestamps;
        peer.send(third);
        ASSERT_EQ(state(), "ESTABLISHED");
        connection = host.app().last;
        host.advance_to_tick();
    }

    /// SYN-SENT: the host connects; its ISN is 5000 again.
    void connect() {
        host.wait_for_isn(kHostPort, kPeerPort, 5'000);
        const auto result = host.stack().connect({Address::ipv4(kPeerAddress.value), kPeerPort},
                                                 host.app(), {.local = {Address{}, kHostPort}});
        ASSERT_TRUE(result);
        connection = result.connection;
        host.turn();
        ASSERT_EQ(host.sent(), (Trace{{"S", 5'000, 0}}));
    }

    Listener listener;
    std::string state() { return host.state(kHostPort, kPeerPort); }

    /// A segment at the expected number, acknowledging everything.
    void send(std::string flags, std::string text = {}, std::uint16_t window = 65'535) {
        Wire segment{.flags = std::move(flags),
                     .seq = next,
                     .ack = sent,
                     .text = std::move(text),
                     .window = window};
        next += segment.len();
        peer.send(segment);
    }

    /// A router's word, destination unreachable, about a segment that the host sent at `seq`; of
    /// code 4, fragmentation needed, with the MTU of the next hop.
    static std::vector<std::byte> unreachable_frame(std::uint8_t code, std::uint32_t seq,
                                                    std::uint16_t mtu = 0) {
        const auto quote =
            raw::ipv4({.source = kHostAddress.value, .destination = kPeerAddress.value},
                      raw::tcp({.source_port = kHostPort,
                                .destination_port = kPeerPort,
                                .seq = seq,
                                .flags = 0x10}));
        return raw::ethernet({},
                             raw::ipv4({.source = kPeerAddress.value, .protocol = 1},
                                       raw::icmp({.type = 3, .code = code, .rest = mtu}, quote)));
    }
    void unreachable(std::uint8_t code, std::uint32_t seq, std::uint16_t mtu = 0) {
        host.receive(unreachable_frame(code, seq, mtu));
    }

    /// The application sends `count` bytes; the turn runs; `sent` moves on.
    void say(std::size_t count) {
        ASSERT_EQ(connection.send(as_bytes(std::string(count, 's'))), count);
        host.turn();
        sent += static_cast<std::uint32_t>(count);
    }

    /// How many of a pool of the stack's are taken, by its name in memory().
    std::uint32_t in_use(std::string_view name) {
        for (const stack::PoolUse& use : host.stack().memory()) {
            if (use.name == name) return use.in_use;
        }
        ADD_FAILURE() << "no row " << name;
        return 0;
    }

    void expect_nothing_left() {
        EXPECT_EQ(host.shell().live(), 0U);
        EXPECT_EQ(host.count(base::Counter::StaleTimer), 0U);
        EXPECT_TRUE(host.stack().quiescent());
    }
};

}  // namespace lastack::test
