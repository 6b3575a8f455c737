// Numbers in network order, and the Internet checksum. The generator's own: it must not take the
// code it checks at its word.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace lastack::bench {

static_assert(std::endian::native == std::endian::little);

using Octets = std::span<const std::byte>;

inline std::uint16_t get16(const std::byte* at) {
    std::uint16_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return __builtin_bswap16(value);
}
inline std::uint32_t get32(const std::byte* at) {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return __builtin_bswap32(value);
}
inline void put16(std::byte* at, std::uint16_t value) {
    value = __builtin_bswap16(value);
    std::memcpy(at, &value, sizeof value);
}
inline void put32(std::byte* at, std::uint32_t value) {
    value = __builtin_bswap32(value);
    std::memcpy(at, &value, sizeof value);
}

/// A sum of 16-bit words that has not been folded yet (RFC 1071).
inline std::uint64_t sum_of(Octets bytes) {
    std::uint64_t sum = 0;
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 4; left -= 4, at += 4) sum += get32(at);
    if (left >= 2) {
        sum += std::uint64_t{get16(at)} << 16;
        at += 2;
        left -= 2;
        if (left == 1) sum += std::uint64_t{std::to_integer<std::uint8_t>(*at)} << 8;
    } else if (left == 1) {
        sum += std::uint64_t{std::to_integer<std::uint8_t>(*at)} << 24;
    }
    return sum;
}

inline std::uint16_t fold(std::uint64_t sum) {
    sum = (sum & 0xffff'ffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
}

}  // namespace lastack::bench
