// The last events of a core: every segment in and out, and every change of a state, as it was.
//
// A ring that overwrites its oldest event. Capacity 0 switches it off: then recording is one
// predictable branch. Owner's thread only; the worker copies pages of it out for control.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "stack/read.hpp"
#include "wire/flow_key.hpp"

namespace lastack::stack {

/// A trace event as the ring keeps it: the key instead of two endpoints.
struct TraceRecord {
    time::Instant at{};
    wire::FlowKey4 key{};
    wire::Seq seq{};
    wire::Seq ack{};
    std::uint32_t text_bytes = 0;
    std::uint16_t window = 0;
    wire::TcpFlags flags{};
    TraceEvent::Kind kind = TraceEvent::Kind::Received;
    tcp::State before = tcp::State::Closed;
    tcp::State after = tcp::State::Closed;
    tcp::Cause cause = tcp::Cause::Close;
};
static_assert(sizeof(TraceRecord) <= 64);

class TraceRing {
  public:
    TraceRing(base::Arena& arena, std::uint32_t capacity)
        : records_(arena.carve<TraceRecord>(capacity)) {}

    bool enabled() const { return !records_.empty(); }

    void record(const TraceRecord& record) {
        records_[next_ % records_.size()] = record;
        ++next_;
    }

    /// The state that event `number`, one of the last few, has led to, once it is known.
    void settle(std::uint64_t number, tcp::State after) {
        records_[number % records_.size()].after = after;
    }

    /// Events from `number` on, oldest first; what was overwritten is skipped. How many.
    std::size_t read(std::uint64_t number, std::span<TraceEvent> out) const;

    std::uint64_t next_number() const { return next_; }

  private:
    std::span<TraceRecord> records_;
    std::uint64_t next_ = 0;
};

}  // namespace lastack::stack
