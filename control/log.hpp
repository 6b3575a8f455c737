// The daemon's log: lines to stderr, with time and level. spdlog is included in log.cpp alone.
//
// For the control side only: workers count, they do not log. Safe from any thread.
#pragma once

#include <string_view>

#include "control/config.hpp"

namespace lastack::control {

/// Before anything is logged, and whenever the level changes.
void set_log_level(ControlOptions::LogLevel level);

void log_debug(std::string_view text);
void log_info(std::string_view text);
void log_warning(std::string_view text);
void log_error(std::string_view text);

}  // namespace lastack::control
