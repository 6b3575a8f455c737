// Addresses, endpoints, close reasons and errors as text (start-up and formatting; not on the
// path).
//
// IPv4 is the strict dotted quad. IPv6 is read in every form of RFC 4291 2.2 and written in the one
// form of RFC 5952 4: lower case, no leading zeros, the first longest run of two or more zero
// groups as "::", and a mapped IPv4 address with its dotted quad (5952 5). Zone identifiers are not
// spoken.
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "lastack/connection.hpp"
#include "lastack/core.hpp"
#include "lastack/endpoint.hpp"

namespace lastack {
namespace {

constexpr std::size_t kGroups = 8;
using Groups = std::array<std::uint16_t, kGroups>;

/// Digits only, no sign, no leading zero, at most `max`.
std::optional<std::uint32_t> parse_decimal(std::string_view text, std::uint32_t max) {
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::uint32_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, value);
    if (problem != std::errc{} || stop != end || value > max) return std::nullopt;
    return value;
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        const std::size_t dot = i < 3 ? text.find('.') : text.size();
        if (dot == std::string_view::npos) return std::nullopt;
        const auto octet = parse_decimal(text.substr(0, dot), 255);
        if (!octet) return std::nullopt;
        value = value << 8 | *octet;
        text.remove_prefix(i < 3 ? dot + 1 : dot);
    }
    return value;
}

std::optional<std::uint16_t> parse_group(std::string_view text) {
    if (text.empty() || text.size() > 4) return std::nullopt;
    std::uint16_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, value, 16);
    if (problem != std::errc{} || stop != end) return std::nullopt;
    return value;
}

/// Groups separated by single colons; the last may be a dotted quad where `quad_allowed`.
/// Returns how many groups were written from `into[0]` on; nullopt where the text is not such a
/// list.
std::optional<std::size_t> parse_groups(std::string_view text, bool quad_allowed, Groups& into) {
    std::size_t count = 0;
    while (!text.empty()) {
        const std::size_t colon = text.find(':');
        const bool last = colon == std::string_view::npos;
        const std::string_view word = text.substr(0, colon);
        if (last && quad_allowed && word.find('.') != std::string_view::npos) {
            const auto quad = parse_ipv4(word);
            if (!quad || count + 2 > kGroups) return std::nullopt;
            into[count++] = static_cast<std::uint16_t>(*quad >> 16);
            into[count++] = static_cast<std::uint16_t>(*quad);
            return count;
        }
        const auto group = parse_group(word);
        if (!group || count == kGroups) return std::nullopt;
        into[count++] = *group;
        if (last) return count;
        text.remove_prefix(colon + 1);
        if (text.empty()) return std::nullopt;  // a colon at the end
    }
    return count;
}

std::optional<Groups> parse_ipv6(std::string_view text) {
    Groups head{};
    const std::size_t gap = text.find("::");
    if (gap == std::string_view::npos) {
        const auto count = parse_groups(text, true, head);
        return count == kGroups ? std::optional(head) : std::nullopt;
    }
    Groups tail{};
    const auto before = parse_groups(text.substr(0, gap), false, head);
    const auto after = parse_groups(text.substr(gap + 2), true, tail);
    // "::" stands for at least one group of zeros.
    if (!before || !after || *before + *after >= kGroups) return std::nullopt;
    for (std::size_t i = 0; i < *after; ++i) head[kGroups - *after + i] = tail[i];
    return head;
}

Groups groups_of(const Address& address) {
    Groups groups{};
    for (std::size_t i = 0; i < kGroups; ++i) {
        groups[i] =
            static_cast<std::uint16_t>(address.octets()[2 * i] << 8 | address.octets()[2 * i + 1]);
    }
    return groups;
}

struct Run {
    std::size_t first = kGroups;
    std::size_t length = 0;
};

/// The first longest run of zero groups within the first `count`; RFC 5952 4.2.2 and 4.2.3: a
/// single group is written out.
Run longest_zero_run(const Groups& groups, std::size_t count) {
    Run best;
    for (std::size_t i = 0; i < count; ++i) {
        std::size_t length = 0;
        while (i + length < count && groups[i + length] == 0) ++length;
        if (length >= 2 && length > best.length) best = {.first = i, .length = length};
        i += length;
    }
    return best;
}

