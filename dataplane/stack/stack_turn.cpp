// The turn's clockwork: timers and deadlines.

#include <utility>

#include "stack/stack.hpp"
#include "tcp/call.hpp"
#include "tcp/waiting.hpp"

namespace lastack::stack {

using base::Counter;

// TIME-WAITs end by the million, and nothing waits for one to; a connection waits for its timers.
// So the timers go first; but where both are due by more than a call takes, they leave a quarter.
std::uint32_t Stack::expire(time::Instant now, std::uint32_t at_most) {
    env_.now = now;
    std::uint32_t fired = ip_.expire(now, at_most);
    const std::uint32_t left = at_most - std::min(fired, at_most);
    const std::uint32_t reserved = time_wait_wheel_.has_due(now) ? left / 4 : 0;
    fired += expire_timers(left - reserved);
    fired += expire_time_waits(at_most - std::min(fired, at_most));
    if (reserved != 0 && fired < at_most) fired += expire_timers(at_most - fired);
    return fired;
}

std::uint32_t Stack::expire_timers(std::uint32_t at_most) {
    return wheel_.advance(env_.now, at_most, [this](std::uint32_t id) { fire(id); });
}

// Nothing has looked at these records for 2MSL, nor at their buckets of the table. The wheel asks
// for a record ahead of its end; its bucket is asked for some records later, when its key has come.
std::uint32_t Stack::expire_time_waits(std::uint32_t at_most) {
    constexpr std::size_t kBehind = 16;
    std::array<std::uint32_t, kBehind> coming;
    coming.fill(base::kNoIndex);
    std::size_t count = 0;
    return time_wait_wheel_.advance(
        TimeWaitEntries{time_waits_}, env_.now, at_most,
        [this](std::uint32_t index) { fire_time_wait(index); },
        [&](std::uint32_t index) {
            const std::uint32_t come = std::exchange(coming[count++ % kBehind], index);
            if (come != base::kNoIndex) table_.prefetch(hasher_(key_of(time_waits_[come])));
        });
}

std::optional<time::Instant> Stack::next_deadline() const {
    std::optional<time::Instant> next = ip_.next_deadline();
    for (const auto& other : {wheel_.next_deadline(), time_wait_wheel_.next_deadline()}) {
        if (other && (!next || *other < *next)) next = other;
    }
    return next;
}

// A record's 32-bit deadline as an instant of the wheel's 64-bit clock.
time::Instant Stack::instant_of(std::uint32_t deadline_ms) const {
    const time::Tick now = time::tick_of(env_.now);
    const auto ahead = static_cast<std::int32_t>(deadline_ms - static_cast<std::uint32_t>(now));
    return time::start_of(now) + time::kTick * (ahead < 0 ? 0 : ahead);
}

void Stack::arm_earliest(std::uint32_t tcb_index) {
    const auto next = tcbs_[tcb_index].tcb.timers.earliest();
    if (next) {
        wheel_.arm(tcb_timer(tcb_index), instant_of(next->deadline_ms));
    } else {
        wheel_.cancel(tcb_timer(tcb_index));
    }
}

void Stack::fire(std::uint32_t id) {
    if (id < tcb_timer(0)) return fire_syn(id);
    if (id < application_timer(0)) return fire_tcb(id - tcb_timer(0));
    const std::uint32_t index = id - application_timer(0);
    timers_[index].due = true;
    timers_due_.push(timers_, index);
}

void Stack::fire_syn(std::uint32_t index) {
    SynSlot& slot = syns_[index];
    if (!slot.record.state.is(tcp::State::SynReceived)) return counters_.add(Counter::StaleTimer);
    const tcp::Outcome outcome = traced(slot.key, [&] { return tcp::timeout(env_, slot.record); });
    if (outcome.answer) answer(slot.key, *outcome.answer, &slot.neighbour);
    if (outcome.fate == tcp::Fate::Keep) {
        wheel_.arm(syn_timer(index), instant_of(slot.record.deadline_ms));
    }
    settle_half(index, outcome.fate);
}

void Stack::fire_tcb(std::uint32_t index) {
    TcbSlot& slot = tcbs_[index];
    if (slot.phase != TcbSlot::Phase::Live) return counters_.add(Counter::StaleTimer);
    const tcp::Outcome outcome = traced(slot.key, [&] { return tcp::timeout(env_, slot.tcb); });
    if (slot.tcb.stalled) {  // D-19: perhaps the neighbour has moved
        const std::chrono::milliseconds elapsed(tcp::elapsed_ms(env_, slot.tcb));
        ip_.doubt_neighbour(slot.neighbour, env_.now - elapsed, env_.now);
    }
    settle(index, outcome);
    if (slot.phase == TcbSlot::Phase::Live && slot.orphan_counted && too_many_orphans(slot)) {
        counters_.add(Counter::TCPAbortOnMemory);
        abort_tcb(index, tcp::End::Aborted);
    }
}

void Stack::fire_time_wait(std::uint32_t index) {
    TimeWaitSlot& slot = time_waits_[index];
    if (slot.record.state.is(tcp::State::Closed)) return;  // reopened: its way back stays (C-11)
    traced(key_of(slot), [&] { tcp::timeout(env_, slot.record); });
    free_time_wait(index);
}

}  // namespace lastack::stack
