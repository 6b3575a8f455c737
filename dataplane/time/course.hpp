// The course of time through the slots: what Wheel and RecordWheel have in common.
//
// Whose entries they are is the caller's: an `Entries` knows of each id
//
//     std::uint32_t& place(id)              where its entry is; 0: it has none
//     Tick deadline(id, Tick now) const     when it is due; kNever or later: not any more
//     void filed(id, Tick met)              it has been filed, and will be met at that tick
//     void prefetch(id) const               its place and deadline will be asked for soon
//
// wheel.hpp says how it works and what it promises.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/arena.hpp"
#include "time/geometry.hpp"
#include "time/instant.hpp"
#include "time/slots.hpp"

namespace lastack::time {

/// What a wheel has done so far. For tests, and for gauges.
struct WheelStatistics {
    std::uint64_t fired = 0;
    std::uint64_t slots_visited = 0;    // occupied slots whose time came
    std::uint64_t entries_filed = 0;    // of armed timers that had none
    std::uint64_t entries_refiled = 0;  // met, and due later: a lower level, or re-armed
    std::uint64_t entries_moved = 0;    // taken out for an earlier deadline
    std::uint64_t entries_dropped = 0;  // cancelled ones, when met
};

class Course {
  public:
    /// How many entries one advance() may handle per timer it may fire.
    static constexpr std::uint32_t kEntriesPerTimer = 4;
    /// 8,900 years, beyond any Instant. What is later still is never, too.
    static constexpr Tick kNever = Tick{0xffff} << 32;

    Course(base::Arena& arena, std::uint32_t ids, Instant start);

    /// Enters an id that has no entry, for a tick not before the present one.
    template <class Entries>
    [[gnu::always_inline]] void file(Entries& entries, std::uint32_t id, Tick tick) {
        const Filing filing = filing_for(tick, current_);
        entries.place(id) = slots_.push(filing.slot, id);
        entries.filed(id, filing.met);
    }

    /// Takes out an id that has an entry.
    template <class Entries>
    void take_out(Entries& entries, std::uint32_t id) {
        std::uint32_t& place = entries.place(id);
        const std::uint32_t moved = slots_.take_out(place);
        if (moved != Slots::kNoId) entries.place(moved) = place;
        place = Slots::kNoPlace;
    }

    template <class Entries, class Fire, class Soon>
    std::uint32_t advance(Entries& entries, Instant now, std::uint32_t at_most, Fire&& fire,
                          Soon&& soon);

    /// The occupied slot that is met first; kSlotCount where none is.
    std::uint32_t first_occupied() const;

    bool has_due(Instant now) const;
    Tick next_visit() const;
    Duration backlog(Instant now) const {
        return has_due(now) ? now - start_of(next_visit()) : Duration::zero();
    }

    Tick current() const { return current_; }
    /// What is armed now is due at this tick at the earliest.
    Tick earliest() const { return earliest_; }
    Slots& slots() { return slots_; }
    WheelStatistics& statistics() { return statistics_; }
    const WheelStatistics& statistics() const { return statistics_; }

  private:
    /// One advance() under way: what may still be done.
    struct Budget {
        std::uint32_t fires;
        std::uint64_t entries;

        bool spent() const { return fires == 0 || entries == 0; }
    };

    template <class Entries, class Soon>
    void ask_for(const Entries& entries, std::uint32_t slot, std::uint32_t chunk, Soon& soon) const;
    template <class Entries, class Soon, class Each>
    void drain(Entries& entries, std::uint32_t slot, Soon& soon, Each&& each);
    template <class Entries>
    void cascade(Entries& entries, std::uint32_t slot, std::uint64_t& left);
    template <class Entries, class Fire>
    void meet(Entries& entries, std::uint32_t id, Budget& budget, Fire& fire);
    template <class Entries>
    void look_ahead(Entries& entries, const Budget& budget);

    std::uint32_t slot_to_cascade() const;
    bool something_now() const {
        return slots_.occupied(kLevels[0].slot(current_)) || slot_to_cascade() != kSlotCount;
    }
    bool go_to_next_visit(Tick target);

