#include "wire/ipv4.hpp"

#include <gtest/gtest.h>

#include "tests/support/seed.hpp"
#include "tests/wire/frames.hpp"
#include "tests/wire/octets.hpp"

namespace lastack::wire {
namespace {

using test::hex;

test::Octets syn() {
    return hex(std::string(test::kSynIp) + std::string(test::kSynTcp));
}

/// Makes the header checksum right again after a field was changed.
void mend_checksum(test::Octets& packet) {
    const std::size_t bytes = std::min(packet.size(), std::size_t{get8(packet, 0)} % 16 * 4);
    put16(packet, 10, 0);
    put16(packet, 10, checksum(ByteView(packet).first(bytes)));
}

TEST(Ipv4, a_datagram_of_another_implementation_yields_its_fields) {
    const test::Octets packet = syn();
    const Ipv4Parse parsed = Ipv4View::parse(packet);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed.error, Ipv4Error::None);
    EXPECT_EQ(parsed.view->header(), (Ipv4Header{.source = {0xc6120001},
                                                 .destination = {0xc6120002},
                                                 .protocol = ip_protocol::kTcp,
                                                 .time_to_live = 63,
                                                 .dscp = 10,
                                                 .ecn = 2,
                                                 .identification = 0x1234,
                                                 .dont_fragment = true,
                                                 .total_bytes = 60}));
    EXPECT_EQ(test::copy(parsed.view->payload()), hex(test::kSynTcp));
    EXPECT_EQ(parsed.view->payload_bytes(), 40U);
    EXPECT_FALSE(parsed.view->is_fragment());
    EXPECT_TRUE(parsed.view->options().empty());
}

TEST(Ipv4, a_header_is_sent_as_another_implementation_sends_it) {
    const test::Octets packet = syn();
    test::Octets out(kIpv4HeaderBytes);
    EXPECT_EQ(emit(Ipv4View::parse(packet).view->header(), out), 20U);
    EXPECT_EQ(out, hex(test::kSynIp));
}

TEST(Ipv4, I_1_padding_behind_the_total_length_is_not_seen) {
    test::Octets packet = syn();
    packet.resize(packet.size() + 6, std::byte{0x5a});
    const Ipv4Parse parsed = Ipv4View::parse(packet);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(test::copy(parsed.view->payload()), hex(test::kSynTcp));
}

TEST(Ipv4, I_2_every_malformed_header_is_refused_with_its_reason) {
    struct Row {
        const char* what;
        std::size_t offset;
        std::uint8_t value;
        Ipv4Error error;
    };
    constexpr Row kRows[] = {
        {"version 0", 0, 0x05, Ipv4Error::BadVersion},
        {"version 3", 0, 0x35, Ipv4Error::BadVersion},
        {"version 5", 0, 0x55, Ipv4Error::BadVersion},
        {"version 6", 0, 0x65, Ipv4Error::BadVersion},
        {"IHL 0", 0, 0x40, Ipv4Error::BadHeaderLength},
        {"IHL 4", 0, 0x44, Ipv4Error::BadHeaderLength},
        {"IHL 5", 0, 0x45, Ipv4Error::None},
        {"IHL 15, all of the 60 octets", 0, 0x4f, Ipv4Error::None},
        {"total length 0", 3, 0, Ipv4Error::BadTotalLength},
        {"total length 19", 3, 19, Ipv4Error::BadTotalLength},
        {"total length 20", 3, 20, Ipv4Error::None},
        {"total length 60", 3, 60, Ipv4Error::None},
        {"total length 61", 3, 61, Ipv4Error::Truncated},
        {"total length 316", 2, 1, Ipv4Error::Truncated},
    };
    for (const Row& row : kRows) {
        test::Octets packet = syn();
        put8(packet, row.offset, row.value);
        mend_checksum(packet);
        const Ipv4Parse parsed = Ipv4View::parse(packet);
        EXPECT_EQ(parsed.error, row.error) << row.what;
        EXPECT_EQ(parsed.view.has_value(), row.error == Ipv4Error::None) << row.what;
    }
}

TEST(Ipv4, I_2_a_packet_that_ends_inside_its_header_is_too_short) {
    const test::Octets whole = hex(test::kRouterAlert);
    for (std::size_t bytes = 0; bytes < 24; ++bytes) {
        const test::Octets packet = test::copy(ByteView(whole).first(bytes));
        EXPECT_EQ(Ipv4View::parse(packet).error, Ipv4Error::TooShort) << bytes;
        EXPECT_EQ(Ipv4View::parse(packet, {.chained_bytes = 100}).error, Ipv4Error::TooShort);
    }
    EXPECT_EQ(Ipv4View::parse(test::copy(ByteView(whole).first(24))).error, Ipv4Error::Truncated);
}

TEST(Ipv4, I_2_any_flipped_bit_of_the_header_is_noticed) {
    for (std::size_t bit = 0; bit < 160; ++bit) {
        test::Octets packet = syn();
        packet[bit / 8] ^= std::byte{1} << (bit % 8);
        EXPECT_FALSE(Ipv4View::parse(packet)) << "bit " << bit;
    }
}

TEST(Ipv4, H_40_a_wrong_checksum_is_an_error_only_where_it_is_to_be_verified) {
    test::Octets packet = syn();
    put16(packet, 10, static_cast<std::uint16_t>(get16(packet, 10) + 1));
    EXPECT_EQ(Ipv4View::parse(packet).error, Ipv4Error::BadChecksum);
    EXPECT_TRUE(Ipv4View::parse(packet, {.verify_checksum = false}));
}

TEST(Ipv4, text_in_chained_buffers_counts_towards_the_total_length) {
    test::Octets packet = syn();
    put16(packet, 2, 160);
    mend_checksum(packet);
    EXPECT_EQ(Ipv4View::parse(packet, {.chained_bytes = 99}).error, Ipv4Error::Truncated);
    const Ipv4Parse parsed = Ipv4View::parse(packet, {.chained_bytes = 100});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed.view->payload().size(), 40U);
    EXPECT_EQ(parsed.view->payload_bytes(), 140U);
    EXPECT_EQ(pseudo_header(*parsed.view).bytes, 140U);
}

