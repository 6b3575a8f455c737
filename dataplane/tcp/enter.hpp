// enter(): the only writer of a connection's state.
//
// It takes the edge of figure 5 that the cause names, asserts that there is one, keeps the gauges
// of records per state and the count of each edge (J-12). A record stores its state in a StateCell,
// which nothing else can write.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/assert.hpp"
#include "base/published.hpp"
#include "tcp/state.hpp"

namespace lastack::tcp {

/// How many records are in each state, and how often each edge was taken. The owner writes,
/// anybody reads.
class StateBook {
  public:
    std::uint32_t count(State state) const {
        auto& word = const_cast<std::uint32_t&>(counts_[static_cast<std::size_t>(state)]);
        return std::atomic_ref<std::uint32_t>(word).load(std::memory_order_relaxed);
    }
    /// `edge` is an index into kDiagram.
    std::uint64_t taken(std::size_t edge) const {
        auto& word = const_cast<std::uint64_t&>(taken_[edge]);
        return std::atomic_ref<std::uint64_t>(word).load(std::memory_order_relaxed);
    }

    void moved(const Edge& edge) {
        const auto index = static_cast<std::size_t>(&edge - kDiagram.data());
        std::atomic_ref<std::uint64_t> taken(taken_[index]);
        taken.store(taken.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        changes_ = changes_ + 1;
        last_change_ = index;
    }
    /// How many edges have been taken so far. Any thread.
    std::uint64_t shared_changes() const { return changes_.shared(); }
    /// How many edges have been taken, and which one last: the owner asks, for the trace.
    std::uint64_t changes() const { return changes_; }
    const Edge& last_change() const { return kDiagram[last_change_]; }

    void joined(State state) { add(state, 1); }
    void left(State state) { add(state, static_cast<std::uint32_t>(-1)); }

  private:
    void add(State state, std::uint32_t amount) {
        if (state == State::Closed) return;  // CLOSED is the absence of a record
        std::atomic_ref<std::uint32_t> word(counts_[static_cast<std::size_t>(state)]);
        word.store(word.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }

    std::array<std::uint32_t, kStateCount> counts_{};
    std::array<std::uint64_t, kDiagram.size()> taken_{};
    base::Published<std::uint64_t> changes_ = 0;
    std::size_t last_change_ = 0;
};

/// A record's state. Copyable with its record, written by enter() alone.
class StateCell {
  public:
    constexpr State get() const { return state_; }
    constexpr bool is(State state) const { return state_ == state; }
    /// For any thread.
    State shared() const { return state_.shared(); }

  private:
    friend void enter(StateBook& book, StateCell& cell, Cause cause);
    friend void enter_as_child(StateBook& book, StateCell& cell);
    friend void move(StateCell& from, StateCell& to);
    base::Published<State> state_ = State::Closed;
};

/// Follows the edge `cause` from the cell's state. An edge that figure 5 lacks is a defect of ours.
inline void enter(StateBook& book, StateCell& cell, Cause cause) {
    const Edge* edge = find_edge(cell.state_, cause);
    LA_ASSERT(edge != nullptr);
    book.moved(*edge);
    book.left(edge->from);
    book.joined(edge->to);
    cell.state_ = edge->to;
}

/// LISTEN to SYN-RECEIVED for a new record; the listener itself stays in LISTEN.
inline void enter_as_child(StateBook& book, StateCell& cell) {
    LA_ASSERT(cell.state_ == State::Closed);
    const Edge* edge = find_edge(State::Listen, Cause::SynArrived);
    book.moved(*edge);
    book.joined(edge->to);
    cell.state_ = edge->to;
}

/// The state goes on in another record of the same connection; this one reads CLOSED from now on.
inline void move(StateCell& from, StateCell& to) {
    to.state_ = from.state_.get();
    from.state_ = State::Closed;
}

}  // namespace lastack::tcp
