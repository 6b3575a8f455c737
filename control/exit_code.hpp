// What lastackd says to whoever started it. docs/operations.md has the same list.
#pragma once

namespace lastack::control {

enum class ExitCode : int {
    ok = 0,
    run_time_failure = 1,  ///< It ran, and failed: an application refused, a buffer went missing.
    usage = 2,             ///< The command line.
    configuration = 3,     ///< The file or a --set.
    cannot_start = 4,      ///< Privileges, memory, devices.
    in_use = 5,            ///< Another lastackd answers at the control socket.
};

constexpr int to_int(ExitCode code) {
    return static_cast<int>(code);
}

}  // namespace lastack::control
