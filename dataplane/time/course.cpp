#include "time/course.hpp"

namespace lastack::time {

Course::Course(base::Arena& arena, std::uint32_t ids, Instant start)
    : slots_(arena, ids), current_(tick_of(start)), earliest_(current_ + 1) {
    LA_ASSERT(start >= Instant{});
}

/// The slot above level 0 that the present tick lies in, if it still has entries; else kSlotCount.
/// file() never uses these slots, so they only empty.
std::uint32_t Course::slot_to_cascade() const {
    for (unsigned level = kLevelCount - 1; level > 0; --level) {
        const std::uint32_t slot = kLevels[level].slot(current_);
        if (slots_.occupied(slot)) return slot;
    }
    return kSlotCount;
}

/// The first tick, from the present one on, at which a slot is occupied; kNever if none is.
Tick Course::next_visit() const {
    if (something_now()) return current_;
    Tick next = kNever;
    for (const Level& level : kLevels) {
        // Nothing of this level or those above begins before the level's next slot does.
        const Tick next_block = level.block(current_) + 1;
        if (next <= next_block << level.shift) break;
        const std::uint32_t distance = slots_.distance_to_next(level, current_);
        if (distance == 0) continue;
        next = std::min(next, (level.block(current_) + distance) << level.shift);
    }
    return next;
}

std::uint32_t Course::first_occupied() const {
    const Tick next = next_visit();
    if (next == kNever) return kSlotCount;
    if (next == current_ && slot_to_cascade() != kSlotCount) return slot_to_cascade();
    // Of the levels whose slots begin at this tick the lowest has what is due first.
    for (const Level& level : kLevels) {
        if (level.block(next) << level.shift != next) break;
        if (level.block(next) == level.block(current_) && level.shift != 0) continue;
        if (slots_.occupied(level.slot(next))) return level.slot(next);
    }
    return kSlotCount;
}

/// Goes to the next occupied slot, or to `target` if that comes first. False: it did.
bool Course::go_to_next_visit(Tick target) {
    if (target == current_) return false;  // which is done
    const Tick next = next_visit();
    current_ = std::min(next, target);
    if (next > target) return false;
    ++statistics_.slots_visited;
    return true;
}

bool Course::has_due(Instant now) const {
    const Tick tick = tick_of(now);
    if (tick <= current_) return tick == current_ && something_now();
    return next_visit() <= tick;
}

}  // namespace lastack::time
