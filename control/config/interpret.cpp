#include "control/config/interpret.hpp"

#include "control/config/units.hpp"

namespace lastack::control {
namespace {

bool in_range(const Key& key, std::int64_t number) {
    return number >= key.least && number <= key.most;
}

Interpretation ranged(const Key& key, std::int64_t number) {
    return {.value = number, .acceptable = in_range(key, number)};
}

Interpretation interpret_duration(const Key& key, const Node& node) {
    if (node.type != Node::Type::text) return {};
    const auto duration = parse_duration(std::get<std::string>(node.value));
    return duration ? ranged(key, duration->count()) : Interpretation{};
}

Interpretation interpret_size(const Key& key, const Node& node) {
    if (node.type == Node::Type::integer) return ranged(key, std::get<std::int64_t>(node.value));
    if (node.type != Node::Type::text) return {};
    const auto size = parse_size(std::get<std::string>(node.value));
    return size ? ranged(key, *size) : Interpretation{};
}

/// A list of one may be written without brackets.
Interpretation interpret_list(const Node& node) {
    if (node.type == Node::Type::list) return {.value = node.value, .acceptable = true};
    if (node.type != Node::Type::text) return {};
    return {.value = std::vector<std::string>{std::get<std::string>(node.value)},
            .acceptable = true};
}

std::string range_text(const Key& key, std::string (*format)(std::int64_t)) {
    return " from " + format(key.least) + " to " + format(key.most);
}

std::string format_number(std::int64_t number) {
    return std::to_string(number);
}

std::string format_ms(std::int64_t number) {
    return format_duration(std::chrono::milliseconds(number));
}

std::string choices_text(const Key& key) {
    std::string text;
    for (std::size_t i = 0; i < key.choices.size(); ++i) {
        if (i > 0) text += i + 1 == key.choices.size() ? " or " : ", ";
        text += quoted(key.choices[i]);
    }
    return text;
}

}  // namespace

std::string expectation(const Key& key) {
    switch (key.kind) {
        case Kind::boolean:
            return "true or false";
        case Kind::integer:
            return "an integer" + range_text(key, format_number);
        case Kind::duration:
            return "a duration" + range_text(key, format_ms) + ", such as \"30s\" or \"500ms\"";
        case Kind::size:
            return "a size" + range_text(key, format_size) + ", such as \"64MiB\"";
        case Kind::choice:
            return choices_text(key);
        case Kind::text:
        case Kind::list:
            break;
    }
    return std::string(key.expected);
}

Interpretation interpret(const Key& key, const Node& node) {
    switch (key.kind) {
        case Kind::boolean:
            return {.value = node.value, .acceptable = node.type == Node::Type::boolean};
        case Kind::integer:
            if (node.type != Node::Type::integer) return {};
            return ranged(key, std::get<std::int64_t>(node.value));
        case Kind::duration:
            return interpret_duration(key, node);
        case Kind::size:
            return interpret_size(key, node);
        case Kind::text:
        case Kind::choice:
            return {.value = node.value, .acceptable = node.type == Node::Type::text};
        case Kind::list:
            break;
    }
    return interpret_list(node);
}

std::string notation(const Key& key, const Value& value) {
    switch (key.kind) {
        case Kind::boolean:
            return std::get<bool>(value) ? "true" : "false";
        case Kind::integer:
            return std::to_string(std::get<std::int64_t>(value));
        case Kind::duration:
            return quoted(format_ms(std::get<std::int64_t>(value)));
        case Kind::size:
            return quoted(format_size(std::get<std::int64_t>(value)));
        case Kind::text:
        case Kind::choice:
            return quoted(std::get<std::string>(value));
        case Kind::list:
            break;
    }
    std::string text = "[";
    for (const std::string& element : std::get<std::vector<std::string>>(value)) {
        if (text.size() > 1) text += ", ";
        text += quoted(element);
    }
    return text + "]";
}

std::string quoted(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (octet < 0x20 || octet == 0x7f) {
            out += "\\u00";
            out += kHex[octet >> 4];
            out += kHex[octet & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace lastack::control
