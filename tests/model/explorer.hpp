// Explores every state of a scenario, breadth first, and proves of the whole graph what no single
// state shows.
//
//   state 0 --action--> state 1, 2 ... --> ... --> states where nothing can happen: the ends
//
// Every step is checked by the World. When all is explored: every state that has no successor is a
// proper end, and from every state some end can be reached (backwards along the edges from the
// ends); what is left would be a cycle without application progress that never ends.
//
// A state is known by the 128 bits of its canonical form, for which some 26 bytes are in memory.
// Those whose successors are still to come are kept as what differs from the one before, word by
// word, and beyond half a gigabyte in a temporary file; so are the edges, and the step that first
// led to each state: the counterexample to anything is a shortest one, and is replayed as a ladder.
#pragma once

#include <cstdint>
#include <string>

#include "tests/model/canonical.hpp"
#include "tests/model/scenario.hpp"

namespace lastack::model {

struct Limits {
    std::uint64_t states = 400'000'000;  // beyond them the exploration fails as incomplete
};

struct Result {
    bool proven = false;
    std::string failure;  // and the ladder that leads there
    std::uint64_t states = 0;
    std::uint64_t steps = 0;
    std::uint64_t ends = 0;
    std::uint64_t overflows = 0;
    unsigned depth = 0;
    double seconds = 0;
    std::uint64_t peak_bytes = 0;
};

Result explore(const Scenario& scenario, const Limits& limits = {});

/// One line: states, steps, depth, time.
std::string describe(const Result& result);
/// The bounds in words.
std::string describe(const Scenario& scenario);

}  // namespace lastack::model
