// A neighbour that answers no ARP: an open fails soon, a connection that lives waits it out (I-12).

#include <gtest/gtest.h>

#include "tests/support/host.hpp"

namespace lastack::test {
namespace {

TEST(Unreachable, I_12_an_open_towards_a_silent_neighbour_fails_as_unreachable) {
    Host host;
    host.answer_arp(false);
    ASSERT_TRUE(host.stack().connect({Address::ipv4(kPeerAddress.value), 80}, host.app(), {}));
    host.advance(2900ms);
    EXPECT_FALSE(host.app().saw("closed unreachable"));
    host.advance(2s);
    EXPECT_TRUE(host.app().saw("closed unreachable"));
    EXPECT_EQ(host.count(base::Counter::ArpResolveFailures), 1U);
    EXPECT_TRUE(host.stack().quiescent());
    EXPECT_EQ(host.shell().live(), 0U);
}

}  // namespace
}  // namespace lastack::test