TEST(Ipv4, fragments_tell_their_place) {
    struct Row {
        const char* what;
        std::uint16_t field;
        bool is_fragment, more, dont;
        std::size_t offset_bytes;
    };
    constexpr Row kRows[] = {
        {"whole", 0x0000, false, false, false, 0},
        {"whole, DF", 0x4000, false, false, true, 0},
        {"whole, the reserved bit", 0x8000, false, false, false, 0},
        {"first", 0x2000, true, true, false, 0},
        {"middle", 0x2001, true, true, false, 8},
        {"last", 0x1fff, true, false, false, 65528},
    };
    for (const Row& row : kRows) {
        test::Octets packet = syn();
        put16(packet, 6, row.field);
        mend_checksum(packet);
        const Ipv4Parse parsed = Ipv4View::parse(packet);
        ASSERT_TRUE(parsed) << row.what;
        EXPECT_EQ(parsed.view->is_fragment(), row.is_fragment) << row.what;
        EXPECT_EQ(parsed.view->more_fragments(), row.more) << row.what;
        EXPECT_EQ(parsed.view->dont_fragment(), row.dont) << row.what;
        EXPECT_EQ(parsed.view->fragment_offset_bytes(), row.offset_bytes) << row.what;
    }
}

TEST(Ipv4, I_5_a_source_route_of_another_implementation_is_seen) {
    const test::Octets routed = hex(test::kSourceRouted);
    ASSERT_TRUE(Ipv4View::parse(routed));
    EXPECT_TRUE(Ipv4View::parse(routed).view->has_source_route());
    const test::Octets alert = hex(test::kRouterAlert);
    ASSERT_TRUE(Ipv4View::parse(alert));
    EXPECT_FALSE(Ipv4View::parse(alert).view->has_source_route());
    EXPECT_EQ(test::copy(Ipv4View::parse(alert).view->options()), hex("94040000"));
}

