// Several applications on one core, as one.
//
// start() starts all of them and fails with the first that does; drain() reaches all; the composite
// has finished when every part that can finish has, and never where none can.
#pragma once

#include <string>
#include <vector>

#include "lastack/core.hpp"

namespace lastack::service {

struct CompositePart {
    std::string name;  ///< Its key in the merged report.
    ApplicationFactory make;
    bool finishes = false;  ///< True for clients such as load; servers never finish.
};

struct CompositeOptions {
    std::vector<CompositePart> parts;
};

ApplicationFactory make_composite(CompositeOptions options);

}  // namespace lastack::service
