// Octets for the tests of wire/: from hexadecimal text, and at random.
//
// Every Octets has exactly the room it needs on the heap, so that AddressSanitizer sees a read one
// octet beyond the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <random>
#include <span>
#include <string_view>
#include <vector>

#include "wire/bytes.hpp"

namespace lastack::test {

using Octets = std::vector<std::byte>;
using Random = std::mt19937_64;

inline unsigned hex_digit(char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

/// "4500 0028" -> 45 00 00 28; blanks may stand between octets.
inline Octets hex(std::string_view text) {
    std::size_t digits = 0;
    for (const char c : text) digits += c != ' ' ? 1 : 0;
    Octets octets(digits / 2);
    std::size_t digit = 0;
    for (const char c : text) {
        if (c == ' ') continue;
        const unsigned high = digit % 2 == 0 ? 16 : 1;
        octets[digit / 2] |= static_cast<std::byte>(hex_digit(c) * high);
        ++digit;
    }
    return octets;
}

inline Octets copy(wire::ByteView bytes) {
    return Octets(bytes.begin(), bytes.end());
}

/// A number from 0 to `most`.
inline std::size_t up_to(Random& random, std::size_t most) {
    return static_cast<std::size_t>(random()) % (most + 1);
}

template <class Number>
Number any(Random& random) {
    return static_cast<Number>(random());
}

inline Octets random_octets(Random& random, std::size_t count) {
    Octets octets(count);
    for (std::byte& octet : octets) octet = static_cast<std::byte>(random());
    return octets;
}

}  // namespace lastack::test
