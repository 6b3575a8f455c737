// The wheel's slots: each a queue of ids, in chunks of two cache lines.
//
//     chunk:  [ next | slot, first | id | id | ... | id ]      32 words of 32 bits
//                0         1         2    3          31
//
// Chunks are numbered, all their words are one array, and a place is the index of a word in it:
// place 0, a header's, is no place. The chunks of a slot form a ring, `next` of the last one being
// the first one; so a slot is one word, the place of its last id. `first` says where in a chunk the
// ids begin, which is its start but for the first one of a ring; but for the last one all are full.
// So to add an id is two stores; the queue can be read a chunk ahead of use; and an id can be taken
// out from anywhere, for the first one of its slot fills the hole.
//
// Bitmaps say which slots have anything.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "base/assert.hpp"
#include "time/geometry.hpp"

namespace lastack::time {

class Slots {
  public:
    static constexpr std::uint32_t kNoPlace = 0;
    static constexpr std::uint32_t kNoId = 0xffff'ffff;
    static constexpr std::uint32_t kChunkWords = 32;
    static constexpr std::uint32_t kHeaderWords = 2;
    static constexpr std::uint32_t kChunkIds = kChunkWords - kHeaderWords;

    /// Room for `ids` of them, however they spread.
    Slots(base::Arena& arena, std::uint32_t ids);

    bool occupied(std::uint32_t slot) const { return last_[slot] != kNoPlace; }

    /// Adds an id at the back, and returns its place.
    std::uint32_t push(std::uint32_t slot, std::uint32_t id) {
        std::uint32_t place = last_[slot] + 1;
        if (place % kChunkWords <= 1) [[unlikely]] {
            place = start_chunk(slot);
        }
        words_[place] = id;
        last_[slot] = place;
        return place;
    }

    /// The place of the id at the front, and what stands in a place. Of an occupied slot.
    std::uint32_t first(std::uint32_t slot) const { return first_of(first_chunk(slot)); }
    std::uint32_t id_at(std::uint32_t place) const { return words_[place]; }
    /// The place behind that of an id which is not the slot's last.
    std::uint32_t next(std::uint32_t place) const {
        const bool ends = place % kChunkWords == kChunkWords - 1;
        return ends ? first_of(words_[place - place % kChunkWords]) : place + 1;
    }
    /// The place of the id at the back.
    std::uint32_t last(std::uint32_t slot) const { return last_[slot]; }

    /// Takes the id at the front of an occupied slot.
    std::uint32_t take_first(std::uint32_t slot) {
        const std::uint32_t chunk = first_chunk(slot);
        const std::uint32_t place = first_of(chunk);
        const std::uint32_t id = words_[place];
        if (place == last_[slot] || place % kChunkWords == kChunkWords - 1) [[unlikely]] {
            end_chunk(slot, chunk);
        } else {
            ++words_[chunk * kChunkWords + 1];
        }
        return id;
    }

    /// Takes out what stands in `place`. The id that stands there instead from now on; or kNoId.
    std::uint32_t take_out(std::uint32_t place);
    /// Which id would stand there instead: the first one of the same slot.
    std::uint32_t id_to_fill(std::uint32_t place) const {
        return words_[first(slot_of(place / kChunkWords))];
    }

    // The chunks of an occupied slot, first to last.
    std::uint32_t first_chunk(std::uint32_t slot) const {
        return next_chunk(last_[slot] / kChunkWords);
    }
    std::uint32_t last_chunk(std::uint32_t slot) const { return last_[slot] / kChunkWords; }
    std::uint32_t next_chunk(std::uint32_t chunk) const { return words_[chunk * kChunkWords]; }
    std::span<const std::uint32_t> ids_of(std::uint32_t chunk) const;
    void prefetch_chunk(std::uint32_t chunk) const {
        __builtin_prefetch(&words_[chunk * kChunkWords]);
        __builtin_prefetch(&words_[chunk * kChunkWords + kChunkWords / 2]);
    }

    /// What take_out(place) begins with: the place, and the header of its chunk.
    void prefetch_place(std::uint32_t place) const {
        __builtin_prefetch(&words_[place], 1);
        __builtin_prefetch(&words_[place - place % kChunkWords]);
    }

    /// How many slots of this level after the present one the first occupied one is; 0: none is.
    std::uint32_t distance_to_next(const Level& level, Tick now) const;

  private:
    std::uint32_t first_of(std::uint32_t chunk) const {
        return chunk * kChunkWords + words_[chunk * kChunkWords + 1] % kChunkWords;
    }
    std::uint32_t slot_of(std::uint32_t chunk) const {
        return words_[chunk * kChunkWords + 1] / kChunkWords;
    }
    std::uint32_t start_chunk(std::uint32_t slot);
    void end_chunk(std::uint32_t slot, std::uint32_t chunk);
    void mark(std::uint32_t slot, bool occupied);

    static constexpr std::uint32_t kNoChunk = 0xffff'ffff;

    std::span<std::uint32_t> words_;
    std::span<std::uint32_t> last_;  // per slot
    std::array<std::uint64_t, kSlotCount / 64> occupied_{};
    std::uint32_t free_ = kNoChunk;  // the free chunks, through `next`
    std::uint32_t never_used_ = 0;   // the first of the chunks that never were
};

}  // namespace lastack::time
