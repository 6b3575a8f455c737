// The fixed pseudo-random bytes that services send and clients compare.
//
// Byte i of a body is block[i mod 65521], and block[i] is the top octet of splitmix64's output
// number i (state 0). The period is the largest prime below 2^16: bytes that come back displaced by
// any power of two, a segment or a buffer's size do not match by accident, and a slice fits the
// 16-bit length of an mbuf. One block per process, never freed, so that it outlives everything sent
// by reference.
//
//     |<------- 65521 ------->|<------- 65521 ------->|<---
//     [ block ................][ block again .........][ ...
//                 ^ at(position, n) ends at the block's end
#pragma once

#include <cstdint>

#include "lastack/core.hpp"

namespace lastack::service {

inline constexpr std::size_t kPatternPeriod = 65'521;

/// The pattern from `position` on: at least one byte, at most `at_most` (which is above 0), and not
/// beyond the end of the block.
Bytes pattern_at(std::uint64_t position, std::uint64_t at_most);

/// Whether `bytes` are the pattern from `position` on.
bool matches_pattern(std::uint64_t position, Bytes bytes);

/// Sends pattern from `position` on: small slices are copied, so that they share a segment with
/// what was sent before, large ones go by reference. Returns how many bytes were accepted; less
/// than `len_bytes` means that on_writable follows.
std::uint64_t send_pattern(Connection connection, std::uint64_t position, std::uint64_t len_bytes);

}  // namespace lastack::service
