#include "wire/address.hpp"

#include <gtest/gtest.h>

namespace lastack::wire {
namespace {

TEST(Address, a_mac_says_whether_it_is_a_group) {
    EXPECT_TRUE(MacAddress::broadcast().is_broadcast());
    EXPECT_TRUE(MacAddress::broadcast().is_multicast());
    const MacAddress group{{0x01, 0, 0x5e, 0, 0, 1}};
    EXPECT_TRUE(group.is_multicast());
    EXPECT_FALSE(group.is_broadcast());
    const MacAddress station{{0x02, 0xff, 0xff, 0xff, 0xff, 0xff}};
    EXPECT_FALSE(station.is_multicast());
    EXPECT_FALSE(station.is_zero());
    EXPECT_TRUE(MacAddress{}.is_zero());
}

TEST(Address, I_3_each_special_range_ends_where_it_ends) {
    struct Row {
        std::uint32_t value;
        bool this_network, loopback, multicast, reserved;
    };
    constexpr Row kRows[] = {
        {0x0000'0000, true, false, false, false},  {0x00ff'ffff, true, false, false, false},
        {0x0100'0000, false, false, false, false}, {0x7eff'ffff, false, false, false, false},
        {0x7f00'0000, false, true, false, false},  {0x7fff'ffff, false, true, false, false},
        {0x8000'0000, false, false, false, false}, {0xdfff'ffff, false, false, false, false},
        {0xe000'0000, false, false, true, false},  {0xefff'ffff, false, false, true, false},
        {0xf000'0000, false, false, false, true},  {0xffff'ffff, false, false, false, true},
    };
    for (const Row& row : kRows) {
        const Ipv4Address address{row.value};
        EXPECT_EQ(address.is_this_network(), row.this_network) << std::hex << row.value;
        EXPECT_EQ(address.is_loopback(), row.loopback) << std::hex << row.value;
        EXPECT_EQ(address.is_multicast(), row.multicast) << std::hex << row.value;
        EXPECT_EQ(address.is_reserved(), row.reserved) << std::hex << row.value;
    }
    EXPECT_TRUE(Ipv4Address{}.is_unspecified());
    EXPECT_FALSE(Ipv4Address{1}.is_unspecified());
    EXPECT_TRUE(Ipv4Address{0xffff'ffff}.is_limited_broadcast());
    EXPECT_FALSE(Ipv4Address{0xffff'fffe}.is_limited_broadcast());
}

TEST(Address, a_prefix_contains_its_network_and_knows_its_broadcast) {
    struct Row {
        std::uint8_t length;
        std::uint32_t other;
        bool contains, broadcast;
    };
    constexpr Row kRows[] = {
        {24, 0xc612'0000, true, false},  {24, 0xc612'00ff, true, true},
        {24, 0xc612'0100, false, false}, {24, 0xc612'01ff, false, false},
        {30, 0xc612'0003, true, true},   {31, 0xc612'0001, true, false},
        {32, 0xc612'0001, true, false},  {32, 0xc612'0000, false, false},
        {0, 0x0101'0101, true, false},   {0, 0xffff'ffff, true, true},
    };
    for (const Row& row : kRows) {
        const Ipv4Prefix prefix{{0xc612'0001}, row.length};
        EXPECT_EQ(prefix.contains({row.other}), row.contains) << std::hex << row.other;
        EXPECT_EQ(prefix.is_broadcast({row.other}), row.broadcast) << std::hex << row.other;
    }
}

TEST(Address, ipv6_groups_and_the_unspecified_address_are_known) {
    Ipv6Address address;
    EXPECT_TRUE(address.is_unspecified());
    address.octets[0] = 0xff;
    EXPECT_TRUE(address.is_multicast());
    address.octets[0] = 0xfe;
    EXPECT_FALSE(address.is_multicast());
    EXPECT_FALSE(address.is_unspecified());
}

}  // namespace
}  // namespace lastack::wire
