// How many records use each local port: what listen() asks before it gives one away (C-31, C-32).
//
// Two counts per port: records whose owner had asked for address reuse, and records whose owner had
// not. One of them moves when a record of use begins (a connection is open, or being opened by us)
// and when the last of it ends (after TIME-WAIT), never with a segment; so listen() need not walk
// what may be tens of millions of records. A server's port is one word, and always hot.
//
// Fewer counters than ports make a tiny stack: then ports share a counter, and only a count of zero
// says something. One owner thread.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "base/assert.hpp"

namespace lastack::table {

class PortUse {
  public:
    static constexpr std::uint32_t kPorts = 65'536;

    /// `counters`: at least one; rounded up to a power of two.
    PortUse(base::Arena& arena, std::uint32_t counters)
        : mask_(std::min(std::bit_ceil(counters), kPorts) - 1),
          reusable_(arena.carve<std::uint32_t>(mask_ + 1)),
          strict_(arena.carve<std::uint32_t>(mask_ + 1)) {
        LA_ASSERT(counters > 0);
    }

    void add(std::uint16_t port, bool reusable) { ++count(port, reusable); }
    void remove(std::uint16_t port, bool reusable) {
        std::uint32_t& users = count(port, reusable);
        LA_ASSERT(users > 0);
        --users;
    }

    /// Records on this port that a new listener has to mind: all of them, or with `reuse` those
    /// whose owner had not asked for it. An upper bound unless exact().
    std::uint32_t conflicts(std::uint16_t port, bool reuse) const {
        return strict_[port & mask_] + (reuse ? 0 : reusable_[port & mask_]);
    }

    std::uint32_t counters() const { return mask_ + 1; }
    /// Whether each port has a counter of its own.
    bool exact() const { return mask_ == kPorts - 1; }

  private:
    std::uint32_t& count(std::uint16_t port, bool reusable) {
        return (reusable ? reusable_ : strict_)[port & mask_];
    }

    std::uint32_t mask_;
    std::span<std::uint32_t> reusable_;
    std::span<std::uint32_t> strict_;
};

}  // namespace lastack::table
