#include "ip/icmp_output.hpp"

#include <gtest/gtest.h>

#include "tests/support/raw_frame.hpp"

namespace lastack::test {
namespace {

std::size_t quoted(const raw::Octets& packet) {
    const auto parsed = wire::Ipv4View::parse(packet);
    EXPECT_TRUE(parsed);
    const auto quotation = ip::quotation(*parsed.view);
    EXPECT_EQ(quotation.data(), packet.data());
    return quotation.size();
}

TEST(IcmpOutput, I_17_quotes_the_header_with_its_options_and_eight_octets) {
    EXPECT_EQ(quoted(raw::ipv4({.protocol = 17}, raw::text(100))), 28U);
    EXPECT_EQ(quoted(raw::ipv4({.options = raw::octets({1, 1, 1, 0})}, raw::text(100))), 32U);
}

TEST(IcmpOutput, I_17_quotes_no_more_than_there_was) {
    EXPECT_EQ(quoted(raw::ipv4({.protocol = 17}, raw::text(3))), 23U);
    auto padded = raw::ipv4({.protocol = 17}, raw::text(3));
    padded.resize(46);  // what a short frame's padding looks like
    EXPECT_EQ(quoted(padded), 23U);
}

TEST(IcmpOutput, I_17_udp_is_told_about_its_port_others_about_their_protocol) {
    EXPECT_EQ(ip::unreachable(17).code, 3);
    EXPECT_EQ(ip::unreachable(132).code, 2);
    EXPECT_EQ(ip::unreachable(17).type, wire::IcmpType::DestinationUnreachable);
}

}  // namespace
}  // namespace lastack::test
