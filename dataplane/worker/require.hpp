// A rule about a configuration, and what is said where it does not hold.
#pragma once

#include <string>

#include "lastack/runtime.hpp"

namespace lastack::worker {

/// Throws StartError("PLACE: WHAT; REMEDY") where the rule does not hold.
inline void require(bool holds, const std::string& place, const std::string& what,
                    const std::string& remedy) {
    if (!holds) throw StartError(place + ": " + what + "; " + remedy);
}

}  // namespace lastack::worker
