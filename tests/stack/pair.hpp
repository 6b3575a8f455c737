// Two Hosts over a Link, and a connection between them: a's port 40000, b's port 80.
#pragma once

#include <gtest/gtest.h>

#include <array>

#include "tests/support/link.hpp"

namespace lastack::test {

using Trace = std::vector<Wire>;
using Side = Link::Side;

class Pair {
  public:
    static constexpr std::uint16_t kPortOfA = 40'000;
    static constexpr std::uint16_t kPortOfB = 80;

    explicit Pair(std::uint64_t seed = 1, Conditions conditions = {})
        : link(a, b, seed, conditions) {}

    Host a{config_at(kHostAddress, kHostMac)};
    Host b{config_at(kPeerAddress, kPeerMac)};
    Link link;
    Connection at_a, at_b;

    /// b listens, a connects; both ESTABLISHED.
    void open() {
        ASSERT_TRUE(b.stack().listen({Address{}, kPortOfB}, b.app(), {}));
        at_a = a.stack()
                   .connect({Address::ipv4(kPeerAddress.value), kPortOfB}, a.app(),
                            {.local = {Address{}, kPortOfA}})
                   .connection;
        ASSERT_TRUE(link.run_until([&] { return a.app().saw("open") && b.app().saw("open"); }, 9s));
        at_b = b.app().last;
    }

    std::string state_of_a() { return a.state(kPortOfA, kPortOfB); }
    std::string state_of_b() { return b.state(kPortOfB, kPortOfA); }
    std::string state(Side side) { return side == Side::A ? state_of_a() : state_of_b(); }
    bool over() { return state_of_a() == "CLOSED" && state_of_b() == "CLOSED"; }
};

inline std::size_t index_of(Side side) {
    return side == Side::A ? 0 : 1;
}
inline std::size_t other_index(Side side) {
    return side == Side::A ? 1 : 0;
}

/// How many rows a host lists for the tuple: one record, or none.
inline std::size_t rows_of_tuple(const Host& host, std::uint16_t local, std::uint16_t remote) {
    return host.rows({.local_port = local, .remote_port = remote}).size();
}

}  // namespace lastack::test
