// Two whole Hosts over a Link, with a connection between them and a log of all that was sent: what
// the scenarios of requirements.md, section K, begin with.
//
// `a` connects from port 40000 to port 80 of `b`. Either end may be played by an attacker too:
// spoof() delivers a segment as if the other had sent it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/link.hpp"

namespace lastack::test {

struct Logged {
    Link::Side from;
    time::Instant at;
    Wire segment;
};

class Duo {
  public:
    static constexpr std::uint16_t kPortA = 40'000;
    static constexpr std::uint16_t kPortB = 80;
    static constexpr auto kFromA = Link::Side::A;
    static constexpr auto kFromB = Link::Side::B;

    explicit Duo(const stack::Config& a = small_config(), const stack::Config& b = small_config(),
                 Conditions conditions = {});

    Host a;
    Host b;
    Link link;
    Connection at_a;
    Connection at_b;
    std::vector<Logged> log;

    void listen();
    void connect();
    /// ESTABLISHED on both sides, and the log empty.
    void open();
    void run(time::Duration duration) { link.run(duration); }
    void say(Connection connection, std::size_t count, char byte = 's');
    /// b closes when it hears that a has.
    void b_follows();

    std::string state_a() { return a.state(kPortA, kPortB); }
    std::string state_b() { return b.state(kPortB, kPortA); }
    std::vector<Logged> sent(Link::Side from, char flag) const;
    /// The last number that a side has sent up to, of the log.
    std::uint32_t end_of(Link::Side from) const;
    void lose(Link::Side from, char flag, unsigned count, unsigned nth = 1);

    /// As a's (to b) or b's (to a) segment; what is answered goes its way.
    void spoof(Link::Side as, Wire segment);
    /// An ICMP error to `to`, about its own segment with number `seq`.
    void icmp(Link::Side to, std::uint8_t type, std::uint8_t code, std::uint32_t word,
              std::uint32_t seq);

    /// Both ends are gone and nothing is left, 2MSL included.
    void expect_rest();

  private:
    Host& host(Link::Side side) { return side == kFromA ? a : b; }
};

/// Without timestamps, so that a spoofed segment needs none.
stack::Config plain();

bool has(const Wire& segment, char flag);
/// What the application of `host` was told, once each time.
std::size_t told(Host& host, std::string_view event);

}  // namespace lastack::test
