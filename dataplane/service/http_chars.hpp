// Character classes of HTTP (RFC 9110 5.5, 5.6.2), as one table look-up each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lastack::service {

namespace http_chars_detail {

enum Class : std::uint8_t { kToken = 1, kValue = 2, kTarget = 4, kHost = 8 };

constexpr std::array<std::uint8_t, 256> make_classes() {
    std::array<std::uint8_t, 256> classes{};
    const auto mark = [&classes](std::string_view characters, std::uint8_t bits) {
        for (const char c : characters) classes[static_cast<unsigned char>(c)] |= bits;
    };
    for (unsigned c = 0x21; c <= 0x7e; ++c) classes[c] |= kValue | kTarget;
    for (unsigned c = 0x80; c <= 0xff; ++c) classes[c] |= kValue;  // obs-text
    mark(" \t", kValue);
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    mark(kLetters, kToken | kHost);
    mark("0123456789", kToken | kHost);
    mark("!#$%&'*+-.^_`|~", kToken);
    mark("-._~!$&'()*+;=:%[]", kHost);  // RFC 3986 3.2.2 and the port's colon; no comma, no list
    return classes;
}

inline constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

constexpr bool is(std::byte c, Class bits) {
    return (kClasses[static_cast<std::uint8_t>(c)] & bits) != 0;
}

}  // namespace http_chars_detail

/// A character of a method or of a field name.
constexpr bool is_token(std::byte c) {
    return http_chars_detail::is(c, http_chars_detail::kToken);
}
/// A character of a field value: visible, obs-text, space or tab; no other control character.
constexpr bool is_value(std::byte c) {
    return http_chars_detail::is(c, http_chars_detail::kValue);
}
/// A character of a request target; generous, for what we do not serve is answered 404.
constexpr bool is_target(std::byte c) {
    return http_chars_detail::is(c, http_chars_detail::kTarget);
}
constexpr bool is_host(std::byte c) {
    return http_chars_detail::is(c, http_chars_detail::kHost);
}

constexpr bool is_blank(std::byte c) {
    return c == std::byte{' '} || c == std::byte{'\t'};
}
constexpr bool is_digit(std::byte c) {
    return c >= std::byte{'0'} && c <= std::byte{'9'};
}

constexpr char lower(std::byte c) {
    const char letter = static_cast<char>(c);
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}

/// How many bytes at the beginning are of a class. Most of a header is such runs.
template <class IsOfClass>
constexpr std::size_t run_of(std::span<const std::byte> bytes, IsOfClass is_of_class) {
    std::size_t n = 0;
    while (n < bytes.size() && is_of_class(bytes[n])) ++n;
    return n;
}

inline constexpr std::byte kCr{'\r'};
inline constexpr std::byte kLf{'\n'};

}  // namespace lastack::service
