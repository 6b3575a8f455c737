// What holds in every state, and in the last one.

#include <algorithm>
#include <string>

#include "tests/model/failure.hpp"
#include "tests/model/world.hpp"
#include "tests/support/conservation.hpp"

namespace lastack::model {

using base::Counter;
using stack::StackFields;
using stack::TcbSlot;

namespace {

constexpr std::int64_t kTwoMslMs = 60'000;  // of the default configuration (C-2)

}  // namespace

const tcp::TimeWaitRecord* World::time_wait(unsigned end) const {
    const auto& slots = StackFields::time_waits(*ends_[end].stack);
    for (std::uint32_t i = 0; i < slots.capacity(); ++i) {
        if (slots[i].record.state.is(tcp::State::TimeWait)) return &slots[i].record;
    }
    return nullptr;
}

void World::check(unsigned end) {
    const stack::Stack& stack = *ends_[end].stack;
    require(!stack.has_work(), "work is left after a turn");
    require(stack.ip().waiting_frames() == 0, "a frame waits for ARP");
    check_reset_counters(end);
    check_records(end);
    const auto earliest = earliest_deadline(stack, core_->now);
    const auto promised = stack.next_deadline();
    require(!earliest || (promised && *promised <= *earliest), "next_deadline() is too late");
    check_time_wait(end);
}

void World::check_reset_counters(unsigned end) {
    base::Counters& counters = ends_[end].stack->counters();
    require(counters.value(Counter::StaleTimer) == 0, "a timer without its record fired");
    require(counters.value(Counter::InErrs) == 0, "a segment of the other end was malformed");
    require(counters.value(Counter::TxNoBuffer) == 0, "buffers ran out");
    if (scenario_.orderly) {
        require(counters.value(Counter::OrphanKilled) == 0, "an orphan was given up");
        require(counters.value(Counter::TCPAbortOnTimeout) == 0, "a connection timed out");
    }
    counters = base::Counters{};
}

void World::check_records(unsigned end) const {
    const char* fault =
        test::conservation_fault(*ends_[end].stack, core_->now, ends_[end].shell->references());
    require(fault == nullptr, fault == nullptr ? "" : fault);
}

// C-1 to C-5: 2MSL from the entry on, and anew from the consumed FIN alone.
void World::check_time_wait(unsigned end) {
    const auto now_ms = static_cast<std::int64_t>(time::tick_of(core_->now));
    std::int64_t& since_ms = core_->time_wait_since_ms[end];
    const tcp::TimeWaitRecord* record = time_wait(end);
    if (record == nullptr) {
        const auto& syns = StackFields::syns(*ends_[end].stack);
        bool reopened = false;
        for (std::uint32_t i = 0; i < syns.capacity(); ++i) {
            reopened = reopened || (!syns[i].record.state.is(tcp::State::Closed) &&
                                    syns[i].record.origin == tcp::Origin::TimeWait);
        }
        if (reopened) return;  // parked: its time goes on
        const bool ended = since_ms >= 0;
        require(!ended || now_ms >= since_ms + kTwoMslMs, "TIME-WAIT was shorter than 2MSL");
        since_ms = -1;
        return;
    }
    if (since_ms < 0) since_ms = now_ms;
    const auto deadline = [&](std::int64_t from_ms) {
        const auto expected = static_cast<std::uint32_t>(from_ms + kTwoMslMs);
        return record->deadline_ms == expected || record->deadline_ms == expected + 1;
    };
    // PAWS may forbid a restart, where there are time stamps.
    if (may_restart_ && (!record->timestamps || deadline(now_ms))) since_ms = now_ms;
    require(deadline(since_ms), "TIME-WAIT does not end 2MSL after its entry or the FIN's return");
}

void World::check_end() const {
    for (unsigned end = 0; end < 2; ++end) {
        const stack::Stack& stack = *ends_[end].stack;
        require(state_name(end) == "CLOSED" || state_name(end) == "LISTEN",
                "nothing can happen any more, and an end is not closed");
        require(stack.quiescent() && StackFields::time_waits(stack).in_use() == 0,
                "records, pieces or runs are left at the end");
        require(StackFields::wheel(stack).armed_count() == 0 &&
                    StackFields::time_wait_wheel(stack).armed_count() == 0,
                "a timer is left at the end");
        require(ends_[end].shell->live() == 0, "a buffer is left at the end");
        const Application& application = core_->applications[end];
        const Application& peer = core_->applications[1 - end];
        require(!application.has_connection || application.told_closed,
                "an application has not heard of the end");
        if (!scenario_.orderly) continue;
        require(application.opens == 1, "never opened");
        require(application.bytes_received == peer.bytes_sent, "bytes were lost");
    }
    require(wire_empty(), "a segment is on the wire at the end");
}

std::string World::state_name(unsigned end) const {
    const stack::Stack& stack = *ends_[end].stack;
    std::string name;
    const auto add = [&](tcp::State state) {
        if (state == tcp::State::Closed) return;
        if (!name.empty()) name += '+';
        name += tcp::name(state);
    };
    const auto& syns = StackFields::syns(stack);
    for (std::uint32_t i = 0; i < syns.capacity(); ++i) add(syns[i].record.state.get());
    const auto& tcbs = StackFields::tcbs(stack);
    for (std::uint32_t i = 0; i < tcbs.capacity(); ++i) {
        if (tcbs[i].phase == TcbSlot::Phase::Live) add(tcbs[i].tcb.state.get());
    }
    const auto& time_waits = StackFields::time_waits(stack);
    for (std::uint32_t i = 0; i < time_waits.capacity(); ++i) {
        add(time_waits[i].record.state.get());
    }
    if (!name.empty()) return name;
    return scenario_.programs[end].listens ? "LISTEN" : "CLOSED";
}

void World::insert_fault(unsigned end) {
    stack::Stack& stack = *ends_[end].stack;
    if (scenario_.fault != Fault::StateWritten) return;
    auto& slots = StackFields::tcbs(stack);
    for (std::uint32_t i = 0; i < slots.capacity(); ++i) {
        if (!slots[i].tcb.state.is(tcp::State::CloseWait)) continue;
        tcp::enter(StackFields::states(stack), slots[i].tcb.state, tcp::Cause::TwoMsl);
    }
}

}  // namespace lastack::model
