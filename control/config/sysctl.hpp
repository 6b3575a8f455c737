// [sysctl]: names that users of Linux know, with Linux's units and meaning.
//
// Each row leads to the key of ours that means the same; there the range is checked and the value
// lives. Both "tcp_fin_timeout = 60" and sysctl.conf's "net.ipv4.tcp_fin_timeout = 60" are read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "control/config/value.hpp"

namespace lastack::control {

struct Sysctl {
    enum class Unit : std::uint8_t {
        number,
        seconds,       ///< Ours is a duration.
        fin_seconds,   ///< The same; 0 is the shortest, where ours is "without limit".
        milliseconds,  ///< Ours is a duration.
        microseconds,  ///< Ours is a duration, rounded up.
        flag,          ///< 0 or 1; ours is a boolean.
        cookies,       ///< 0, 1 or 2; ours are the names of SynCookies.
        reuse,         ///< 0, 1 or 2; ours are the names of TimeWaitReuse.
        port_range,    ///< "32768 60999"; ours are two keys, tcp.port_first and tcp.port_last.
        port_list,     ///< "8080,9000-9100"; ours is a list.
    };

    std::string_view name;
    std::string_view section;  ///< Empty: known, and not built into lastack.
    std::string_view key;
    Unit unit = Unit::number;
};

std::span<const Sysctl> all_sysctls();

/// The row of that name; nullptr where it is not one we know.
const Sysctl* find_sysctl(std::string_view name);

/// Linux's number as our key's value; what does not fit the unit (a flag of 2) is monostate. Not
/// for port_range and port_list, which are text.
Value from_sysctl(Sysctl::Unit unit, std::int64_t number);

/// Linux's way of saying what is expected: "seconds", "0 or 1", ...
std::string_view sysctl_expectation(Sysctl::Unit unit);

}  // namespace lastack::control
