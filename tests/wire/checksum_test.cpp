#include "wire/checksum.hpp"

#include <gtest/gtest.h>

#include "tests/support/seed.hpp"
#include "tests/wire/frames.hpp"
#include "tests/wire/octets.hpp"
#include "wire/ipv4.hpp"

namespace lastack::wire {
namespace {

using test::hex;

/// RFC 1071 word by word, as one would explain it: the independent witness.
std::uint16_t naive_checksum(ByteView bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto octet = std::to_integer<std::uint32_t>(bytes[i]);
        sum += i % 2 == 0 ? octet * 256 : octet;
        if (sum > 0xffff) sum -= 0xffff;
    }
    return static_cast<std::uint16_t>(0xffff - sum);
}

/// Two sums mean the same where they differ as 0 and -0 do.
std::uint16_t without_minus_zero(std::uint16_t checksum) {
    return checksum == 0xffff ? std::uint16_t{0} : checksum;
}

TEST(Checksum, the_example_of_rfc_1071_comes_out) {
    Checksum sum;
    sum.add(hex("0001 f203 f4f5 f6f7"));
    EXPECT_EQ(sum.sum(), 0xddf2);
    EXPECT_EQ(sum.finish(), 0x220d);
}

TEST(Checksum, nothing_sums_to_zero) {
    EXPECT_EQ(Checksum().sum(), 0);
    EXPECT_EQ(checksum(ByteView()), 0xffff);
}

TEST(Checksum, every_length_at_every_alignment_agrees_with_the_naive_sum) {
    test::Random random(test::seed_or(7));
    const test::Octets octets = test::random_octets(random, 600);
    for (std::size_t start = 0; start < 9; ++start) {
        for (std::size_t bytes = 0; bytes + start <= 300; ++bytes) {
            const ByteView run = ByteView(octets).subspan(start, bytes);
            ASSERT_EQ(checksum(run), naive_checksum(run)) << start << "+" << bytes;
        }
    }
}

TEST(Checksum, carries_out_of_every_width_are_not_lost) {
    for (const std::size_t bytes : {1U, 2U, 7U, 8U, 9U, 64U, 65U, 1460U, 65535U}) {
        const test::Octets ones(bytes, std::byte{0xff});
        EXPECT_EQ(checksum(ones), naive_checksum(ones)) << bytes;
    }
}

TEST(Checksum, any_cut_into_pieces_gives_the_same_sum) {
    test::Random random(test::seed_or(8));
    for (int i = 0; i < 5000; ++i) {
        const test::Octets octets = test::random_octets(random, test::up_to(random, 200));
        Checksum sum;
        for (ByteView rest = octets; !rest.empty();) {
            const std::size_t bytes = test::up_to(random, std::min<std::size_t>(rest.size(), 40));
            sum.add(test::copy(rest.first(bytes)));
            rest = rest.subspan(bytes);
        }
        ASSERT_EQ(sum.finish(), naive_checksum(octets));
    }
}

TEST(Checksum, words_of_their_own_do_not_move_the_place_of_the_pieces) {
    const test::Octets octets = hex("010203");
    Checksum words_first;
    words_first.add16(0x1234);
    words_first.add32(0xffff'fff0);
    words_first.add(octets);
    Checksum words_between;
    words_between.add(ByteView(octets).first(1));
    words_between.add32(0xffff'fff0);
    words_between.add16(0x1234);
    words_between.add(ByteView(octets).subspan(1));
    EXPECT_EQ(words_first.finish(), naive_checksum(hex("1234 ffff fff0 010203")));
    EXPECT_EQ(words_between.finish(), words_first.finish());
}

TEST(Checksum, H_40_segments_of_another_implementation_verify) {
    for (const auto& [ip, tcp] :
         {std::pair{test::kSynIp, test::kSynTcp}, std::pair{test::kDataIp, test::kDataTcp},
          std::pair{test::kSackIp, test::kSackTcp}}) {
        const test::Octets packet = hex(std::string(ip) + std::string(tcp));
        const Ipv4Parse parsed = Ipv4View::parse(packet);
        ASSERT_TRUE(parsed);
        const ByteView segment = parsed.view->payload();
        const PseudoHeader4 pseudo = pseudo_header(*parsed.view);
        const ByteView pieces[] = {segment.first(20), segment.subspan(20, 3), segment.subspan(23)};
        EXPECT_TRUE(verify_tcp(pseudo, pieces));
        EXPECT_TRUE(verify_tcp(pseudo, {&segment, 1}));
    }
}

TEST(Checksum, H_40_any_flipped_bit_of_a_segment_or_its_pseudo_header_is_noticed) {
    const test::Octets packet = hex(std::string(test::kDataIp) + std::string(test::kDataTcp));
    for (std::size_t bit = 0; bit < packet.size() * 8; ++bit) {
        if (bit / 8 != 9 && bit / 8 < 12) continue;  // not in the pseudo-header
        test::Octets flipped = packet;
        flipped[bit / 8] ^= std::byte{1} << (bit % 8);
        const Ipv4Parse parsed = Ipv4View::parse(flipped, {.verify_checksum = false});
        ASSERT_TRUE(parsed);
        const ByteView segment = parsed.view->payload();
        EXPECT_FALSE(verify_tcp(pseudo_header(*parsed.view), {&segment, 1})) << bit;
    }
}

TEST(Checksum, H_40_the_length_is_covered_too) {
    const test::Octets segment = hex(test::kDataTcp);
    const ByteView pieces[] = {segment};
    PseudoHeader4 pseudo{.source = {0xc6120001}, .destination = {0xc6120002}, .bytes = 37};
    EXPECT_TRUE(verify_tcp(pseudo, pieces));
    pseudo.bytes = 38;
    EXPECT_FALSE(verify_tcp(pseudo, pieces));
}

TEST(Checksum, H_40_an_ipv6_segment_of_another_implementation_verifies) {
    PseudoHeader6 pseudo{.bytes = 23};
    pseudo.source.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    pseudo.destination.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    Checksum sum = pseudo_header_sum(pseudo);
    sum.add(hex(test::kIpv6Tcp));
    EXPECT_EQ(sum.finish(), 0);
}

TEST(Checksum, what_a_port_completes_from_the_pseudo_sum_is_the_whole_checksum) {
    test::Octets segment = hex(test::kDataTcp);
    const std::uint16_t whole = get16(segment, 16);
    const PseudoHeader4 pseudo{.source = {0xc6120001}, .destination = {0xc6120002}, .bytes = 37};
    put16(segment, 16, pseudo_header_sum(pseudo).sum());
    EXPECT_EQ(checksum(segment), whole);
}

TEST(Checksum, an_update_of_one_field_equals_summing_again) {
    test::Random random(test::seed_or(9));
    for (int i = 0; i < 20'000; ++i) {
        test::Octets octets = test::random_octets(random, 40);
        const std::uint16_t before = checksum(octets);

        const std::size_t at16 = test::up_to(random, 19) * 2;
        const FieldChange16 change16{get16(octets, at16), test::any<std::uint16_t>(random)};
        put16(octets, at16, change16.after);
        const std::uint16_t between = updated_checksum(before, change16);
        ASSERT_EQ(between, naive_checksum(octets));

        const std::size_t at32 = test::up_to(random, 18) * 2;
        const FieldChange32 change32{get32(octets, at32), test::any<std::uint32_t>(random)};
        put32(octets, at32, change32.after);
        ASSERT_EQ(updated_checksum(between, change32), naive_checksum(octets));
    }
}

TEST(Checksum, the_counter_example_of_rfc_1624_comes_out_right) {
    // Equation 2 of RFC 1141 would give 0xffff here.
    EXPECT_EQ(updated_checksum(0xdd2f, FieldChange16{.before = 0x5555, .after = 0x3285}), 0x0000);
}

TEST(Checksum, an_update_back_and_forth_gives_an_equal_checksum) {
    test::Random random(test::seed_or(10));
    for (int i = 0; i < 20'000; ++i) {
        const auto start = test::any<std::uint16_t>(random);
        const FieldChange32 there{test::any<std::uint32_t>(random),
                                  test::any<std::uint32_t>(random)};
        const FieldChange32 back{there.after, there.before};
        ASSERT_EQ(without_minus_zero(updated_checksum(updated_checksum(start, there), back)),
                  without_minus_zero(start));
    }
}

}  // namespace
}  // namespace lastack::wire
