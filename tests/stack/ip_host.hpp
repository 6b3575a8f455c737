// An IP layer in memory of its own, with a heap shell and a virtual clock, and a peer that answers
// ARP when told to.
//
//     198.18.0.1/24 and 198.18.0.2/24 on port 0, default gateway 198.18.0.254
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "stack/ip_layer.hpp"
#include "tests/support/arena_memory.hpp"
#include "tests/support/heap_shell.hpp"
#include "tests/support/raw_frame.hpp"

namespace lastack::test {

using namespace std::chrono_literals;

inline stack::Config ip_config() {
    stack::Config config;
    stack::InterfaceConfig interface;
    interface.mac = {raw::kOurMac};
    interface.addresses = {{{raw::kOurs}, 24}, {{raw::net18(2)}, 24}};
    config.interfaces.push_back(interface);
    config.routes.push_back({.destination = {{0}, 0}, .gateway = {raw::net18(254)}});
    return config;
}

struct IpHost {
    explicit IpHost(const stack::Config& config = ip_config())
        : memory([&](base::Arena& a) { stack::IpLayer(a, config, counters, shell); }),
          arena(memory.bytes()),
          ip(arena, config, counters, shell) {}

    stack::Input receive(std::span<const std::byte> bytes, std::uint8_t port = 0) {
        return ip.receive(shell.frame(bytes, port), now);
    }
    /// The same, where the frame must be consumed; returns what was sent in turn.
    std::vector<SentFrame> answers(std::span<const std::byte> bytes) {
        const auto input = receive(bytes);
        EXPECT_TRUE(std::holds_alternative<stack::Consumed>(input));
        return shell.take_sent();
    }
    /// Teaches the host the MAC of `address`, as a request from it would.
    void introduce(std::uint32_t address = raw::kPeer, const raw::Mac& mac = raw::kPeerMac) {
        receive(raw::ethernet({.source = mac, .type = 0x0806},
                              raw::arp({.sender_mac = mac, .sender_ip = address})));
        shell.take_sent();
    }
    /// The answer to our question for `address`.
    void answer_arp(std::uint32_t address = raw::kPeer, const raw::Mac& mac = raw::kPeerMac) {
        receive(
            raw::ethernet({.source = mac, .type = 0x0806}, raw::arp({.operation = 2,
                                                                     .sender_mac = mac,
                                                                     .sender_ip = address,
                                                                     .target_mac = raw::kOurMac})));
    }
    std::uint64_t count(base::Counter counter) const { return counters.value(counter); }

    base::Counters counters;
    HeapShell shell;
    ArenaMemory memory;
    base::Arena arena;
    stack::IpLayer ip;
    time::Instant now{1h};
};

/// What a counter did since this was made.
class Moved {
  public:
    Moved(const IpHost& host, base::Counter counter)
        : host_(host), counter_(counter), before_(host.count(counter)) {}
    std::uint64_t by() const { return host_.count(counter_) - before_; }

  private:
    const IpHost& host_;
    base::Counter counter_;
    std::uint64_t before_;
};

inline std::uint16_t read16(const raw::Octets& bytes, std::size_t at) {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[at]) << 8 |
                                      std::to_integer<unsigned>(bytes[at + 1]));
}
inline raw::Octets slice(const raw::Octets& bytes, std::size_t at, std::size_t count) {
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace lastack::test
