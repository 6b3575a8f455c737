// The timers of one core: a hierarchical timing wheel over a dense space of timer ids.
//
// The idea. Time is cut into ticks of 1 ms. Level 0 has a slot for each of the next 1024 ticks,
// level 1 for each of the next 512 blocks of 512 ticks, and so on for four levels; geometry.hpp has
// them. When the present tick enters a slot of a higher level, what is left of its timers is filed
// again lower down, each at most once per level; most were moved before, see "Ahead". Bitmaps find
// the next occupied slot at once, so an idle hour costs as much as an idle tick.
//
// Slots. A slot is a queue of ids in chunks of two cache lines (slots.hpp), so the drain can ask
// for timers (and, by `soon`, for the caller's records) before it needs them. A timer knows its
// place; taking it out moves the slot's first id into the hole.
//
// Lazy. A timer has at most one entry. Arming it for a time not before its entry will be met
// changes the deadline alone, and cancelling forgets the deadline alone: neither touches a slot.
// The entry is re-filed, or dropped, when it is met; stale entries are at most one per id. Only a
// deadline before the entry's slot moves it. So arm and cancel are O(1), and the re-arming of a
// busy connection is a few stores.
//
// Settling. arm() reads nothing: it writes the deadline, and notes the id. Every kMostUnsettled
// ids, and before anything is met, settle() looks at those timers and moves what has to move, one
// kind of access after the other, each asked for ahead: the timers, the chunks their entries are
// in, the timers that will fill the holes. So of the three misses that moving an entry costs among
// millions of them, those of 32 timers are under way at once, and none is waited for by arm().
//
// Ahead. An advance() that has caught up uses some of what is left of its budget to empty the next
// slot of a level. So what waits a minute does not have to be moved in the millisecond in which its
// block begins, while everything that is due then has to wait.
//
// Range and error. Any deadline may be armed, years ahead too; beyond 24.5 days an entry is filed
// again each time that span has passed. A timer is never early, and at most one tick late:
//  - It fires at the first tick that is not before its deadline; so, while advance() is called each
//    tick and keeps up, less than 1 ms late. A deadline that has passed when it is armed is due at
//    the next tick.
//  - One advance(now, at_most) fires at most `at_most` timers and handles at most
//    kEntriesPerTimer * at_most entries in all, those merely filed again or dropped included. What
//    is left over is next time's; has_due() says whether there is any, backlog() how late it is.
//  - What `fire` arms never fires in the same advance(), not even when armed for `now`; what it
//    cancels does not fire. It may arm and cancel any timer, its own too; it must not advance.
//  - The order within a tick is not specified, but the same calls give the same order.
//  - next_deadline() is never later than the earliest deadline. It may be earlier: by less than the
//    width of the slot that deadline is filed in, or because a stale entry is met first, or because
//    of a deadline that was changed since and is not settled. To advance to it always makes
//    progress. With nothing armed it is nullopt.
//
// Memory. 16 bytes a timer, 4.3 for its entry, 8 KiB of slots: all from the arena, at start.
// One owner thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/arena.hpp"
#include "base/assert.hpp"
#include "time/course.hpp"
#include "time/instant.hpp"

namespace lastack::time {

class Wheel {
  public:
    /// How many entries one advance() may handle per timer it may fire.
    static constexpr std::uint32_t kEntriesPerTimer = Course::kEntriesPerTimer;

    /// Timers 0 .. capacity-1, none armed. `start`, not before the clock's epoch, is the first now.
    Wheel(base::Arena& arena, std::uint32_t capacity, Instant start)
        : timers_{arena.carve<Timer>(capacity)},
          course_(arena, capacity, start),
          capacity_(capacity) {
        LA_ASSERT(capacity <= 1U << 30);  // a place is somewhat more
    }

    /// Arms timer `id` for `deadline`, whether it was armed or not.
    void arm(std::uint32_t id, Instant deadline);

    /// Disarms timer `id`, if it is armed.
    void cancel(std::uint32_t id) {
        Timer& timer = this->timer(id);
        armed_count_ -= timer.counted;
        timer.disarm();
    }

    bool armed(std::uint32_t id) const { return timer(id).armed(); }

    /// When timer `id` becomes due: the armed deadline rounded up to its tick, or the tick after
    /// the present if that had passed. Only of an armed timer.
    Instant deadline(std::uint32_t id) const {
        LA_ASSERT(armed(id));
        return start_of(timer(id).deadline());
    }

    /// Calls `fire(std::uint32_t id)` for timers that are due at `now`, each disarmed before its
    /// call; at most `at_most`. Returns how many. If that is `at_most`, or if has_due(now), there
    /// may be more. A `now` before the last one does nothing.
    template <class Fire>
    std::uint32_t advance(Instant now, std::uint32_t at_most, Fire&& fire) {
        return advance(now, at_most, fire, [](std::uint32_t) {});
    }

