// All timers of one core: a hierarchical timing wheel over a dense space of timer ids.
//
// The idea. Time is cut into ticks of 1 ms. Level 0 has a slot for each of the 256 ticks of the
// current block, level 1 one for each of the 256 blocks around it, and so on; what lies beyond
// the current 2^31 ticks (24 days) waits in an overflow slot for the next. A timer is filed by the
// highest digit in which its tick differs from the current one, so a slot never wraps around:
//
//     tick:      | overflow | level 3 | level 2 | level 1 | level 0 |      digits of 8 bits
//     level 0    [ ][ ][x][ ]...[x]    one tick each          256 ms
//     level 1    [ ][x][ ][ ]...[ ]    256 ticks each         65 s      x: occupancy bit
//     level 2    ...                   65 536 ticks           4.6 h
//     level 3    ...                   2^24 ticks             24 days
//
// When the current tick reaches a slot of a higher level, its timers are filed again lower down
// (each at most once per level). Occupancy bitmaps find the next occupied slot at once, so an idle
// hour costs as much as an idle tick.
//
// Slots. A slot is a list of 64-byte chunks of 14 ids, only the first of them partly filled, so
// the drain can ask for timers (and, by `soon`, for the caller's records) before it needs them. A
// timer knows its place; taking it out moves the slot's last id into the hole.
//
// Lazy. A timer has at most one entry. Arming it for a time not before its entry will be met
// changes the deadline alone, and cancelling forgets the deadline alone: neither touches a slot.
// The entry is re-filed, or dropped, when it is met; stale entries are at most one per id. Only a
// deadline before the entry's slot moves it. So arm and cancel are O(1), and the re-arming of a
// busy connection is one store.
//
// Guarantees.
//  - A timer fires at the first tick that is not before its deadline: never early, and, while
//    advance() keeps up, less than one tick late. A deadline that has passed when it is armed is
//    due at the next tick.
//  - One advance(now, at_most) fires at most `at_most` timers and handles at most
//    kEntriesPerTimer * at_most entries in all, those merely filed again or dropped included. What
//    is left over is next time's; has_due() says whether there is any, backlog() how late it is.
//  - What `fire` arms never fires in the same advance(), not even when armed for `now`; what it
//    cancels does not fire. It may arm and cancel any timer, its own too; it must not advance.
//  - The order within a tick is not specified, but the same calls give the same order.
//  - next_deadline() is never later than the earliest deadline. It may be earlier: by less than the
//    width of the slot that deadline is filed in, or because a stale entry is met first. To advance
//    to it always makes progress. With nothing armed it is nullopt.
//
// Memory. 16 bytes a timer, chunks for all of them, 4 KiB of slots: all from the arena, at start.
// One owner thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/arena.hpp"
#include "base/assert.hpp"
#include "base/pool.hpp"
#include "time/instant.hpp"

namespace lastack::time {

/// What the wheel has done so far. For tests, and for gauges.
struct WheelStatistics {
    std::uint64_t fired = 0;
    std::uint64_t slots_visited = 0;    // occupied slots whose time came
    std::uint64_t entries_filed = 0;    // by arm()
    std::uint64_t entries_refiled = 0;  // met, and due later: a lower level, or re-armed
    std::uint64_t entries_moved = 0;    // taken out by arm() for an earlier deadline
    std::uint64_t entries_dropped = 0;  // cancelled ones, when met
};

class Wheel {
  public:
    /// How many entries one advance() may handle per timer it may fire.
    static constexpr std::uint32_t kEntriesPerTimer = 4;

    /// Timers 0 .. capacity-1, none armed. `start`, not before the clock's epoch, is the first now.
    Wheel(base::Arena& arena, std::uint32_t capacity, Instant start);

    /// Arms timer `id` for `deadline`, whether it was armed or not.
    void arm(std::uint32_t id, Instant deadline);

    /// Disarms timer `id`, if it is armed.
    void cancel(std::uint32_t id);

    bool armed(std::uint32_t id) const { return timer(id).deadline != kDisarmed; }

