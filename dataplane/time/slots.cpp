#include "time/slots.hpp"

#include <algorithm>
#include <bit>

namespace lastack::time {

namespace {

/// Every slot's first and last chunk may be partly filled, all others are full; and every chunk
/// holds an id. So there are never more chunks than either bound.
std::size_t chunks_needed(std::uint32_t ids) {
    return std::min(ids, ids / Slots::kChunkIds + 2 * kSlotCount);
}

}  // namespace

Slots::Slots(base::Arena& arena, std::uint32_t ids)
    : words_(arena.carve<std::uint32_t>(chunks_needed(ids) * kChunkWords)),
      last_(arena.carve<std::uint32_t>(kSlotCount)) {}

/// A new chunk behind the slot's last one: where its first id goes.
std::uint32_t Slots::start_chunk(std::uint32_t slot) {
    std::uint32_t chunk = free_;
    if (chunk != kNoChunk) {
        free_ = next_chunk(chunk);
    } else {
        chunk = never_used_++;
    }
    const std::uint32_t word = chunk * kChunkWords;
    LA_ASSERT(word < words_.size());
    words_[word + 1] = slot * kChunkWords + kHeaderWords;
    if (occupied(slot)) {
        std::uint32_t& next_of_last = words_[last_chunk(slot) * kChunkWords];
        words_[word] = next_of_last;
        next_of_last = chunk;
    } else {
        words_[word] = chunk;
        mark(slot, true);
    }
    return word + kHeaderWords;
}

/// The slot's first chunk has given its last id.
void Slots::end_chunk(std::uint32_t slot, std::uint32_t chunk) {
    if (chunk == last_chunk(slot)) {
        last_[slot] = kNoPlace;
        mark(slot, false);
    } else {
        words_[last_chunk(slot) * kChunkWords] = next_chunk(chunk);
    }
    words_[chunk * kChunkWords] = free_;
    free_ = chunk;
}

std::uint32_t Slots::take_out(std::uint32_t place) {
    const std::uint32_t slot = slot_of(place / kChunkWords);
    const bool is_first = first(slot) == place;
    const std::uint32_t moved = take_first(slot);
    if (is_first) return kNoId;
    words_[place] = moved;
    return moved;
}

std::span<const std::uint32_t> Slots::ids_of(std::uint32_t chunk) const {
    const std::uint32_t from = first_of(chunk);
    const std::uint32_t last = last_[slot_of(chunk)];
    const std::uint32_t to = last / kChunkWords == chunk ? last + 1 : (chunk + 1) * kChunkWords;
    return words_.subspan(from, to - from);
}

void Slots::mark(std::uint32_t slot, bool occupied) {
    std::uint64_t& word = occupied_[slot / 64];
    const std::uint64_t bit = std::uint64_t{1} << slot % 64;
    word = occupied ? word | bit : word & ~bit;
}

std::uint32_t Slots::distance_to_next(const Level& level, Tick now) const {
    const std::uint32_t mask = level.slots - 1;
    const std::uint32_t present = level.slot(now) - level.first;
    // A word at a time from the slot after the present one on, all the way round: the word that
    // this begins in is looked at twice, the second time for its lower half.
    for (std::uint32_t distance = 1; distance < level.slots;) {
        const std::uint32_t slot = (present + distance) & mask;
        const std::uint64_t bits = occupied_[(level.first + slot) / 64] >> slot % 64;
        if (bits != 0) {
            const auto found = distance + static_cast<std::uint32_t>(std::countr_zero(bits));
            return found < level.slots ? found : 0;
        }
        distance += 64 - slot % 64;
    }
    return 0;
}

}  // namespace lastack::time
