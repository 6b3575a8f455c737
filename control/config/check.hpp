// Mistakes that no single value shows: impossible combinations, and text that means nothing.
#pragma once

#include <string_view>
#include <vector>

#include "control/config.hpp"

namespace lastack::control {

/// What is wrong with `config` as a whole; `file` is where missing things would belong.
std::vector<Problem> check(const Config& config, std::string_view file);

}  // namespace lastack::control
