// A run's figures, for people and for programs.
#pragma once

#include <string>

#include "tests/bench/lifecycle/bed.hpp"
#include "tests/bench/lifecycle/settings.hpp"

namespace lastack::bench {

void print(const Settings& settings, const Result& result);

/// An array of {what, size, unit, lastack, peers}, and one object with the conditions and all
/// counters. False where the file cannot be written.
bool write_json(const Settings& settings, const Result& result);

}  // namespace lastack::bench
