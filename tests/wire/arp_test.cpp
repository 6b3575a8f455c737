#include "wire/arp.hpp"

#include <gtest/gtest.h>

#include "tests/support/seed.hpp"
#include "tests/wire/frames.hpp"
#include "tests/wire/octets.hpp"

namespace lastack::wire {
namespace {

using test::hex;

const ArpPacket kRequest{.operation = ArpOperation::Request,
                         .sender_mac = {{2, 0, 0, 0, 0, 1}},
                         .sender_ip = {0xc6120001},
                         .target_mac = {},
                         .target_ip = {0xc6120002}};

TEST(Arp, a_request_of_another_implementation_is_understood) {
    EXPECT_EQ(ArpPacket::parse(hex(test::kArpRequest)), kRequest);
}

TEST(Arp, a_request_is_sent_as_another_implementation_sends_it) {
    test::Octets out(kArpBytes);
    EXPECT_EQ(emit(kRequest, out), 28U);
    EXPECT_EQ(out, hex(test::kArpRequest));
}

TEST(Arp, octets_behind_the_packet_are_padding) {
    test::Octets padded = hex(test::kArpRequest);
    padded.resize(46);
    EXPECT_EQ(ArpPacket::parse(padded), kRequest);
}

TEST(Arp, a_packet_of_27_octets_is_refused) {
    const test::Octets whole = hex(test::kArpRequest);
    EXPECT_FALSE(ArpPacket::parse(test::copy(ByteView(whole).first(27))));
    EXPECT_FALSE(ArpPacket::parse(ByteView()));
}

TEST(Arp, I_14_a_wrong_type_length_or_operation_is_refused) {
    struct Row {
        const char* what;
        std::size_t offset;
        std::uint16_t value;
    };
    constexpr Row kRows[] = {
        {"hardware type 6, IEEE 802", 0, 6},
        {"protocol IPv6", 2, 0x86dd},
        {"hardware length 8", 4, 0x0804},
        {"protocol length 16", 4, 0x0610},
        {"operation 0", 6, 0},
        {"operation 3, reverse ARP", 6, 3},
        {"operation 0x0101", 6, 0x0101},
    };
    for (const Row& row : kRows) {
        test::Octets packet = hex(test::kArpRequest);
        put16(packet, row.offset, row.value);
        EXPECT_FALSE(ArpPacket::parse(packet)) << row.what;
    }
}

TEST(Arp, what_is_emitted_reads_back) {
    test::Random random(test::seed_or(3));
    for (int i = 0; i < 200; ++i) {
        ArpPacket packet;
        packet.operation = random() % 2 == 0 ? ArpOperation::Request : ArpOperation::Reply;
        for (auto& octet : packet.sender_mac.octets) octet = test::any<std::uint8_t>(random);
        for (auto& octet : packet.target_mac.octets) octet = test::any<std::uint8_t>(random);
        packet.sender_ip.value = test::any<std::uint32_t>(random);
        packet.target_ip.value = test::any<std::uint32_t>(random);
        test::Octets out(kArpBytes);
        emit(packet, out);
        EXPECT_EQ(ArpPacket::parse(out), packet);
    }
}

}  // namespace
}  // namespace lastack::wire
