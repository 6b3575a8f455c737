#include "control/config/units.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace lastack::control {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

/// Coarsest first, so that format_duration() finds the shortest form.
constexpr std::array kTimes{
    Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"min", 60'000},
    Unit{"s", 1'000},      Unit{"ms", 1},
};

constexpr std::array kSizes{
    Unit{"GiB", 1LL << 30}, Unit{"MiB", 1LL << 20},
    Unit{"KiB", 1LL << 10}, Unit{"GB", 1'000'000'000},
    Unit{"MB", 1'000'000},  Unit{"kB", 1'000},
    Unit{"B", 1},
};

std::size_t length_of_digits(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size() && text[length] >= '0' && text[length] <= '9') ++length;
    return length;
}

std::optional<std::int64_t> whole_number(std::string_view digits) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

/// number.fraction * factor where that is a whole number that fits.
std::optional<std::int64_t> scaled(std::string_view digits, std::string_view fraction,
                                   std::int64_t factor) {
    const auto whole = whole_number(digits);
    if (!whole || *whole > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
    std::int64_t value = *whole * factor;
    for (const char digit : fraction) {
        if (factor % 10 != 0) {  // finer than a millisecond
            if (digit != '0') return std::nullopt;
            continue;
        }
        factor /= 10;
        const std::int64_t part = (digit - '0') * factor;
        if (value > std::numeric_limits<std::int64_t>::max() - part) return std::nullopt;
        value += part;
    }
    return value;
}

/// The unit of that name; nullptr where there is none.
template <std::size_t N>
const Unit* find(const std::array<Unit, N>& units, std::string_view name) {
    for (const Unit& unit : units) {
        if (unit.name == name) return &unit;
    }
    return nullptr;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const std::string_view digits = text.substr(0, length_of_digits(text));
    text.remove_prefix(digits.size());
    std::string_view fraction;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        fraction = text.substr(0, length_of_digits(text));
        if (fraction.empty()) return std::nullopt;
        text.remove_prefix(fraction.size());
    }
    const Unit* unit = find(kTimes, text);
    if (digits.empty() || unit == nullptr) return std::nullopt;
    const auto value = scaled(digits, fraction, unit->factor);
    if (!value) return std::nullopt;
    return std::chrono::milliseconds(*value);
}

std::string format_duration(std::chrono::milliseconds duration) {
    const std::int64_t count = duration.count();
    if (count == 0) return "0s";
    for (const Unit& unit : kTimes) {
        if (count % unit.factor == 0) {
            return std::to_string(count / unit.factor) + std::string(unit.name);
        }
    }
    return std::to_string(count) + "ms";
}

std::optional<std::int64_t> parse_size(std::string_view text) {
    const std::string_view digits = text.substr(0, length_of_digits(text));
    text.remove_prefix(digits.size());
    const Unit* unit = find(kSizes, text.empty() ? std::string_view("B") : text);
    if (digits.empty() || unit == nullptr) return std::nullopt;
    return scaled(digits, {}, unit->factor);
}

std::string format_size(std::int64_t size_bytes) {
    for (std::size_t i = 0; i < 3 && size_bytes != 0; ++i) {
        if (size_bytes % kSizes[i].factor == 0) {
            return std::to_string(size_bytes / kSizes[i].factor) + std::string(kSizes[i].name);
        }
    }
    return std::to_string(size_bytes);
}

}  // namespace lastack::control
