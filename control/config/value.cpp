#include "control/config/value.hpp"

#include <charconv>

namespace lastack::control {

Value to_value(const Address& value) {
    return value.to_string();
}

Value to_value(const Endpoint& value) {
    return value.to_string();
}

Value to_value(const AddressOptions& value) {
    return value.address.to_string() + "/" + std::to_string(value.prefix_length);
}

Value to_value(const PortSpan& value) {
    std::string text = std::to_string(value.first);
    if (value.last != value.first) text += "-" + std::to_string(value.last);
    return text;
}

bool from_value(const Value& value, Address& field) {
    const auto* text = std::get_if<std::string>(&value);
    const auto address = text == nullptr ? std::nullopt : Address::parse(*text);
    if (address) field = *address;
    return address.has_value();
}

bool from_value(const Value& value, Endpoint& field) {
    const auto* text = std::get_if<std::string>(&value);
    const auto endpoint = text == nullptr ? std::nullopt : Endpoint::parse(*text);
    if (endpoint) field = *endpoint;
    return endpoint.has_value();
}

bool from_value(const Value& value, AddressOptions& field) {
    const auto* text = std::get_if<std::string>(&value);
    const auto prefix = text == nullptr ? std::nullopt : parse_prefix(*text);
    if (prefix) field = *prefix;
    return prefix.has_value();
}

bool from_value(const Value& value, PortSpan& field) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return false;
    const char* const end = text->data() + text->size();
    PortSpan span;
    auto parsed = std::from_chars(text->data(), end, span.first);
    if (parsed.ec != std::errc()) return false;
    span.last = span.first;
    if (parsed.ptr != end && *parsed.ptr == '-') {
        parsed = std::from_chars(parsed.ptr + 1, end, span.last);
        if (parsed.ec != std::errc()) return false;
    }
    if (parsed.ptr != end || span.first == 0 || span.last < span.first) return false;
    field = span;
    return true;
}

std::optional<AddressOptions> parse_prefix(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto address = Address::parse(text.substr(0, slash));
    const std::string_view digits = text.substr(slash + 1);
    unsigned length = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (!address || error != std::errc() || end != digits.data() + digits.size()) {
        return std::nullopt;
    }
    if (length > (address->is_ipv4() ? 32U : 128U)) return std::nullopt;
    return AddressOptions{.address = *address, .prefix_length = static_cast<std::uint8_t>(length)};
}

}  // namespace lastack::control
