// The configuration of a daemon: what lastack::Options holds, which services run, and how the
// daemon itself is reached. From a TOML file and `--set`, with every mistake named by its place.
//
//     file.toml --\                      /--> Config (values, each with its origin)
//                  load() -- key table --
//     --set k=v --/                      \--> problems: file:line:column, expected, nearest key
//
// One table of keys (config/key.hpp, config/table_*.cpp) drives reading, checking, printing and
// suggesting; nothing else in control/ knows a key's name.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/config/service_config.hpp"
#include "lastack/options.hpp"

namespace lastack::control {

inline constexpr std::string_view kDefaultConfigFile = "/etc/lastack/lastack.toml";
inline constexpr std::string_view kDefaultSocket = "/run/lastack/control.sock";

/// Where something was written: a place in a file, or an argument of the command line.
struct Place {
    std::string source;        ///< The file's name as given, or "--set tcp.msl=30s".
    std::uint32_t line = 0;    ///< From 1; 0 where the source has no lines.
    std::uint32_t column = 0;  ///< From 1; 0 where only the line counts.

    /// "lastack.toml:12:7", "lastack.toml:12" or "--set tcp.msl=30s".
    std::string to_string() const;
    bool operator==(const Place&) const = default;
};

/// One mistake. `message` says what is wrong and what would be right.
struct Problem {
    Place place;
    std::string message;

    std::string to_string() const { return place.to_string() + ": " + message; }
};

/// [control]: how the daemon is reached, and how it ends.
struct ControlOptions {
    enum class LogLevel : std::uint8_t { debug, info, warning, error };

    std::string socket{kDefaultSocket};
    std::chrono::milliseconds drain_patience{10'000};
    LogLevel log_level = LogLevel::info;
};

struct Config {
    Options options;
    std::vector<ServiceConfig> services;
    ControlOptions control;

    /// Where each value that is not a default was written, by path: "tcp.msl", "port.0.mtu"; and
    /// where each [[port]], [[route]] and [[service]] begins: "port.0".
    std::map<std::string, Place, std::less<>> origins;
};

struct LoadResult {
    Config config;                  ///< Complete and valid only where `problems` is empty.
    std::vector<Problem> problems;  ///< In the order of the file.

    explicit operator bool() const { return problems.empty(); }
};

/// `text` is a whole TOML file, `name` what to call it in messages. `sets` are "path=value", the
/// value in TOML's notation or, where that fails, a string as it is; they win over the file.
LoadResult load(std::string_view text, std::string_view name, std::span<const std::string> sets);

/// Reads the file at `path` and does the same. A file that cannot be read is a problem.
LoadResult load_file(const std::string& path, std::span<const std::string> sets);

/// The effective configuration as TOML that load() reads back, each value with its origin in a
/// comment: "default", "lastack.toml:12" or "--set".
std::string print(Config config);

}  // namespace lastack::control
