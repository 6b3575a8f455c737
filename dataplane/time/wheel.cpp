#include "time/wheel.hpp"

#include <bit>

namespace lastack::time {

namespace {

/// Every slot's first chunk may be partly filled, all others are full; and every chunk holds a
/// timer. So there are never more chunks than either bound.
std::uint32_t chunks_needed(std::uint32_t timers, std::uint32_t ids_per_chunk,
                            std::uint32_t slots) {
    return std::min(timers, timers / ids_per_chunk + slots);
}

}  // namespace

Wheel::Wheel(base::Arena& arena, std::uint32_t capacity, Instant start)
    : timers_(arena.carve<Timer>(capacity)),
      chunks_(arena, chunks_needed(capacity, Chunk::kIds, kSlots)),
      heads_(arena.carve<std::uint32_t>(kSlots)),
      current_(tick_of(start)),
      earliest_(current_ + 1),
      capacity_(capacity) {
    LA_ASSERT(start >= Instant{});
    // A place is a chunk's index times the ids of a chunk, in 32 bits.
    LA_ASSERT(capacity <= 1U << 31);
    for (std::uint32_t& head : heads_) head = base::kNoIndex;
}

// ---- slots and their chunks ----

void Wheel::mark(std::uint32_t slot, bool occupied) {
    if (slot >= kOverflowSlot) return;  // these are asked for their heads
    std::uint64_t& word = occupied_[slot / kSlotsPerLevel][slot % kSlotsPerLevel / 64];
    const std::uint64_t bit = std::uint64_t{1} << slot % 64;
    word = occupied ? word | bit : word & ~bit;
}

void Wheel::push(std::uint32_t slot, std::uint32_t id) {
    std::uint32_t head = heads_[slot];
    if (head == base::kNoIndex || chunks_[head].count == Chunk::kIds) {
        const std::uint32_t fresh = chunks_.allocate();
        LA_ASSERT(fresh != base::kNoIndex);
        chunks_[fresh].next = head;
        chunks_[fresh].slot = static_cast<std::uint16_t>(slot);
        chunks_[fresh].count = 0;
        if (head == base::kNoIndex) mark(slot, true);
        heads_[slot] = head = fresh;
    }
    Chunk& chunk = chunks_[head];
    timers_[id].place = head * Chunk::kIds + chunk.count;
    chunk.ids[chunk.count++] = id;
}

/// Takes the last id of the slot's first chunk. The timer then has no entry.
std::uint32_t Wheel::take_last(std::uint32_t slot) {
    const std::uint32_t head = heads_[slot];
    Chunk& chunk = chunks_[head];
    const std::uint32_t id = chunk.ids[--chunk.count];
    timers_[id].place = base::kNoIndex;
    if (chunk.count == 0) {
        heads_[slot] = chunk.next;
        if (chunk.next == base::kNoIndex) mark(slot, false);
        chunks_.free(head);
    }
    return id;
}

/// Takes a timer's entry out of wherever it is; the slot's last id fills the hole.
void Wheel::take_out(std::uint32_t id) {
    const std::uint32_t hole = timers_[id].place;
    Chunk& chunk = chunks_[hole / Chunk::kIds];
    const std::uint32_t last = take_last(chunk.slot);
    if (last == id) return;
    chunk.ids[hole % Chunk::kIds] = last;
    timers_[last].place = hole;
    timers_[id].place = base::kNoIndex;
}

// ---- timers and where they belong ----

/// Enters a timer that has no entry, by the highest digit in which its tick differs from ours.
void Wheel::file(std::uint32_t id) {
    Timer& timer = timers_[id];
    const Tick tick = timer.deadline;
    const Tick difference = tick ^ current_;
    if (difference >> kRangeBits != 0) {
        const Tick range_end = ((current_ >> kRangeBits) + 1) << kRangeBits;
        timer.met_tick = static_cast<std::uint32_t>(range_end);
        push(overflow_slot(range_end), id);
        return;
    }
    const auto width = static_cast<unsigned>(std::bit_width(difference | 1));
    const unsigned level = (width - 1) / kDigitBits;
    const unsigned lower_bits = level * kDigitBits;
    timer.met_tick = static_cast<std::uint32_t>(tick >> lower_bits << lower_bits);
    push(level * kSlotsPerLevel + digit(tick, level), id);
}

void Wheel::move_earlier(std::uint32_t id) {
    ++statistics_.entries_moved;
    take_out(id);
    file(id);
}

// ---- the course of time ----

/// The slot above level 0 that the present tick lies in, if it still has entries; else kSlots.
/// file() never uses these slots, so they only empty.
std::uint32_t Wheel::slot_to_cascade() const {
    if (occupied(overflow_slot(current_))) return overflow_slot(current_);
    for (unsigned level = kLevels - 1; level > 0; --level) {
        const std::uint32_t slot = level * kSlotsPerLevel + digit(current_, level);
        if (occupied(slot)) return slot;
    }
    return kSlots;
}

/// Files the slot's entries again, lower down: all differ from the present tick in lower digits
/// only. (Those of an overflow slot may go to the other one.)
void Wheel::cascade(std::uint32_t slot, Budget& budget) {
    auto soon = [](std::uint32_t) {};
    ask_for(heads_[slot], soon);
    for (std::uint32_t chunk = base::kNoIndex; occupied(slot) && budget.entries != 0;) {
        if (heads_[slot] != chunk) {
            chunk = heads_[slot];
            ask_for(chunks_[chunk].next, soon);
        }
        const std::uint32_t id = take_last(slot);
        --budget.entries;
        if (timers_[id].deadline == kDisarmed) {
            ++statistics_.entries_dropped;
        } else {
            ++statistics_.entries_refiled;
            file(id);
        }
    }
}

/// The first tick, from the present one on, at which a slot is occupied; kNoTick if none is.
Tick Wheel::next_visit() const {
    if (occupied(digit(current_, 0)) || slot_to_cascade() != kSlots) return current_;
    // What differs in a lower digit only comes before what differs in a higher one.
    for (unsigned level = 0; level < kLevels; ++level) {
        const std::uint32_t after = digit(current_, level) + 1;
        const unsigned shift = level * kDigitBits;
        for (std::uint32_t word = after / 64; word < kSlotsPerLevel / 64; ++word) {
            std::uint64_t bits = occupied_[level][word];
            if (word == after / 64) bits &= ~std::uint64_t{0} << after % 64;
            if (bits == 0) continue;
            const Tick found = word * 64 + static_cast<unsigned>(std::countr_zero(bits));
            return ((current_ >> shift >> kDigitBits << kDigitBits) | found) << shift;
        }
    }
    const Tick range_end = ((current_ >> kRangeBits) + 1) << kRangeBits;
    return occupied(overflow_slot(range_end)) ? range_end : kNoTick;
}

/// Goes to the next occupied slot, or to `target` if that comes first. False: it did.
bool Wheel::go_to_next_visit(Tick target) {
    const Tick next = next_visit();
    current_ = std::min(next, target);
    if (next > target) return false;
    ++statistics_.slots_visited;
    return true;
}

// ---- questions ----

std::optional<Instant> Wheel::next_deadline() const {
    if (armed_count_ == 0) return std::nullopt;
    return start_of(next_visit());
}

Duration Wheel::backlog(Instant now) const {
    return has_due(now) ? now - start_of(next_visit()) : Duration::zero();
}

}  // namespace lastack::time
