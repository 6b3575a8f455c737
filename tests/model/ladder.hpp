// A counterexample as a ladder: the steps of a path, replayed, one line each.
#pragma once

#include <string>
#include <vector>

#include "tests/model/world.hpp"

namespace lastack::model {

/// What every step did, what left, the states of both ends after it; then all fields of the last
/// state. The last step may be the one that fails.
std::string ladder(const Scenario& scenario, const std::vector<Action>& path);

}  // namespace lastack::model