std::string ipv4_text(std::uint32_t value) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (!text.empty()) text += '.';
        text += std::to_string(value >> shift & 0xff);
    }
    return text;
}

void append_group(std::string& text, std::uint16_t group) {
    std::array<char, 4> digits;
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), group, 16);
    text.append(digits.data(), result.ptr);
}

std::string ipv6_text(const Address& address) {
    const Groups groups = groups_of(address);
    const Run run = longest_zero_run(groups, kGroups);
    const bool mapped = run.first == 0 && run.length == 5 && groups[5] == 0xffff;
    if (mapped) return "::ffff:" + ipv4_text(std::uint32_t{groups[6]} << 16 | groups[7]);
    std::string text;
    for (std::size_t i = 0; i < kGroups; ++i) {
        if (i == run.first) {
            text += "::";
            i += run.length - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        append_group(text, groups[i]);
    }
    return text;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
    if (text.find(':') == std::string_view::npos) {
        const auto value = parse_ipv4(text);
        return value ? std::optional(ipv4(*value)) : std::nullopt;
    }
    const auto groups = parse_ipv6(text);
    if (!groups) return std::nullopt;
    std::array<std::uint8_t, 16> octets;
    for (std::size_t i = 0; i < kGroups; ++i) {
        octets[2 * i] = static_cast<std::uint8_t>((*groups)[i] >> 8);
        octets[2 * i + 1] = static_cast<std::uint8_t>((*groups)[i]);
    }
    return ipv6(octets);
}

std::string Address::to_string() const {
    return is_ipv4() ? ipv4_text(ipv4_value()) : ipv6_text(*this);
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = parse_decimal(text.substr(colon + 1), 65'535);
    if (!port) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    Endpoint endpoint{.address = {}, .port = static_cast<std::uint16_t>(*port)};
    if (host.empty()) return endpoint;
    const bool bracketed = host.front() == '[' && host.back() == ']' && host.size() > 2;
    if (bracketed) host = host.substr(1, host.size() - 2);
    const auto address = Address::parse(host);
    // RFC 3986 3.2.2: IPv6 stands in brackets, for its colons would be read as a port's; IPv4 does
    // not.
    if (!address || address->is_ipv4() == bracketed) return std::nullopt;
    endpoint.address = *address;
    return endpoint;
}

std::string Endpoint::to_string() const {
    const std::string host = address.to_string();
    return (address.is_ipv4() ? host : '[' + host + ']') + ':' + std::to_string(port);
}

std::string_view name(CloseReason reason) {
    switch (reason) {
        case CloseReason::orderly:
            return "orderly";
        case CloseReason::reset:
            return "reset";
        case CloseReason::refused:
            return "refused";
        case CloseReason::timed_out:
            return "timed_out";
        case CloseReason::unreachable:
            return "unreachable";
        case CloseReason::aborted:
            return "aborted";
        case CloseReason::no_resources:
            return "no_resources";
        case CloseReason::shut_down:
            return "shut_down";
        case CloseReason::linger_expired:
            return "linger_expired";
    }
    return "?";
}

std::string_view name(Trouble trouble) {
    switch (trouble) {
        case Trouble::stalled:
            return "stalled";
        case Trouble::unreachable:
            return "unreachable";
    }
    return "?";
}

std::string_view describe(Error error) {
    switch (error) {
        case Error::none:
            return "no error";
        case Error::address_in_use:
            return "address in use";
        case Error::no_free_port:
            return "no free local port for that destination";
        case Error::bad_address:
            return "address is not one of ours, or nobody can be reached at it";
        case Error::unreachable:
            return "no route to that address";
        case Error::no_resources:
            return "a table sized at start is full";
        case Error::quiet_time:
            return "the quiet time after the start (tcp.quiet_time) is not over";
    }
    return "?";
}

}  // namespace lastack