    /// When timer `id` becomes due: the armed deadline rounded up to its tick, or the tick after
    /// the present if that had passed. Only of an armed timer.
    Instant deadline(std::uint32_t id) const {
        LA_ASSERT(armed(id));
        return start_of(timer(id).deadline);
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
    std::uint32_t advance(Instant now, std::uint32_t at_most, Fire&& fire, Soon&& soon);

    /// Never later than the earliest deadline; see "Guarantees". nullopt: nothing is armed.
    std::optional<Instant> next_deadline() const;

    /// Whether there is something for advance(now) to do.
    bool has_due(Instant now) const { return next_visit() <= tick_of(now); }

    /// How far the wheel is behind `now`: how long ago the earliest thing left was due.
    Duration backlog(Instant now) const;

    std::uint32_t armed_count() const { return armed_count_; }
    std::uint32_t capacity() const { return capacity_; }
    const WheelStatistics& statistics() const { return statistics_; }

  private:
    static constexpr unsigned kDigitBits = 8;
    static constexpr std::uint32_t kSlotsPerLevel = 1U << kDigitBits;
    static constexpr unsigned kLevels = 4;
    static constexpr unsigned kRangeBits = 31;  // a timer keeps 32 bits of the tick it is met at
    // Two overflow slots, for the even and the odd ranges: what is met at the start of one range
    // and lies beyond it goes to the other.
    static constexpr std::uint32_t kOverflowSlot = kLevels * kSlotsPerLevel;
    static constexpr std::uint32_t kSlots = kOverflowSlot + 2;
    static constexpr Tick kDisarmed = ~Tick{0};
    static constexpr Tick kNoTick = ~Tick{0};

    struct Timer {
        Tick deadline = kDisarmed;
        std::uint32_t met_tick = 0;            // low bits of the tick when the entry is met
        std::uint32_t place = base::kNoIndex;  // chunk * kIds + position; kNoIndex: no entry
    };
    static_assert(sizeof(Timer) == 16);

    struct Chunk {
        static constexpr std::uint32_t kIds = 14;

        std::uint32_t next;
        std::uint16_t slot;
        std::uint16_t count;
        std::uint32_t ids[kIds];
    };
    static_assert(sizeof(Chunk) == 64);

    /// One advance() under way: what may still be done, and what was.
    struct Budget {
        std::uint32_t fires;
        std::uint64_t entries;

        bool spent() const { return fires == 0 || entries == 0; }
    };

    Timer& timer(std::uint32_t id) {
        LA_ASSERT(id < capacity_);
        return timers_[id];
    }
    const Timer& timer(std::uint32_t id) const {
        LA_ASSERT(id < capacity_);
        return timers_[id];
    }

    static std::uint32_t digit(Tick tick, unsigned level) {
        return static_cast<std::uint32_t>(tick >> (level * kDigitBits)) & (kSlotsPerLevel - 1);
    }
    static Tick rounded_up(Instant deadline);

    /// When the timer's entry will be met; at the present tick or after it.
    Tick met_at(const Timer& timer) const {
        return current_ + (timer.met_tick - static_cast<std::uint32_t>(current_));
    }

    // Slots and their chunks.
    bool occupied(std::uint32_t slot) const { return heads_[slot] != base::kNoIndex; }
    void mark(std::uint32_t slot, bool occupied);
    void push(std::uint32_t slot, std::uint32_t id);
    std::uint32_t take_last(std::uint32_t slot);
    void take_out(std::uint32_t id);
    template <class Soon>
    void ask_for(std::uint32_t chunk, Soon& soon) const;

    // Timers and where they belong.
    void file(std::uint32_t id);
    void move_earlier(std::uint32_t id);
    template <class Fire>
    void meet(std::uint32_t id, Budget& budget, Fire& fire);

    // The course of time.
    static std::uint32_t overflow_slot(Tick tick) {
        return kOverflowSlot + (tick >> kRangeBits & 1);
    }
    std::uint32_t slot_to_cascade() const;
    Tick next_visit() const;
    bool go_to_next_visit(Tick target);
    void cascade(std::uint32_t slot, Budget& budget);
    template <class Fire, class Soon>
    void drain_current(Budget& budget, Fire& fire, Soon& soon);

    std::span<Timer> timers_;
    base::Pool<Chunk> chunks_;
    std::span<std::uint32_t> heads_;  // per slot: its first chunk
    std::array<std::array<std::uint64_t, kSlotsPerLevel / 64>, kLevels> occupied_{};
    Tick current_ = 0;   // everything before it is done; its own slot perhaps not yet
    Tick earliest_ = 1;  // what is armed now is due at this tick at the earliest
    std::uint32_t capacity_ = 0;
    std::uint32_t armed_count_ = 0;
    WheelStatistics statistics_;
};

inline Tick Wheel::rounded_up(Instant deadline) {
    // Far enough for everything, and still safe to round up.
    constexpr Instant kFarthest = Instant::max() - kTick;
    return deadline <= Instant{} ? 0 : tick_not_before(std::min(deadline, kFarthest));
}

inline void Wheel::arm(std::uint32_t id, Instant deadline) {
    Timer& timer = this->timer(id);
    if (timer.deadline == kDisarmed) ++armed_count_;
    timer.deadline = std::max(rounded_up(deadline), earliest_);
    if (timer.place == base::kNoIndex) {
        ++statistics_.entries_filed;
        file(id);
    } else if (timer.deadline < met_at(timer)) {
        move_earlier(id);
    }
}

inline void Wheel::cancel(std::uint32_t id) {
    Timer& timer = this->timer(id);
    if (timer.deadline != kDisarmed) --armed_count_;
    timer.deadline = kDisarmed;
}

template <class Fire, class Soon>
std::uint32_t Wheel::advance(Instant now, std::uint32_t at_most, Fire&& fire, Soon&& soon) {
    const Tick target = tick_of(now);
    if (target < current_) return 0;
    earliest_ = target + 1;
    Budget budget{at_most, std::uint64_t{at_most} * kEntriesPerTimer};
    while (!budget.spent()) {
        if (const std::uint32_t slot = slot_to_cascade(); slot != kSlots) {
            cascade(slot, budget);
        } else {
            drain_current(budget, fire, soon);
            if (!budget.spent() && !go_to_next_visit(target)) break;
        }
    }
    earliest_ = current_ + 1;
    return at_most - budget.fires;
}

template <class Soon>
void Wheel::ask_for(std::uint32_t chunk_index, Soon& soon) const {
    if (chunk_index == base::kNoIndex) return;
    const Chunk& chunk = chunks_[chunk_index];
    if (chunk.next != base::kNoIndex) __builtin_prefetch(&chunks_[chunk.next]);
    for (std::uint32_t i = 0; i < chunk.count; ++i) {
        __builtin_prefetch(&timers_[chunk.ids[i]], 1);
        soon(chunk.ids[i]);
    }
}

template <class Fire, class Soon>
void Wheel::drain_current(Budget& budget, Fire& fire, Soon& soon) {
    const std::uint32_t slot = digit(current_, 0);
    if (!occupied(slot)) return;
    ask_for(heads_[slot], soon);
    // `fire` neither adds to this slot nor takes from it: what it arms is due after this advance,
    // and an entry that is met now stays where it is. So the walk needs no place marker: what is
    // left of the slot is what is left to do.
    for (std::uint32_t chunk = base::kNoIndex; occupied(slot) && !budget.spent();) {
        if (heads_[slot] != chunk) {
            chunk = heads_[slot];
            ask_for(chunks_[chunk].next, soon);
        }
        meet(take_last(slot), budget, fire);
    }
}

template <class Fire>
void Wheel::meet(std::uint32_t id, Budget& budget, Fire& fire) {
    Timer& timer = timers_[id];
    --budget.entries;
    if (timer.deadline == kDisarmed) {
        ++statistics_.entries_dropped;
    } else if (timer.deadline > current_) {
        ++statistics_.entries_refiled;
        file(id);
    } else {
        timer.deadline = kDisarmed;
        --armed_count_;
        --budget.fires;
        ++statistics_.fired;
        fire(id);
    }
}

}  // namespace lastack::time
