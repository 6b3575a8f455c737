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
