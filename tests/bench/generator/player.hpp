// One end of all lives, as the generator's loop drives it.
#pragma once

#include <cstdint>

#include "tests/bench/generator/faults.hpp"
#include "tests/bench/generator/frame.hpp"
#include "tests/bench/generator/outbox.hpp"

namespace lastack::bench {

/// The time of one turn of the generator's loop.
struct Now {
    std::uint64_t ns = 0;
    std::uint32_t ms = 0;  // what our time stamps tell
};

class Player {
  public:
    virtual ~Player() = default;

    /// Judges a frame of lastack's and answers it.
    virtual Fault answer(const Seen& seen, const Now& now, Outbox& out) = 0;

    /// Begins what is to be begun now.
    virtual void begin(const Now& now, Outbox& out) = 0;

    /// All lives have begun, and each is over.
    virtual bool finished() const = 0;
};

}  // namespace lastack::bench
