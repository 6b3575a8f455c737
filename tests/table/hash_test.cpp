#include "table/hash.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace lastack::table {
namespace {

constexpr base::SipKey kKey{0x0123'4567'89ab'cdef, 0xfedc'ba98'7654'3210};

wire::FlowKey4 key4(std::uint32_t remote, std::uint16_t remote_port) {
    return {{0xc612'0001}, {remote}, 80, remote_port};
}

wire::FlowKey6 key6(std::uint8_t remote, std::uint16_t remote_port) {
    wire::FlowKey6 key;
    key.local_address.octets = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    key.remote_address.octets = key.local_address.octets;
    key.remote_address.octets[15] = remote;
    key.local_port = 80;
    key.remote_port = remote_port;
    return key;
}

/// Pearson's chi-squared of what falls where, against an even spread.
double chi_squared(const std::vector<std::uint32_t>& bins, double total) {
    const double expected = total / static_cast<double>(bins.size());
    double sum = 0;
    for (const std::uint32_t bin : bins) {
        const double off = static_cast<double>(bin) - expected;
        sum += off * off / expected;
    }
    return sum;
}

// With 1023 degrees of freedom the mean is 1023 and the deviation 45: six of them either way.
void expect_even(const std::vector<std::uint32_t>& bins, double total) {
    EXPECT_GT(chi_squared(bins, total), 1023.0 - 6 * 45.2);
    EXPECT_LT(chi_squared(bins, total), 1023.0 + 6 * 45.2);
}

TEST(FlowHasher, SpreadsOneClientsPortsEvenlyOverBucketsAndTags) {
    const FlowHasher hash(kKey);
    std::vector<std::uint32_t> high(1024), low(1024);
    double total = 0;
    for (std::uint32_t client = 0; client < 4; ++client) {
        for (std::uint32_t port = 1024; port < 65'536; ++port, ++total) {
            const auto h = hash(key4(0xc612'0002 + client, static_cast<std::uint16_t>(port)));
            ++high[h >> 54];
            ++low[h & 1023];
        }
    }
    expect_even(high, total);
    expect_even(low, total);
}

TEST(FlowHasher, SpreadsIpv6AsEvenly) {
    const FlowHasher hash(kKey);
    std::vector<std::uint32_t> high(1024);
    double total = 0;
    for (unsigned client = 2; client < 6; ++client) {
        for (std::uint32_t port = 1024; port < 65'536; ++port, ++total) {
            ++high[hash(
                       key6(static_cast<std::uint8_t>(client), static_cast<std::uint16_t>(port))) >>
                   54];
        }
    }
    expect_even(high, total);
}

TEST(FlowHasher, EveryPartOfAKeyCounts) {
    const FlowHasher hash(kKey);
    const wire::FlowKey4 base{{1}, {2}, 3, 4};
    const std::set<std::uint64_t> hashes{
        hash(base),
        hash(wire::FlowKey4{{9}, {2}, 3, 4}),
        hash(wire::FlowKey4{{1}, {9}, 3, 4}),
        hash(wire::FlowKey4{{1}, {2}, 9, 4}),
        hash(wire::FlowKey4{{1}, {2}, 3, 9}),
        hash(wire::FlowKey4{{2}, {1}, 3, 4}),
        hash(wire::FlowKey4{{1}, {2}, 4, 3}),
    };
    EXPECT_EQ(hashes.size(), 7U);

    std::set<std::uint64_t> hashes6{hash(key6(1, 1))};
    for (std::size_t octet = 0; octet < 16; ++octet) {
        wire::FlowKey6 key = key6(1, 1);
        key.local_address.octets[octet] ^= 0x40;
        hashes6.insert(hash(key));
        key = key6(1, 1);
        key.remote_address.octets[octet] ^= 0x40;
        hashes6.insert(hash(key));
    }
    EXPECT_EQ(hashes6.size(), 33U);
}

TEST(FlowHasher, OneFlippedBitFlipsHalfOfTheHash) {
    const FlowHasher hash(kKey);
    double flipped = 0;
    int cases = 0;
    for (std::uint32_t sample = 0; sample < 1'000; ++sample) {
        const wire::FlowKey4 key =
            key4(sample * 2'654'435'761U, static_cast<std::uint16_t>(sample));
        for (unsigned bit = 0; bit < 32; ++bit, ++cases) {
            wire::FlowKey4 other = key;
            other.remote_address.value ^= 1U << bit;
            flipped += std::popcount(hash(key) ^ hash(other));
        }
    }
    EXPECT_NEAR(flipped / cases, 32.0, 0.2);
}

TEST(FlowHasher, AnotherSecretMakesAnotherHash) {
    const FlowHasher hash(kKey);
    const FlowHasher other({kKey.k0 ^ 1, kKey.k1});
    int equal_tags = 0;
    for (std::uint32_t port = 0; port < 65'536; ++port) {
        const auto key = key4(7, static_cast<std::uint16_t>(port));
        EXPECT_NE(hash(key), other(key));
        equal_tags += (hash(key) & 0xffff) == (other(key) & 0xffff) ? 1 : 0;
    }
    EXPECT_LT(equal_tags, 10);
}

}  // namespace
}  // namespace lastack::table
