// lastackd from a valid configuration to its exit code.
#pragma once

#include <string>

#include "control/config.hpp"
#include "control/exit_code.hpp"
#include "lastack/core.hpp"

namespace lastack::control {

/// Starts everything, runs until a signal, a drain or the end of all applications, and takes
/// everything down. Messages go to the log; the report of a load goes to stdout. `config_file` is
/// the name to show.
ExitCode run_daemon(const Config& config, const std::string& config_file);

/// The same around another application than the configured services.
ExitCode run_daemon(const Config& config, const std::string& config_file,
                    ApplicationFactory application);

}  // namespace lastack::control
