#include "wire/bytes.hpp"

#include <gtest/gtest.h>

#include "tests/support/seed.hpp"
#include "tests/wire/octets.hpp"

namespace lastack::wire {
namespace {

using test::hex;

TEST(Bytes, the_first_octet_is_the_highest) {
    const test::Octets octets = hex("00 01 02 03 04");
    EXPECT_EQ(get8(octets, 4), 0x04);
    EXPECT_EQ(get16(octets, 1), 0x0102);
    EXPECT_EQ(get32(octets, 1), 0x01020304U);
}

TEST(Bytes, writing_touches_no_octet_beside_the_field) {
    test::Octets octets = hex("ffffffffffffff");
    put32(octets, 1, 0x01020304);
    EXPECT_EQ(octets, hex("ff01020304ffff"));
    put16(octets, 5, 0x0506);
    EXPECT_EQ(octets, hex("ff010203040506"));
    put8(octets, 0, 0x07);
    EXPECT_EQ(octets, hex("07010203040506"));
}

TEST(Bytes, what_is_written_at_any_alignment_reads_back) {
    test::Random random(test::seed_or(1));
    for (std::size_t offset = 0; offset < 16; ++offset) {
        test::Octets octets = test::random_octets(random, offset + 4);
        const auto value = test::any<std::uint32_t>(random);
        put32(octets, offset, value);
        EXPECT_EQ(get32(octets, offset), value);
        put16(octets, offset, static_cast<std::uint16_t>(value >> 3));
        EXPECT_EQ(get16(octets, offset), static_cast<std::uint16_t>(value >> 3));
    }
}

static_assert(
    [] {
        std::byte octets[4]{};
        put32(octets, 0, 0x11223344);
        return get16(octets, 2) == 0x3344;
    }(),
    "usable when compiling");

}  // namespace
}  // namespace lastack::wire
