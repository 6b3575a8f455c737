// What may happen next in a world.

#include <algorithm>

#include "tests/model/world.hpp"

namespace lastack::model {

using stack::StackFields;

namespace {

constexpr unsigned bit(Race race) {
    return 1U << static_cast<unsigned>(race);
}

bool waits(const stack::TimeWaitSlot& slot) {
    return !slot.record.state.is(tcp::State::Closed) && !slot.record.endless();
}

/// When a record's wait ends: at its deadline, or at once where that has passed.
time::Instant end_of(const stack::TimeWaitSlot& slot, time::Instant now) {
    const time::Tick tick = time::tick_of(now);
    const std::uint32_t left_ms = slot.record.deadline_ms - static_cast<std::uint32_t>(tick);
    const bool passed = left_ms == 0 || left_ms > 1U << 31;
    return time::start_of(tick + (passed ? 1 : left_ms));
}

}  // namespace

std::optional<time::Instant> earliest_deadline(const stack::Stack& stack, time::Instant now) {
    const time::Wheel& wheel = StackFields::wheel(stack);
    std::optional<time::Instant> earliest;
    const auto meet = [&](time::Instant deadline) {
        if (!earliest || deadline < *earliest) earliest = deadline;
    };
    for (std::uint32_t id = 0; id < wheel.capacity(); ++id) {
        if (wheel.armed(id)) meet(wheel.deadline(id));
    }
    const auto& time_waits = StackFields::time_waits(stack);
    for (std::uint32_t i = 0; i < time_waits.used_to(); ++i) {
        if (waits(time_waits[i])) meet(end_of(time_waits[i], now));
    }
    return earliest;
}

bool World::wire_empty() const {
    for (const auto& direction : core_->flights) {
        for (const Flight& flight : direction) {
            if (flight.len_bytes != 0) return false;
        }
    }
    return true;
}

void World::enabled(std::vector<Action>& actions) const {
    actions.clear();
    for (std::uint8_t end = 0; end < 2; ++end) {
        enabled_calls(end, actions);
        const auto& flights = core_->flights[end];
        const bool room =
            std::ranges::any_of(flights, [](const Flight& f) { return f.len_bytes == 0; });
        for (std::uint8_t place = 0; place < kInFlight; ++place) {
            if (flights[place].len_bytes == 0) continue;
            // Of equal segments one stands for all.
            bool seen = false;
            for (std::uint8_t i = 0; i < place; ++i) {
                seen = seen || std::ranges::equal(flights[i].bytes(), flights[place].bytes());
            }
            if (seen) continue;
            actions.push_back({Kind::Deliver, end, place});
            if (core_->duplicates_left > 0 && room) {
                actions.push_back({Kind::Duplicate, end, place});
            }
        }
        if (may_tick(end)) actions.push_back({Kind::Tick, end});
    }
}

void World::enabled_calls(unsigned end, std::vector<Action>& actions) const {
    const Application& application = core_->applications[end];
    const Program& program = scenario_.programs[end];
    const auto add = [&](Kind kind) { actions.push_back({kind, static_cast<std::uint8_t>(end)}); };
    if (program.connects && application.connects == 0) add(Kind::Connect);
    const bool may_call = application.open || program.calls_early;
    if (!application.has_connection || application.told_closed || application.closed || !may_call) {
        return;
    }
    if (application.sends_left > 0 && !application.shut_down) add(Kind::Send);
    // A second time as well (D-26), where close() may follow anyway.
    const bool again = application.shut_down && program.waits_for_fin;
    if (program.may_shut_down && !again) add(Kind::ShutDown);
    if (!program.waits_for_fin || application.peer_closed) add(Kind::Close);
    if (program.may_abort) add(Kind::Abort);
}

bool World::owes_close(unsigned end) const {
    const Application& application = core_->applications[end];
    return application.open && !application.closed && !application.told_closed;
}

std::uint8_t World::due_races(unsigned end, time::Instant deadline) const {
    const stack::Stack& stack = *ends_[end].stack;
    const time::Wheel& wheel = StackFields::wheel(stack);
    const auto due = [&](std::uint32_t id) {
        return wheel.armed(id) && wheel.deadline(id) <= deadline;
    };
    unsigned races = 0;
    for (std::uint32_t i = 0; i < StackFields::syns(stack).capacity(); ++i) {
        if (due(StackFields::syn_timer(stack, i))) races |= bit(Race::SynAck);
    }
    for (std::uint32_t i = 0; i < StackFields::tcbs(stack).capacity(); ++i) {
        if (!due(StackFields::tcb_timer(stack, i))) continue;
        const tcp::Timers& timers = StackFields::tcbs(stack)[i].tcb.timers;
        const auto tick = static_cast<std::uint32_t>(time::tick_of(deadline));
        if (timers.due(tcp::Timer::Retransmit, tick)) races |= bit(Race::Retransmit);
        if (timers.due(tcp::Timer::Persist, tick)) races |= bit(Race::Persist);
        if (timers.due(tcp::Timer::DelayedAck, tick)) races |= bit(Race::DelayedAck);
        if (timers.due(tcp::Timer::KeepAlive, tick)) races |= bit(Race::KeepAlive);
    }
    for (std::uint32_t i = 0; i < StackFields::time_waits(stack).capacity(); ++i) {
        const stack::TimeWaitSlot& slot = StackFields::time_waits(stack)[i];
        if (waits(slot) && end_of(slot, core_->now) <= deadline) races |= bit(Race::Long);
    }
    return static_cast<std::uint8_t>(races);
}

bool World::may_tick(unsigned end) const {
    if (scenario_.fault == Fault::NoTimer && end == 1) return false;
    const auto mine = earliest_deadline(*ends_[end].stack, core_->now);
    if (!mine) return false;
    const auto other = earliest_deadline(*ends_[1 - end].stack, core_->now);
    if (other && *other < *mine && !(scenario_.fault == Fault::NoTimer && end == 0)) return false;
    const bool empty = wire_empty();
    if (empty && !scenario_.prompt) return true;
    const std::uint8_t races = due_races(end, *mine);
    if ((races & bit(Race::Long)) != 0) {
        if (scenario_.prompt && (owes_close(0) || owes_close(1))) return false;
        if (!empty && !scenario_.segments_outlive_msl) return false;
    }
    return empty || (core_->races_left > 0 && (core_->raced[end] & races) == 0);
}

}  // namespace lastack::model