TEST(Ipv4, I_5_options_are_judged_within_their_lengths) {
    struct Row {
        const char* what;
        const char* options;
        Ipv4Options verdict;
    };
    constexpr Row kRows[] = {
        {"padding only", "00000000", Ipv4Options::Harmless},
        {"NOPs to the end", "01010101", Ipv4Options::Harmless},
        {"loose", "8303 0400", Ipv4Options::SourceRoute},
        {"strict behind NOPs", "0101 8902", Ipv4Options::SourceRoute},
        {"loose behind the end of the list", "00830304", Ipv4Options::Harmless},
        {"loose inside another option", "4404 8303", Ipv4Options::Harmless},
        {"loose behind another option", "440405008307040000000000", Ipv4Options::SourceRoute},
        {"unknown", "5e040000", Ipv4Options::Harmless},
        {"length 0", "5e000000", Ipv4Options::Malformed},
        {"length 1", "5e010000", Ipv4Options::Malformed},
        {"length 2", "5e020000", Ipv4Options::Harmless},
        {"length one beyond the end", "5e050000", Ipv4Options::Malformed},
        {"length 255", "5eff0000", Ipv4Options::Malformed},
        {"no room for a length", "0101015e", Ipv4Options::Malformed},
        {"source route, then malformed", "83030401 5e000000", Ipv4Options::Malformed},
    };
    for (const Row& row : kRows) {
        const test::Octets options = hex(row.options);
        test::Octets packet = hex(test::kSynIp);
        put8(packet, 0, static_cast<std::uint8_t>(0x45 + options.size() / 4));
        put16(packet, 2, static_cast<std::uint16_t>(20 + options.size()));
        packet.insert(packet.end(), options.begin(), options.end());
        mend_checksum(packet);
        const Ipv4Parse parsed = Ipv4View::parse(test::copy(packet));
        ASSERT_TRUE(parsed) << row.what;
        const test::Octets exact = test::copy(packet);
        EXPECT_EQ(Ipv4View::parse(exact).view->options_verdict(), row.verdict) << row.what;
    }
}

TEST(Ipv4, I_5_options_of_random_octets_are_never_read_beyond) {
    test::Random random(test::seed_or(4));
    for (int i = 0; i < 20'000; ++i) {
        const std::size_t words = test::up_to(random, 10);
        test::Octets packet = test::random_octets(random, 20 + words * 4);
        put8(packet, 0, static_cast<std::uint8_t>(0x45 + words));
        put16(packet, 2, static_cast<std::uint16_t>(packet.size()));
        const Ipv4Parse parsed = Ipv4View::parse(packet, {.verify_checksum = false});
        ASSERT_TRUE(parsed);
        const Ipv4Options verdict = parsed.view->options_verdict();
        if (words == 0) {
            EXPECT_EQ(verdict, Ipv4Options::Harmless);
        }
        EXPECT_EQ(parsed.view->has_source_route(), verdict == Ipv4Options::SourceRoute);
    }
}

TEST(Ipv4, what_is_emitted_reads_back) {
    test::Random random(test::seed_or(5));
    for (int i = 0; i < 1000; ++i) {
        const std::size_t payload = test::up_to(random, 100);
        const Ipv4Header header{.source = {test::any<std::uint32_t>(random)},
                                .destination = {test::any<std::uint32_t>(random)},
                                .protocol = test::any<std::uint8_t>(random),
                                .time_to_live = test::any<std::uint8_t>(random),
                                .dscp = static_cast<std::uint8_t>(random() & 63),
                                .ecn = static_cast<std::uint8_t>(random() & 3),
                                .identification = test::any<std::uint16_t>(random),
                                .dont_fragment = random() % 2 == 0,
                                .total_bytes = static_cast<std::uint16_t>(20 + payload)};
        test::Octets out(20 + payload);
        ASSERT_EQ(emit(header, out), 20U);
        const Ipv4Parse parsed = Ipv4View::parse(out);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed.view->header(), header);
        EXPECT_EQ(parsed.view->payload_bytes(), payload);
    }
}

}  // namespace
}  // namespace lastack::wire
