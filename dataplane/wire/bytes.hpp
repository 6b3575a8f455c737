// Big-endian integers in bytes of any alignment: the one place where byte order is known.
//
//   get16(bytes, 12)   the 16 bits at octets 12 and 13, in host order
//   put16(bytes, 12, value)
//
// Compilers turn the four octets into one load or store and a byte swap; they could not if each
// were bounds-checked, so these read through the span's pointer. The caller has checked the length:
// views do so once, when they are made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lastack::wire {

using ByteView = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

constexpr std::uint8_t get8(ByteView bytes, std::size_t offset) {
    return std::to_integer<std::uint8_t>(bytes.data()[offset]);
}

constexpr std::uint16_t get16(ByteView bytes, std::size_t offset) {
    return static_cast<std::uint16_t>(get8(bytes, offset) << 8 | get8(bytes, offset + 1));
}

constexpr std::uint32_t get32(ByteView bytes, std::size_t offset) {
    return std::uint32_t{get8(bytes, offset)} << 24 | std::uint32_t{get8(bytes, offset + 1)} << 16 |
           std::uint32_t{get8(bytes, offset + 2)} << 8 | std::uint32_t{get8(bytes, offset + 3)};
}

constexpr void put8(MutableBytes bytes, std::size_t offset, std::uint8_t value) {
    bytes.data()[offset] = std::byte{value};
}

constexpr void put16(MutableBytes bytes, std::size_t offset, std::uint16_t value) {
    std::byte* const at = bytes.data() + offset;
    at[0] = static_cast<std::byte>(value >> 8);
    at[1] = static_cast<std::byte>(value & 0xff);
}

constexpr void put32(MutableBytes bytes, std::size_t offset, std::uint32_t value) {
    std::byte* const at = bytes.data() + offset;
    at[0] = static_cast<std::byte>(value >> 24);
    at[1] = static_cast<std::byte>(value >> 16 & 0xff);
    at[2] = static_cast<std::byte>(value >> 8 & 0xff);
    at[3] = static_cast<std::byte>(value & 0xff);
}

}  // namespace lastack::wire
