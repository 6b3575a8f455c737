#include "wire/ethernet.hpp"

#include <gtest/gtest.h>

#include "tests/support/seed.hpp"
#include "tests/wire/frames.hpp"
#include "tests/wire/octets.hpp"

namespace lastack::wire {
namespace {

using test::hex;

constexpr MacAddress kMac1{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kMac2{{2, 0, 0, 0, 0, 2}};

TEST(Ethernet, I_1_an_untagged_frame_yields_its_fields_and_its_payload) {
    const test::Octets frame = hex("020000000002 020000000001 0806 aabb");
    const auto view = EthernetView::parse(frame);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->destination(), kMac2);
    EXPECT_EQ(view->source(), kMac1);
    EXPECT_EQ(view->type(), ether_type::kArp);
    EXPECT_EQ(view->vlan(), std::nullopt);
    EXPECT_EQ(test::copy(view->payload()), hex("aabb"));
}

TEST(Ethernet, I_1_a_tagged_frame_yields_its_vlan_without_the_priority) {
    const test::Octets frame = hex(test::kTaggedFrame);
    const auto view = EthernetView::parse(frame);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->header(), (EthernetHeader{kMac2, kMac1, ether_type::kIpv4, 100}));
    EXPECT_EQ(view->payload().size(), 40U);
}

TEST(Ethernet, I_1_a_tag_that_carries_a_priority_only_is_vlan_0) {
    const test::Octets frame = hex("020000000002 020000000001 8100 e000 0800");
    const auto view = EthernetView::parse(frame);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->vlan(), 0);
    EXPECT_TRUE(view->payload().empty());
}

TEST(Ethernet, a_second_tag_is_left_as_an_unspoken_type) {
    const test::Octets frame = hex("020000000002 020000000001 8100 0001 8100 0002 0800");
    const auto view = EthernetView::parse(frame);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->type(), ether_type::kVlan);
    EXPECT_EQ(view->vlan(), 1);
}

TEST(Ethernet, a_frame_that_ends_inside_its_header_is_refused) {
    const test::Octets untagged = hex(test::kEthernet);
    const test::Octets tagged = test::copy(ByteView(hex(test::kTaggedFrame)).first(18));
    for (std::size_t bytes = 0; bytes < 14; ++bytes) {
        EXPECT_FALSE(EthernetView::parse(test::copy(ByteView(untagged).first(bytes)))) << bytes;
    }
    EXPECT_TRUE(EthernetView::parse(untagged));
    for (std::size_t bytes = 14; bytes < 18; ++bytes) {
        EXPECT_FALSE(EthernetView::parse(test::copy(ByteView(tagged).first(bytes)))) << bytes;
    }
    EXPECT_TRUE(EthernetView::parse(tagged));
}

TEST(Ethernet, what_is_emitted_reads_back) {
    test::Random random(test::seed_or(2));
    for (int i = 0; i < 200; ++i) {
        EthernetHeader header;
        for (auto& octet : header.destination.octets) octet = test::any<std::uint8_t>(random);
        for (auto& octet : header.source.octets) octet = test::any<std::uint8_t>(random);
        do {
            header.type = test::any<std::uint16_t>(random);
        } while (header.type == ether_type::kVlan);
        if (random() % 2 == 0) header.vlan = static_cast<std::uint16_t>(random() & 0xfff);

        test::Octets out(header_bytes(header));
        ASSERT_EQ(emit(header, out), out.size());
        const auto view = EthernetView::parse(out);
        ASSERT_TRUE(view);
        EXPECT_EQ(view->header(), header);
        EXPECT_EQ(view->header_bytes(), out.size());
    }
}

TEST(Ethernet, a_tag_is_sent_with_priority_0) {
    test::Octets out(18);
    emit(EthernetHeader{kMac2, kMac1, ether_type::kIpv4, 100}, out);
    EXPECT_EQ(out, hex("020000000002 020000000001 8100 0064 0800"));
}

}  // namespace
}  // namespace lastack::wire
