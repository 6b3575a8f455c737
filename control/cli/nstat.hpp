// Counters as `nstat` prints them, and their help.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lastack::control::cli {

struct CounterLine {
    std::string name;  ///< With its group: "TcpActiveOpens", "TcpExtTimeWaitEntered".
    std::int64_t value = 0;
};

/// The group before the name, where the name does not begin with it already.
std::string full_name(std::string_view group, std::string_view name);

struct NstatOptions {
    bool zeros = false;                 ///< -z
    std::vector<std::string> patterns;  ///< Shell patterns; empty: all.
};

/// Lines to show, in the given order.
std::vector<CounterLine> select(std::vector<CounterLine> lines, const NstatOptions& options);

/// "#lastack", then name and value in Linux's columns. The third column, a rate there, is 0.0: the
/// values are absolute.
std::string format_nstat(const std::vector<CounterLine>& lines);

/// `name`, with or without its group, in any case: its full name and its sentence; nullopt where
/// no counter is called so.
std::optional<std::string> explain(std::string_view name);

/// Full names of counters that contain `part`, in any case.
std::vector<std::string> names_like(std::string_view part);

}  // namespace lastack::control::cli