    /// The same, and calls `soon(std::uint32_t id)` for timers that will probably fire shortly, so
    /// that the caller can prefetch their records. It must change nothing.
    template <class Fire, class Soon>
    std::uint32_t advance(Instant now, std::uint32_t at_most, Fire&& fire, Soon&& soon) {
        settle();
        const auto disarm_and_fire = [&](std::uint32_t id) {
            // It is counted: what is not settled by now is due after this advance.
            timers_.of[id].disarm();
            --armed_count_;
            fire(id);
        };
        return course_.advance(timers_, now, at_most, disarm_and_fire, soon);
    }

    /// Never later than the earliest deadline; see "Range and error". nullopt: nothing is armed.
    std::optional<Instant> next_deadline() const {
        if (armed_count() == 0) return std::nullopt;
        return start_of(next_visit());
    }

    /// Whether there is something for advance(now) to do.
    bool has_due(Instant now) const {
        return course_.has_due(now) || earliest_unsettled_ <= tick_of(now);
    }

    /// How far the wheel is behind `now`: how long ago the earliest thing left was due.
    Duration backlog(Instant now) const {
        return has_due(now) ? now - start_of(next_visit()) : Duration::zero();
    }

    std::uint32_t armed_count() const {
        return armed_count_ + (unsettled_count_ == 0 ? 0 : count_unsettled());
    }
    std::uint32_t capacity() const { return capacity_; }
    /// Of entries: what is not settled is not in it.
    const WheelStatistics& statistics() const { return course_.statistics(); }

  private:
    static constexpr std::uint32_t kMostUnsettled = 32;
    static constexpr std::uint16_t kDisarmed = Course::kNever >> 32;

    /// The deadline is 48 bits of its tick, and is written and read in the same two pieces: so what
    /// the processor still has to store it can hand on to who reads it.
    struct Timer {
        std::uint32_t deadline_low = 0;
        std::uint16_t deadline_high = kDisarmed;
        std::uint16_t counted = 0;   // 1: it is one of armed_count_
        std::uint32_t met_tick = 0;  // low bits of the tick when the entry is met
        std::uint32_t place = 0;     // of the entry; 0: there is none

        bool armed() const { return deadline_high != kDisarmed; }
        Tick deadline() const { return Tick{deadline_high} << 32 | deadline_low; }
        void arm(Tick tick) {
            deadline_low = static_cast<std::uint32_t>(tick);
            deadline_high = static_cast<std::uint16_t>(tick >> 32);
        }
        void disarm() {
            deadline_high = kDisarmed;
            counted = 0;
        }
    };
    static_assert(sizeof(Timer) == 16);

    /// What the course of time asks of timers.
    struct Timers {
        std::span<Timer> of;

        std::uint32_t& place(std::uint32_t id) const { return of[id].place; }
        Tick deadline(std::uint32_t id, Tick) const { return of[id].deadline(); }
        void filed(std::uint32_t id, Tick met) const {
            of[id].met_tick = static_cast<std::uint32_t>(met);
        }
        void prefetch(std::uint32_t id) const { __builtin_prefetch(&of[id], 1); }
    };

    Timer& timer(std::uint32_t id) {
        LA_ASSERT(id < capacity_);
        return timers_.of[id];
    }
    const Timer& timer(std::uint32_t id) const {
        LA_ASSERT(id < capacity_);
        return timers_.of[id];
    }

    static Tick rounded_up(Instant deadline);
    std::uint32_t met_late(const Timer& timer) const;
    void settle();
    std::uint32_t look_at_unsettled();
    std::uint32_t count_unsettled() const;
    Tick next_visit() const { return std::min(course_.next_visit(), earliest_unsettled_); }

    Timers timers_;
    Course course_;
    std::uint32_t capacity_ = 0;
    std::uint32_t armed_count_ = 0;  // of those that are settled
    std::uint32_t unsettled_count_ = 0;
    std::array<std::uint32_t, kMostUnsettled> unsettled_{};  // ids, some perhaps more than once
    Tick earliest_unsettled_ = Course::kNever;
};

inline Tick Wheel::rounded_up(Instant deadline) {
    // Unsigned, as not even the farthest Instant rounded up overflows so.
    const auto ns =
        static_cast<std::uint64_t>(std::max(deadline, Instant{}).time_since_epoch() / Duration(1));
    constexpr auto kTickNs = static_cast<std::uint64_t>(kTick / Duration(1));
    return (ns + kTickNs - 1) / kTickNs;
}

inline void Wheel::arm(std::uint32_t id, Instant deadline) {
    const Tick tick = std::max(rounded_up(deadline), course_.earliest());
    timer(id).arm(tick);
    earliest_unsettled_ = std::min(earliest_unsettled_, tick);
    unsettled_[unsettled_count_] = id;
    if (++unsettled_count_ == kMostUnsettled) settle();
}

}  // namespace lastack::time
