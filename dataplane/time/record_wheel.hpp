// A wheel for records that keep their deadline themselves: TIME-WAIT, by the ten million.
//
// The same wheel (wheel.hpp) without anything per timer of its own: 4.3 bytes for a record's entry
// in a slot. The record has two words for it, the deadline (the low 32 bits of its tick, which must
// be less than 2^31 ticks away) and the place of its entry. Of the records' owner the wheel asks
//
//     std::uint32_t& place(index) const             0: it has no entry
//     std::uint32_t deadline_ms(index) const
//     void prefetch(index) const
//
// What a wheel of timers promises of error, work and order holds here as well. What differs:
//  - A deadline that is moved away need not be told: the entry is filed again when it is met. One
//    that is moved nearer must be cancelled and armed.
//  - cancel() takes the entry out at once, and another record's place changes by it. So every entry
//    has its record, and whatever the records go through the room suffices.
//  - Entries of one slot are met in the order in which they were filed, so records whose waits are
//    equally long end in the order of arming, and earliest() knows the one that would end first.
//  - What `fire` arms must lie beyond `now`, or it may fire again in the same advance().
//
// One owner thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/arena.hpp"
#include "base/assert.hpp"
#include "time/course.hpp"
#include "time/instant.hpp"

namespace lastack::time {

class RecordWheel {
  public:
    static constexpr std::uint32_t kNoIndex = Slots::kNoId;

    /// For `capacity` records. `start`, not before the clock's epoch, is the first now.
    RecordWheel(base::Arena& arena, std::uint32_t capacity, Instant start)
        : course_(arena, capacity, start), capacity_(capacity) {
        LA_ASSERT(capacity <= 1U << 30);  // a place is somewhat more
    }

    /// Enters a record that has no entry. A deadline that has passed is due at the next tick.
    template <class Records>
    void arm(const Records& records, std::uint32_t index) {
        Entries<Records> entries{records};
        LA_ASSERT(entries.place(index) == Slots::kNoPlace);
        ++armed_count_;
        ++course_.statistics().entries_filed;
        const Tick deadline = entries.deadline(index, course_.current());
        course_.file(entries, index, std::max(deadline, course_.earliest()));
    }

    /// Takes a record out, if it has an entry.
    template <class Records>
    void cancel(const Records& records, std::uint32_t index) {
        Entries<Records> entries{records};
        if (entries.place(index) == Slots::kNoPlace) return;
        --armed_count_;
        course_.take_out(entries, index);
    }

    /// Calls `fire(std::uint32_t index)` for records that are due at `now`, each without an entry
    /// from before its call on; at most `at_most`. Returns how many. If that is `at_most`, or if
    /// has_due(now), there may be more. `fire` may arm and cancel any record; it must not advance.
    template <class Records, class Fire>
    std::uint32_t advance(const Records& records, Instant now, std::uint32_t at_most, Fire&& fire) {
        return advance(records, now, at_most, fire, [](std::uint32_t) {});
    }

    /// The same, and calls `soon(std::uint32_t index)` for records that will probably fire shortly.
    template <class Records, class Fire, class Soon>
    std::uint32_t advance(const Records& records, Instant now, std::uint32_t at_most, Fire&& fire,
                          Soon&& soon) {
        Entries<Records> entries{records};
        const auto disarm_and_fire = [&](std::uint32_t index) {
            --armed_count_;
            fire(index);
        };
        return course_.advance(entries, now, at_most, disarm_and_fire, soon);
    }

    /// The record that would end first, which stays; kNoIndex where there is none. Exact among
    /// records whose waits are equally long, else to within the width of a slot: half a second
    /// where it lies more than a second ahead. It looks at kLooks records at most, and gives the
    /// best of these where peers have moved so many deadlines away that none was in its place.
    template <class Records>
    std::uint32_t earliest(const Records& records);

    /// Never later than the earliest deadline. nullopt: nothing is armed.
    std::optional<Instant> next_deadline() const {
        if (armed_count_ == 0) return std::nullopt;
        return start_of(course_.next_visit());
    }
    bool has_due(Instant now) const { return course_.has_due(now); }
    Duration backlog(Instant now) const { return course_.backlog(now); }

    std::uint32_t armed_count() const { return armed_count_; }
    std::uint32_t capacity() const { return capacity_; }
    const WheelStatistics& statistics() const { return course_.statistics(); }

  private:
    static constexpr unsigned kLooks = 32;

    template <class Records>
    struct Entries {
        const Records& records;

        std::uint32_t& place(std::uint32_t index) const { return records.place(index); }
        Tick deadline(std::uint32_t index, Tick now) const {
            const auto ahead = static_cast<std::int32_t>(records.deadline_ms(index) -
                                                         static_cast<std::uint32_t>(now));
            return ahead <= 0 ? now : now + static_cast<Tick>(ahead);
        }
        void filed(std::uint32_t, Tick) const {}
        void prefetch(std::uint32_t index) const { records.prefetch(index); }
    };

    Course course_;
    std::uint32_t capacity_ = 0;
    std::uint32_t armed_count_ = 0;
};

template <class Records>
std::uint32_t RecordWheel::earliest(const Records& records) {
    Entries<Records> entries{records};
    const Slots& slots = course_.slots();
    const Tick now = course_.current();
    std::uint32_t best = kNoIndex;
    for (unsigned look = 0; look < kLooks; ++look) {
        const std::uint32_t slot = course_.first_occupied();
        if (slot == kSlotCount) break;
        const std::uint32_t first = slots.first(slot);
        const std::uint32_t index = slots.id_at(first);
        const Tick deadline = entries.deadline(index, now);
        if (best == kNoIndex || deadline < entries.deadline(best, now)) best = index;
        if (deadline <= now) break;
        // Where it belongs: in the slot of its deadline, and not after the one behind it.
        const bool alone = first == slots.last(slot);
        const Tick behind =
            alone ? Course::kNever : entries.deadline(slots.id_at(slots.next(first)), now);
        if (filing_for(deadline, now).slot == slot && deadline <= behind) break;
        course_.take_out(entries, index);
        course_.file(entries, index, deadline);
    }
    return best;
}

}  // namespace lastack::time
