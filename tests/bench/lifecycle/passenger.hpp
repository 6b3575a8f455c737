// The generator in lastack's own thread: it takes a turn ahead of each of lastack's, as a callback
// of the port that lastack receives from. So a profiler sees a turn of either after a turn of the
// other, and no polling in vain.
//
// Under callgrind (--collect-atstart=no) what lastack does is collected and what the generator does
// is not, while the lives from the first quarter to the last are completed.
#pragma once

#include <cstdint>
#include <string>

#include "tests/bench/generator/generator.hpp"

namespace lastack::bench {

class Passenger {
  public:
    Passenger(Generator& generator, std::uint64_t lives) : generator_(generator), lives_(lives) {}

    /// The port is open. The generator plays from then on, for as long as the port is polled.
    /// Throws std::runtime_error where the port takes no callback.
    void board(const std::string& device);

    /// Called by the port in lastack's thread.
    void step();

    /// Lives completed while lastack's turns were collected. After the run.
    std::uint64_t collected() const { return last_ - first_; }

  private:
    void toggle_collection();

    Generator& generator_;
    std::uint64_t lives_;
    bool collecting_ = false;
    std::uint64_t first_ = 0;  // completed when collecting began, and when it ended
    std::uint64_t last_ = 0;
};

}  // namespace lastack::bench
