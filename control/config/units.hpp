// Durations and sizes as an operator writes them: "30s", "500ms", "64MiB".
//
// Both directions, and they agree: what format_*() prints, parse_*() reads back as the same value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lastack::control {

/// A decimal number and a unit: ms, s, min, h or d. "1.5s" is 1500 ms; what is finer than a
/// millisecond, has no unit, or does not fit 63 bits is nullopt.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The shortest whole form: "500ms", "30s", "2h".
std::string format_duration(std::chrono::milliseconds duration);

/// Bytes: a whole number and B, KiB, MiB, GiB, kB, MB or GB; without a unit, bytes.
std::optional<std::int64_t> parse_size(std::string_view text);

/// "64MiB", or plain bytes where no binary unit divides them: "1500".
std::string format_size(std::int64_t size_bytes);

}  // namespace lastack::control
