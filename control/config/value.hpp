// A configured value without its struct: what lies between TOML and the typed fields of Options.
//
// to_value() and from_value() exist for every type that a field may have; a new type of field needs
// a pair of them here.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "lastack/endpoint.hpp"
#include "lastack/options.hpp"

namespace lastack::control {

/// Absent; boolean; integer, milliseconds or bytes; text; list of text.
using Value =
    std::variant<std::monostate, bool, std::int64_t, std::string, std::vector<std::string>>;

inline Value to_value(bool value) {
    return value;
}
template <std::integral T>
requires(!std::same_as<T, bool>) Value to_value(T value) {
    return static_cast<std::int64_t>(value);
}
template <class Rep, class Period>
Value to_value(std::chrono::duration<Rep, Period> value) {
    return std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(value).count()};
}
/// Rates are whole numbers in the file.
inline Value to_value(double value) {
    return static_cast<std::int64_t>(value);
}
inline Value to_value(const std::string& value) {
    return value;
}
Value to_value(const Address& value);
Value to_value(const Endpoint& value);
Value to_value(const AddressOptions& value);
Value to_value(const PortSpan& value);

// from_value(): false, and `field` unchanged, where the value is not one for a field of that type.
// Ranges are not its affair: the key's row has them, and the reader has checked them before.

inline bool from_value(const Value& value, bool& field) {
    if (!std::holds_alternative<bool>(value)) return false;
    field = std::get<bool>(value);
    return true;
}
template <std::integral T>
requires(!std::same_as<T, bool>) bool from_value(const Value& value, T& field) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr || !std::in_range<T>(*number)) return false;
    field = static_cast<T>(*number);
    return true;
}
template <class Rep, class Period>
bool from_value(const Value& value, std::chrono::duration<Rep, Period>& field) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr) return false;
    field = std::chrono::duration_cast<std::chrono::duration<Rep, Period>>(
        std::chrono::milliseconds(*number));
    return true;
}
inline bool from_value(const Value& value, double& field) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr) return false;
    field = static_cast<double>(*number);
    return true;
}
inline bool from_value(const Value& value, std::string& field) {
    if (!std::holds_alternative<std::string>(value)) return false;
    field = std::get<std::string>(value);
    return true;
}
bool from_value(const Value& value, Address& field);
bool from_value(const Value& value, Endpoint& field);
/// "198.18.0.2/24".
bool from_value(const Value& value, AddressOptions& field);
/// "8080" or "9000-9100".
bool from_value(const Value& value, PortSpan& field);

// --- Optional fields, and lists of whatever can be written as text

template <class T>
Value to_value(const std::optional<T>& value) {
    return value ? to_value(*value) : Value();
}
template <class T>
bool from_value(const Value& value, std::optional<T>& field) {
    T inner{};
    if (!from_value(value, inner)) return false;
    field = std::move(inner);
    return true;
}

template <class T>
Value to_value(const std::vector<T>& value) {
    std::vector<std::string> list;
    for (const T& element : value) list.push_back(std::get<std::string>(to_value(element)));
    return list;
}
template <class T>
bool from_value(const Value& value, std::vector<T>& field) {
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    if (list == nullptr) return false;
    std::vector<T> elements;
    for (const std::string& text : *list) {
        if (!from_value(Value(text), elements.emplace_back())) return false;
    }
    field = std::move(elements);
    return true;
}

/// "198.18.0.0/24" taken apart; nullopt where it is not an address with a prefix length that the
/// address's family has.
std::optional<AddressOptions> parse_prefix(std::string_view text);

}  // namespace lastack::control
