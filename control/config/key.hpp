// One row per key of the configuration, and the table of all of them.
//
// A row says everything that is to be known about a key: name, kind, range, help, and how to reach
// its value inside the section's struct. Reading, range checks, --print-config, --set and the
// suggestions for misspelt keys all walk this one table, so they cannot disagree.
//
//     Section "tcp" ---> keys: { msl, duration, 1ms .. 24h, &TcpOptions::msl, "Maximum ..." } ...
//     Section "port" (repeated: [[port]]) ---> keys: { device, text, ... } ...
//
// The rows stand in table_*.cpp. To add a key: a field in its options struct, and a row here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "control/config/value.hpp"

namespace lastack::control {

struct Config;

/// How a value is written. Text that means more than itself (an address, say) is still `text`; its
/// row says in `expected` what it must be, and its setter checks.
enum class Kind : std::uint8_t { boolean, integer, duration, size, text, choice, list };

struct Key {
    std::string_view name;
    Kind kind = Kind::text;
    std::int64_t least = 0;  ///< Of integers, durations (ms) and sizes (bytes), both included.
    std::int64_t most = 0;
    std::string_view expected;                    ///< Of text and lists: "an address such as ...".
    std::span<const std::string_view> choices{};  ///< Of a choice.
    std::string_view help;
    Value (*get)(const void* section) = nullptr;
    /// False where the value is not what `expected` says; then the section is unchanged.
    bool (*set)(void* section, const Value& value) = nullptr;
};

/// A table of the file, or for [[service]] one kind of it.
struct Section {
    std::string_view name;
    std::string_view service_kind;  ///< Empty but for [[service]].
    bool repeated = false;          ///< [[name]] rather than [name].
    std::span<const Key> keys;
    std::string_view help;
    std::size_t (*count)(const Config& config) = nullptr;
    /// The struct that `keys` reach into; nullptr for a [[service]] of another kind.
    void* (*at)(Config& config, std::size_t index) = nullptr;
    /// One more element, all defaults; nullptr where not repeated.
    void (*append)(Config& config) = nullptr;
};

/// All sections, in the order in which they are printed.
std::span<const Section> all_sections();

/// The key of that name; nullptr where the section has none.
const Key* find_key(const Section& section, std::string_view name);

// --- How rows are written

template <class T>
struct MemberOf;
template <class C, class T>
struct MemberOf<T C::*> {
    using Class = C;
    using Type = T;
};

template <auto Member>
constexpr Key make_key(std::string_view name, Kind kind, std::string_view help) {
    using Class = typename MemberOf<decltype(Member)>::Class;
    Key key;
    key.name = name;
    key.kind = kind;
    key.help = help;
    key.get = [](const void* section) {
        return to_value(static_cast<const Class*>(section)->*Member);
    };
    key.set = [](void* section, const Value& value) {
        return from_value(value, static_cast<Class*>(section)->*Member);
    };
    return key;
}

struct Range {
    std::int64_t least;
    std::int64_t most;
};

template <auto Member>
constexpr Key boolean_key(std::string_view name, std::string_view help) {
    return make_key<Member>(name, Kind::boolean, help);
}

template <auto Member>
constexpr Key ranged_key(std::string_view name, Kind kind, Range range, std::string_view help) {
    Key key = make_key<Member>(name, kind, help);
    key.least = range.least;
    key.most = range.most;
    return key;
}

template <auto Member>
constexpr Key integer_key(std::string_view name, Range range, std::string_view help) {
    return ranged_key<Member>(name, Kind::integer, range, help);
}

template <auto Member>
constexpr Key size_key(std::string_view name, Range range_bytes, std::string_view help) {
    return ranged_key<Member>(name, Kind::size, range_bytes, help);
}

template <auto Member>
constexpr Key duration_key(std::string_view name, Range range_ms, std::string_view help) {
    return ranged_key<Member>(name, Kind::duration, range_ms, help);
}

template <auto Member>
constexpr Key text_key(std::string_view name, std::string_view expected, std::string_view help) {
    Key key = make_key<Member>(name, Kind::text, help);
    key.expected = expected;
    return key;
}

template <auto Member>
constexpr Key list_key(std::string_view name, std::string_view expected, std::string_view help) {
    Key key = make_key<Member>(name, Kind::list, help);
    key.expected = expected;
    return key;
}

/// An enum, spelt by the names in the order of its enumerators.
template <auto Member, const auto& Names>
constexpr Key choice_key(std::string_view name, std::string_view help) {
    using Class = typename MemberOf<decltype(Member)>::Class;
    using Enum = typename MemberOf<decltype(Member)>::Type;
    Key key;
    key.name = name;
    key.kind = Kind::choice;
    key.help = help;
    key.choices = Names;
    key.get = [](const void* section) -> Value {
        const Enum value = static_cast<const Class*>(section)->*Member;
        return std::string(Names[static_cast<std::size_t>(value)]);
    };
    key.set = [](void* section, const Value& value) {
        const auto* text = std::get_if<std::string>(&value);
        for (std::size_t i = 0; text != nullptr && i < Names.size(); ++i) {
            if (Names[i] != *text) continue;
            static_cast<Class*>(section)->*Member = static_cast<Enum>(i);
            return true;
        }
        return false;
    };
    return key;
}

}  // namespace lastack::control
