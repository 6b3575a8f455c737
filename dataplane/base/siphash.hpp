// SipHash-1-3 over a few 64-bit words: a keyed hash that an outsider cannot predict.
//
// Used where an attacker must not be able to compute the result: the connection table's buckets,
// initial sequence numbers, timestamp offsets, local ports. Every use has a key of its own.
// Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; 1 compression round, 3 final.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

namespace lastack::base {

struct SipKey {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
};

namespace siphash_detail {

struct State {
    std::uint64_t v0, v1, v2, v3;

    constexpr void round() {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
};

}  // namespace siphash_detail

/// The hash of `words`, as of their little-endian bytes.
constexpr std::uint64_t siphash(SipKey key, std::span<const std::uint64_t> words) {
    siphash_detail::State s{key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d,
                            key.k0 ^ 0x6c7967656e657261, key.k1 ^ 0x7465646279746573};
    for (const std::uint64_t word : words) {
        s.v3 ^= word;
        s.round();
        s.v0 ^= word;
    }
    const std::uint64_t tail = static_cast<std::uint64_t>(words.size() * 8) << 56;
    s.v3 ^= tail;
    s.round();
    s.v0 ^= tail;
    s.v2 ^= 0xff;
    for (int i = 0; i < 3; ++i) s.round();
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace lastack::base
