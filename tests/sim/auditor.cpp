#include "tests/sim/auditor.hpp"

#include <array>

#include "stack/fields.hpp"
#include "tests/support/conservation.hpp"

namespace lastack::test {

using base::Counter;
using stack::StackFields;
using stack::TraceEvent;

namespace {

constexpr time::Duration kTwoMsl = 60s;
constexpr time::Duration kTicks = 2ms;

std::uint32_t ports(std::uint16_t local, std::uint16_t remote) {
    return std::uint32_t{local} << 16 | remote;
}

}  // namespace

std::string Auditor::look() {
    if (const char* wrong = counts()) return wrong;
    if (host_->count(Counter::TimeWaitRestarted) != restarted_) restarts();
    if (std::string wrong = changes(); !wrong.empty()) return wrong;
    if (++turns_ % kWalkEvery == 0) return walk();
    return {};
}

std::string Auditor::walk() const {
    const char* wrong =
        conservation_fault(host_->stack(), host_->now(), host_->shell().references());
    return wrong == nullptr ? "" : wrong;
}

const char* Auditor::counts() const {
    const stack::Stack& stack = host_->stack();
    // Who wants to send and finds no memory is asked again each turn.
    if (stack.has_work() && !host_->shell().limited()) return "work is left after a turn";
    if (host_->count(Counter::StaleTimer) != 0) return "a timer fired for nobody";
    if (host_->count(Counter::StaleHandle) != 0) return "a handle was stale";
    const auto& pieces = StackFields::pieces(stack);
    if (stack.ip().waiting_frames() == 0 && host_->shell().live() > pieces.in_use()) {
        return "a buffer that no piece holds";
    }
    const std::uint32_t live = stack.live_connections();
    const std::uint32_t waiting = host_->in_state(tcp::State::TimeWait);
    if (StackFields::table(stack).size() != live + waiting) {
        return "the table and the gauges of states differ";
    }
    const std::uint32_t timers = StackFields::timers(stack).in_use();
    if (StackFields::wheel(stack).armed_count() > live + waiting + timers) {
        return "more timers than records";
    }
    return nullptr;
}

std::string Auditor::changes() {
    std::array<TraceEvent, 64> events;
    while (true) {
        const std::size_t count = host_->stack().read_trace(next_event_, events);
        for (const TraceEvent& event : std::span(events).first(count)) {
            next_event_ = event.number + 1;
            if (event.kind == TraceEvent::Kind::Sent) continue;
            if (std::string wrong = change(event); !wrong.empty()) return wrong;
        }
        if (count < events.size()) return {};
    }
}

std::string Auditor::change(const TraceEvent& event) {
    using tcp::Cause;
    using tcp::State;
    const std::uint32_t key = ports(event.local.port, event.remote.port);
    const auto about = [&](const char* what) {
        return std::string(what) + ": " + std::to_string(event.local.port) + ">" +
               std::to_string(event.remote.port) + ' ' + std::string(tcp::name(event.before)) +
               " to " + std::string(tcp::name(event.after)) + " by " +
               std::string(tcp::name(event.cause));
    };
    if (event.kind == TraceEvent::Kind::Changed) {
        const tcp::Edge* edge = tcp::find_edge(event.before, event.cause);
        if (edge == nullptr || edge->to != event.after) return about("an illegal transition");
    }
    if (event.before == event.after) return {};
    if (event.after == State::TimeWait) {
        if (event.before == State::SynReceived) {
            waits_[key].returned = true;
        } else {
            waits_[key] = {.since = event.at};
        }
        return {};
    }
    if (event.before != State::TimeWait || event.cause != Cause::TwoMsl) return {};
    const auto found = waits_.find(key);
    if (found == waits_.end()) return about("a TIME-WAIT that nobody entered");
    const time::Duration lasted = event.at - found->second.since;
    if (lasted < kTwoMsl) return about("TIME-WAIT was shorter than 2MSL");
    if (punctual_ && !found->second.returned && lasted > kTwoMsl + kTicks) {
        return about("TIME-WAIT was longer than 2MSL");
    }
    ++timed_;
    waits_.erase(found);
    return {};
}

// The counter says that there was one; a deadline that has moved says whose.
void Auditor::restarts() {
    restarted_ = host_->count(Counter::TimeWaitRestarted);
    const auto& slots = StackFields::time_waits(host_->stack());
    for (std::uint32_t i = 0; i < slots.capacity(); ++i) {
        if (!slots[i].record.state.is(tcp::State::TimeWait)) continue;
        const auto found = waits_.find(ports(slots[i].key.local_port, slots[i].key.remote_port));
        if (found == waits_.end()) continue;  // entered in this very turn
        Wait& wait = found->second;
        if (slots[i].record.deadline_ms == wait.deadline_ms) continue;
        const time::Instant end = wait.since + kTwoMsl;
        const auto first = static_cast<std::uint32_t>(time::tick_not_before(end));
        const bool moved = wait.deadline_ms != 0 || slots[i].record.deadline_ms - first > 1;
        wait.deadline_ms = slots[i].record.deadline_ms;
        if (moved) wait.since = host_->now();
    }
}

}  // namespace lastack::test
