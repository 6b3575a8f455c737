#include "time/wheel.hpp"

namespace lastack::time {

// An Instant's tick fits in a timer's 48 bits, and is before kNever.
static_assert(static_cast<Tick>(Instant::max().time_since_epoch() / kTick) + 1 < Course::kNever);

/// 1: the timer's entry is met after its deadline; of a timer that is armed, or else 0. Without a
/// branch: it is a toss-up, and known only when the timer has come from memory.
std::uint32_t Wheel::met_late(const Timer& timer) const {
    const Tick now = course_.current();
    // How many ticks from the present one the entry will be met.
    const std::uint32_t until_met = timer.met_tick - static_cast<std::uint32_t>(now);
    return static_cast<std::uint32_t>((timer.deadline() - now - until_met) >> 63);
}

/// Counts those that are armed, files those without an entry, and leaves in unsettled_ those whose
/// entry is to be moved. How many these are.
std::uint32_t Wheel::look_at_unsettled() {
    std::uint32_t moving = 0;
    for (std::uint32_t i = 0; i < unsettled_count_; ++i) {
        const std::uint32_t id = unsettled_[i];
        Timer& timer = timers_.of[id];
        if (!timer.armed()) continue;  // it was cancelled since
        armed_count_ += 1U - timer.counted;
        timer.counted = 1;
        if (timer.place == Slots::kNoPlace) {
            ++course_.statistics().entries_filed;
            course_.file(timers_, id, timer.deadline());
            continue;
        }
        course_.slots().prefetch_place(timer.place);
        unsettled_[moving] = id;
        moving += met_late(timer);
    }
    return moving;
}

void Wheel::settle() {
    const std::uint32_t moving = look_at_unsettled();
    const std::span<const std::uint32_t> ids(unsettled_.data(), moving);
    // Of two from one slot the second one's hole is filled by another; the hint suffices.
    for (const std::uint32_t id : ids) {
        timers_.prefetch(course_.slots().id_to_fill(timers_.of[id].place));
    }
    for (const std::uint32_t id : ids) {
        const Timer& timer = timers_.of[id];
        if (met_late(timer) == 0) continue;  // it stood here twice
        ++course_.statistics().entries_moved;
        course_.take_out(timers_, id);
        course_.file(timers_, id, timer.deadline());
    }
    unsettled_count_ = 0;
    earliest_unsettled_ = Course::kNever;
}

/// How many are armed, and not yet counted.
std::uint32_t Wheel::count_unsettled() const {
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < unsettled_count_; ++i) {
        const auto* const id = unsettled_.data() + i;
        if (std::find(unsettled_.data(), id, *id) != id) continue;
        const Timer& timer = timers_.of[*id];
        if (timer.armed() && timer.counted == 0) ++count;
    }
    return count;
}

}  // namespace lastack::time
