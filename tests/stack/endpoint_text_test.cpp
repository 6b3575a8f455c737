#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

#include "lastack/connection.hpp"
#include "lastack/core.hpp"
#include "lastack/endpoint.hpp"
#include "tests/support/seed.hpp"

namespace lastack {
namespace {

std::string again(std::string_view text) {
    const auto address = Address::parse(text);
    return address ? address->to_string() : "refused";
}

std::string endpoint_again(std::string_view text) {
    const auto endpoint = Endpoint::parse(text);
    return endpoint ? endpoint->to_string() : "refused";
}

TEST(AddressText, reads_and_writes_dotted_quads) {
    EXPECT_EQ(Address::parse("198.18.0.1"), Address::ipv4(0xc612'0001));
    EXPECT_EQ(again("0.0.0.0"), "0.0.0.0");
    EXPECT_EQ(again("255.255.255.255"), "255.255.255.255");
}

TEST(AddressText, refuses_what_is_not_a_dotted_quad) {
    for (const char* text :
         {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.", ".1.2.3", "1..2.3", "256.0.0.1", "01.2.3.4",
          "1.2.3.4 ", " 1.2.3.4", "+1.2.3.4", "1.2.3.0x4", "a.b.c.d", "1.2.3.99999999999"}) {
        EXPECT_FALSE(Address::parse(text)) << text;
    }
}

TEST(AddressText, writes_ipv6_in_the_one_form_of_rfc_5952) {
    EXPECT_EQ(again("2001:DB8::1"), "2001:db8::1");
    EXPECT_EQ(again("2001:0db8:0000:0000:0000:0000:0000:0001"), "2001:db8::1");
    EXPECT_EQ(again("::"), "::");
    EXPECT_EQ(again("::1"), "::1");
    EXPECT_EQ(again("1::"), "1::");
    EXPECT_EQ(again("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8");
    EXPECT_EQ(again("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1") << "4.2.2: one group stays";
    EXPECT_EQ(again("2001:db8::1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
    EXPECT_EQ(again("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1") << "4.2.3: the longest run";
    EXPECT_EQ(again("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1") << "4.2.3: the first of equals";
    EXPECT_EQ(again("1:0:0:2:3:4:0:0"), "1::2:3:4:0:0");
    EXPECT_EQ(again("1:2:3:4:5:6:0:0"), "1:2:3:4:5:6::");
    EXPECT_EQ(again("0:0:3:4:5:6:7:8"), "::3:4:5:6:7:8");
    EXPECT_EQ(again("::ffff:198.18.0.1"), "::ffff:198.18.0.1") << "5: mapped addresses";
    EXPECT_EQ(again("64:ff9b::198.18.0.1"), "64:ff9b::c612:1");
}

TEST(AddressText, refuses_what_is_not_an_ipv6_address) {
    for (const char* text :
         {":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
          "::1:2:3:4:5:6:7:8", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7",
          "::1%eth0", "[::1]", "1.2.3.4::", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "::1 ", "-1::"}) {
        EXPECT_FALSE(Address::parse(text)) << text;
    }
}

TEST(AddressText, any_ipv6_address_survives_being_written_and_read) {
    std::mt19937_64 random(test::seed_or(5952));
    for (int round = 0; round < 2'000; ++round) {
        std::array<std::uint8_t, 16> octets{};
        for (std::size_t i = 0; i < 16; i += 2) {
            if (random() % 2 == 0) continue;  // many zero groups: runs of every length and place
            octets[i] = static_cast<std::uint8_t>(random());
            octets[i + 1] = static_cast<std::uint8_t>(random());
        }
        const Address address = Address::ipv6(octets);
        EXPECT_EQ(Address::parse(address.to_string()), address) << address.to_string();
    }
}

TEST(EndpointText, reads_and_writes_both_families_and_any_address) {
    EXPECT_EQ(endpoint_again("198.18.0.1:80"), "198.18.0.1:80");
    EXPECT_EQ(endpoint_again("[2001:DB8::1]:443"), "[2001:db8::1]:443");
    EXPECT_EQ(endpoint_again("[::]:80"), "[::]:80");
    EXPECT_EQ(endpoint_again(":80"), "0.0.0.0:80");
    EXPECT_EQ(endpoint_again("198.18.0.1:65535"), "198.18.0.1:65535");
    EXPECT_EQ(endpoint_again("198.18.0.1:0"), "198.18.0.1:0");
}

TEST(EndpointText, refuses_what_is_neither) {
    for (const char* text :
         {"", ":", "80", "198.18.0.1", "198.18.0.1:", "198.18.0.1:65536", "198.18.0.1:-1",
          "198.18.0.1:080", "198.18.0.1:8 ", "[198.18.0.1]:80", "2001:db8::1:80", "[2001:db8::1]",
          "[]:80", "[:80", "]:80", "host:80"}) {
        EXPECT_FALSE(Endpoint::parse(text)) << text;
    }
}

TEST(Words, every_close_reason_and_error_has_its_own) {
    EXPECT_EQ(name(CloseReason::orderly), "orderly");
    EXPECT_EQ(name(CloseReason::timed_out), "timed_out");
    EXPECT_EQ(name(CloseReason::shut_down), "shut_down");
    EXPECT_EQ(describe(Error::none), "no error");
    EXPECT_EQ(describe(Error::address_in_use), "address in use");
    EXPECT_EQ(describe(Error::no_resources), "a table sized at start is full");
}

}  // namespace
}  // namespace lastack
