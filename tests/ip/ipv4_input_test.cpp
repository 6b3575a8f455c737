// Every reason of IPv4 not to take a datagram, one row each.
#include "ip/ipv4_input.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/ip/hosts.hpp"

namespace lastack::test {
namespace {

using base::Counter;
using Kind = ip::Ipv4Verdict::Kind;

ip::Ipv4Verdict judge(const raw::Ipv4& fields, bool link_broadcast = false) {
    const auto interfaces = two_interfaces();
    const auto packet = raw::ipv4(fields, raw::text(40));
    const auto parsed = wire::Ipv4View::parse(packet);
    EXPECT_TRUE(parsed);
    return ip::judge(*parsed.view, {.interfaces = interfaces, .link_broadcast = link_broadcast});
}

TEST(Ipv4Input, I_3_what_is_for_us_goes_to_its_protocol) {
    EXPECT_EQ(judge({.protocol = 6}).kind, Kind::Tcp);
    EXPECT_EQ(judge({.protocol = 1}).kind, Kind::Icmp);
    EXPECT_EQ(judge({.destination = raw::net18(2)}).kind, Kind::Tcp) << "a second address";
    EXPECT_EQ(judge({.ttl = 1}).kind, Kind::Tcp) << "a small TTL is no reason for a host";
}

TEST(Ipv4Input, I_17_an_unknown_protocol_to_us_may_be_reported_to_a_broadcast_address_not) {
    EXPECT_EQ(judge({.protocol = 17}).kind, Kind::UnknownProtocol);
    EXPECT_EQ(judge({.protocol = 17}).reason, Counter::IpInUnknownProtos);
    const auto broadcast = judge({.destination = 0xffff'ffff, .protocol = 17});
    EXPECT_EQ(broadcast.kind, Kind::Drop);
    EXPECT_EQ(broadcast.reason, Counter::IpInUnknownProtos);
}

struct Refused {
    std::string why;
    raw::Ipv4 fields;
    Counter reason;
};

const Refused kRefused[] = {
    {"E_16 TCP to the limited broadcast", {.destination = 0xffff'ffff}, Counter::TcpInBadAddress},
    {"E_16 TCP to our directed broadcast",
     {.destination = raw::net18(255)},
     Counter::TcpInBadAddress},
    {"E_16 TCP to multicast", {.destination = 0xe000'0001}, Counter::IpInAddrErrors},
    {"I_3 to another host", {.destination = raw::net18(77)}, Counter::IpInAddrErrors},
    {"I_3 to an address of another interface",
     {.destination = 0xc613'0001},
     Counter::IpInAddrErrors},
    {"I_3 to another interface's broadcast", {.destination = 0xc613'ffff}, Counter::IpInAddrErrors},
    {"I_3 from 0.0.0.0", {.source = 0}, Counter::IpInBadSource},
    {"I_3 from 0/8", {.source = 0x0001'0203}, Counter::IpInBadSource},
    {"I_3 from loopback", {.source = 0x7f00'0001}, Counter::IpInBadSource},
    {"I_3 from multicast", {.source = 0xe000'0005}, Counter::IpInBadSource},
    {"I_3 from 240/4", {.source = 0xf000'0001}, Counter::IpInBadSource},
    {"I_3 from the limited broadcast", {.source = 0xffff'ffff}, Counter::IpInBadSource},
    {"I_3 from our directed broadcast", {.source = raw::net18(255)}, Counter::IpInBadSource},
    {"I_3 from an own address", {.source = raw::net18(2)}, Counter::IpInBadSource},
    {"I_3 from an own address of another interface",
     {.source = 0xc613'0001},
     Counter::IpInBadSource},
    {"E_17 from the address it goes to", {.source = raw::kOurs}, Counter::TcpInLand},
    {"E_17 likewise with ICMP", {.source = raw::kOurs, .protocol = 1}, Counter::IpInBadSource},
    {"I_4 TTL zero", {.ttl = 0}, Counter::IpInTtlZero},
    {"I_8 first fragment", {.fragment = 0x2000}, Counter::IpInFragments},
    {"I_8 offset one", {.fragment = 0x0001}, Counter::IpInFragments},
    {"a last fragment", {.fragment = 0x00b9}, Counter::IpInFragments},
    {"I_5 loose source route",
     {.options = raw::octets({0x83, 7, 4, 198, 18, 0, 9, 0})},
     Counter::IpInSourceRouted},
    {"I_5 strict source route",
     {.options = raw::octets({0x89, 7, 4, 198, 18, 0, 9, 0})},
     Counter::IpInSourceRouted},
    {"I_5 an option that leads beyond the header",
     {.options = raw::octets({7, 40, 4, 0})},
     Counter::IpInHdrErrors},
    {"I_5 an option without length",
     {.options = raw::octets({7, 0, 4, 0})},
     Counter::IpInHdrErrors},
};

TEST(Ipv4Input, each_reason_to_refuse_has_its_counter) {
    for (const Refused& row : kRefused) {
        const auto verdict = judge(row.fields);
        EXPECT_EQ(verdict.kind, Kind::Drop) << row.why;
        EXPECT_EQ(verdict.reason, row.reason) << row.why;
    }
}

TEST(Ipv4Input, I_5_harmless_options_are_ignored) {
    EXPECT_EQ(judge({.options = raw::octets({0x94, 4, 0, 0})}).kind, Kind::Tcp) << "router alert";
    EXPECT_EQ(judge({.options = raw::octets({1, 1, 1, 0})}).kind, Kind::Tcp) << "padding";
}

TEST(Ipv4Input, a_frame_for_everybody_with_a_datagram_for_us_is_refused) {
    const auto verdict = judge({}, true);
    EXPECT_EQ(verdict.kind, Kind::Drop);
    EXPECT_EQ(verdict.reason, Counter::IpInLinkBroadcast);
}

TEST(Ipv4Input, I_16_icmp_to_a_broadcast_address_is_told_apart) {
    EXPECT_EQ(judge({.destination = raw::net18(255), .protocol = 1}, true).kind,
              Kind::BroadcastIcmp);
}

TEST(Ipv4Input, a_prefix_of_31_bits_has_no_broadcast_address) {
    auto interfaces = two_interfaces();
    interfaces[0].prefixes[0] = {{raw::net18(254)}, 31};
    interfaces[0].address_count = 1;
    const auto packet =
        raw::ipv4({.source = raw::net18(255), .destination = raw::net18(254)}, raw::text(40));
    const auto parsed = wire::Ipv4View::parse(packet);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(ip::judge(*parsed.view, {.interfaces = interfaces}).kind, Kind::Tcp);
}

TEST(Ipv4Input, I_2_each_error_of_the_header_has_its_counter) {
    using wire::Ipv4Error;
    EXPECT_EQ(ip::reason_of(Ipv4Error::TooShort), Counter::IpInHdrErrors);
    EXPECT_EQ(ip::reason_of(Ipv4Error::BadVersion), Counter::IpInHdrErrors);
    EXPECT_EQ(ip::reason_of(Ipv4Error::BadHeaderLength), Counter::IpInHdrErrors);
    EXPECT_EQ(ip::reason_of(Ipv4Error::BadTotalLength), Counter::IpInHdrErrors);
    EXPECT_EQ(ip::reason_of(Ipv4Error::Truncated), Counter::IpInTruncatedPkts);
    EXPECT_EQ(ip::reason_of(Ipv4Error::BadChecksum), Counter::IpInCsumErrors);
}

}  // namespace
}  // namespace lastack::test