    Slots slots_;
    Tick current_ = 0;  // everything before it is done; its own slot perhaps not yet
    Tick earliest_ = 1;
    WheelStatistics statistics_;
};

template <class Entries, class Fire, class Soon>
std::uint32_t Course::advance(Entries& entries, Instant now, std::uint32_t at_most, Fire&& fire,
                              Soon&& soon) {
    const Tick target = tick_of(now);
    if (target < current_) return 0;
    earliest_ = target + 1;
    Budget budget{at_most, std::uint64_t{at_most} * kEntriesPerTimer};
    while (!budget.spent()) {
        if (const std::uint32_t slot = slot_to_cascade(); slot != kSlotCount) {
            cascade(entries, slot, budget.entries);
            continue;
        }
        drain(entries, kLevels[0].slot(current_), soon, [&](std::uint32_t id) {
            meet(entries, id, budget, fire);
            return !budget.spent();
        });
        if (budget.spent() || go_to_next_visit(target)) continue;
        look_ahead(entries, budget);
        break;
    }
    earliest_ = current_ + 1;
    return at_most - budget.fires;
}

/// What the chunk holds, and the lines of the one behind it.
template <class Entries, class Soon>
void Course::ask_for(const Entries& entries, std::uint32_t slot, std::uint32_t chunk,
                     Soon& soon) const {
    if (chunk != slots_.last_chunk(slot)) slots_.prefetch_chunk(slots_.next_chunk(chunk));
    for (const std::uint32_t id : slots_.ids_of(chunk)) {
        entries.prefetch(id);
        soon(id);
    }
}

/// Takes ids from the front of a slot, until it is empty or `each` says so. What `each` does may
/// take others out of the slot, but adds none: what it arms is due after this advance.
template <class Entries, class Soon, class Each>
void Course::drain(Entries& entries, std::uint32_t slot, Soon& soon, Each&& each) {
    if (!slots_.occupied(slot)) return;
    ask_for(entries, slot, slots_.first_chunk(slot), soon);
    while (slots_.occupied(slot)) {
        const std::uint32_t chunk = slots_.first_chunk(slot);
        if (chunk != slots_.last_chunk(slot)) {
            ask_for(entries, slot, slots_.next_chunk(chunk), soon);
        }
        while (slots_.occupied(slot) && slots_.first_chunk(slot) == chunk) {
            const std::uint32_t id = slots_.take_first(slot);
            entries.place(id) = Slots::kNoPlace;
            if (!each(id)) return;
        }
    }
}

template <class Entries, class Fire>
void Course::meet(Entries& entries, std::uint32_t id, Budget& budget, Fire& fire) {
    const Tick deadline = entries.deadline(id, current_);
    --budget.entries;
    if (deadline <= current_) {
        --budget.fires;
        ++statistics_.fired;
        fire(id);
    } else if (deadline < kNever) {
        ++statistics_.entries_refiled;
        file(entries, id, deadline);
    } else {
        ++statistics_.entries_dropped;
    }
}

/// Files a slot's entries again, lower down for all that are not to be met later; as many as `left`
/// says.
template <class Entries>
void Course::cascade(Entries& entries, std::uint32_t slot, std::uint64_t& left) {
    if (left == 0) return;
    auto soon = [](std::uint32_t) {};
    drain(entries, slot, soon, [&](std::uint32_t id) {
        const Tick deadline = entries.deadline(id, current_);
        if (deadline >= kNever) {
            ++statistics_.entries_dropped;
        } else {
            ++statistics_.entries_refiled;
            file(entries, id, std::max(deadline, current_));
        }
        return --left != 0;
    });
}

/// Moves some of the entries that the next slot of a level has, as many as could still have fired.
/// All of them are in reach of the level below: geometry.hpp says why.
template <class Entries>
void Course::look_ahead(Entries& entries, const Budget& budget) {
    std::uint64_t left = std::min<std::uint64_t>(budget.fires, budget.entries);
    for (unsigned level = 1; level < kLevelCount; ++level) {
        const Tick next = current_ + (Tick{1} << kLevels[level].shift);
        cascade(entries, kLevels[level].slot(next), left);
    }
}

}  // namespace lastack::time
