// The connection table: from the hash of a flow key to the record that owns the flow.
//
// Layout. An array of 64-byte buckets (bucket.hpp), each with ten slots of {16-bit tag, 32-bit
// FlowRef}. Keys are not here: they stand in the records, and the caller compares them ("matches").
//
// Probe. The hash's upper half picks the first bucket, its low 16 bits are the tag, and the second
// bucket follows from first bucket and tag alone:
//
//     second = (stride(tag) - first) mod buckets          and so   first = (stride(tag) - second)
//
// Hence an entry can be moved to its other bucket without its key (partial-key cuckoo hashing). The
// number of buckets is even and the stride odd, so the two always differ. The count need not be a
// power of two: the table is as large as its capacity asks, and no larger.
//
// Cost. A look-up reads one or two cache lines, and a record for every equal tag: by chance one in
// 65536 / 20. An insert takes the emptier of the two buckets. Where both are full it moves one of
// their twenty entries to that entry's other bucket: one step, never a chain of them. At 85 % load,
// which `capacity` entries amount to, that has not failed under endless churn (docs/adr/0003).
// There are no tombstones, nothing is ever rehashed or allocated after the constructor.
//
// Full is an answer: insert() says false at `capacity` entries, or where one step finds no room,
// and then has changed nothing.
//
// Threads. One owner thread writes, and uses find(). Any other thread may call find_shared(),
// size() and nothing else; it takes no lock and never makes the owner wait. The rules behind it:
//  - every word is stored with release and loaded with acquire;
//  - a move copies the entry to its new slot, then raises the version of the bucket it leaves, then
//    removes it there; a replacement stores the reference, then raises the bucket's version;
//  - a reader that found nothing, and sees either bucket at another version than it began with,
//    looks again.
// So whoever saw an entry gone sees that a version was raised, and whoever began after the raise
// finds the copy: a flow that is present throughout is never missed. A retry means that the owner
// completed a move or a replacement in these two buckets meanwhile, so there is always progress.
// (2^32 of them during one look would go unnoticed.)
// What a reader finds may be outdated the moment it is returned. Its `matches` looks at records
// that change: it must load them atomically with acquire, from type-stable memory, and say true
// only of a key it read whole.
//
// Invariants. An entry stands in exactly one slot of its two buckets, but for the moment of a move.
// size() counts the entries. That no two entries have the same key is the caller's, who looks up
// before inserting.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "table/bucket.hpp"
#include "table/flow_ref.hpp"

namespace lastack::table {

/// What happened so far; the owner's.
struct FlowTableStatistics {
    std::uint64_t inserted = 0;
    std::uint64_t displaced = 0;  // inserts among them that had to move another entry
    std::uint64_t refused = 0;    // inserts that found the table full
};

class FlowTable {
  public:
    /// Carves buckets for `capacity` entries at 85 % load.
    FlowTable(base::Arena& arena, std::uint32_t capacity);

    /// The record of the flow with this hash, or none. `matches(FlowRef) -> bool` compares keys; it
    /// is called for every equal tag, of either family and of every kind. Owner.
    template <class Matches>
    FlowRef find(std::uint64_t hash, Matches&& matches) const;

    /// The same for any other thread; see "Threads" above for what `matches` must do.
    template <class Matches>
    FlowRef find_shared(std::uint64_t hash, Matches&& matches) const;

    /// Adds an entry. False: full, and nothing changed. The key must not be in the table yet.
    bool insert(std::uint64_t hash, FlowRef ref);

    /// Puts `to` where `from` stands, in one store. False: there is no `from` under this hash.
    bool replace(std::uint64_t hash, FlowRef from, FlowRef to);

    /// False: there is no `ref` under this hash.
    bool erase(std::uint64_t hash, FlowRef ref);

    /// Asks the memory for the buckets of `hash`, ahead of a find().
    void prefetch(std::uint64_t hash) const {
        const Place place = place_of(hash);
        __builtin_prefetch(&buckets_[place.first]);
        __builtin_prefetch(&buckets_[place.second]);
    }

    // A look-up in three steps, each done for a whole burst before the next, so that what one asks
    // the memory for comes while the others ask:
    //
    //     Look look = table.begin(hash);             the two buckets
    //     FlowRef hint = table.advance(look);        a record that may be the one; or none
    //     FlowRef found = table.find(look, matches);
    //
    // Owner. A hint is not to be trusted, only to be prefetched. Nothing may change between the
    // steps of a look; where something did, find(hash) still profits from what has been fetched.

    struct Look {
        std::uint32_t first;
        std::uint32_t second;
        std::uint32_t found;  // slots with its tag, as bits; once begun, the tag
    };
    Look begin(std::uint64_t hash) const {
        const Place place = place_of(hash);
        __builtin_prefetch(&buckets_[place.first]);
        __builtin_prefetch(&buckets_[place.second]);
        return {place.first, place.second, place.tag};
    }
    FlowRef advance(Look& look) const {
        const Place place{look.first, look.second, static_cast<std::uint16_t>(look.found)};
        look.found = slots_with_tag(place);
        return look.found != 0 ? ref_at(place, look.found) : FlowRef::none();
    }
    template <class Matches>
    FlowRef find(const Look& look, Matches&& matches) const {
        return first_match({look.first, look.second, 0}, look.found, matches);
    }

    /// Entries. Any thread.
    std::uint32_t size() const {
        return std::atomic_ref<std::uint32_t>(const_cast<std::uint32_t&>(size_))
            .load(std::memory_order_relaxed);
    }
    std::uint32_t capacity() const { return capacity_; }
    std::uint32_t bucket_count() const { return bucket_count_; }
    const FlowTableStatistics& statistics() const { return statistics_; }

  private:
    struct Place {
        std::uint32_t first;
        std::uint32_t second;
        std::uint16_t tag;
    };
    struct Slot {
        Bucket* bucket = nullptr;  // nullptr: not found
        unsigned index = 0;
    };

    /// Scales a 32-bit fraction to [0, range) without a division.
    static std::uint32_t scale(std::uint32_t fraction, std::uint32_t range) {
        return static_cast<std::uint32_t>(std::uint64_t{fraction} * range >> 32);
    }
    Place place_of(std::uint64_t hash) const {
        const auto tag = static_cast<std::uint16_t>(hash);
        const std::uint32_t first = scale(static_cast<std::uint32_t>(hash >> 32), bucket_count_);
        return {first, other_bucket(first, tag), tag};
    }
    std::uint32_t other_bucket(std::uint32_t bucket, std::uint16_t tag) const {
        // Fibonacci hashing spreads neighbouring tags over the whole table.
        const std::uint32_t stride = 2 * scale(tag * 0x9e37'79b1U, bucket_count_ / 2) + 1;
        return stride >= bucket ? stride - bucket : stride + bucket_count_ - bucket;
    }

    // Where an entry stands in its two buckets, as bits: the first's slots from 0 on, the second's
    // from kSecond on. Which of the two it is no branch predictor can know, so none is asked: both
    // lines are read at once, and the lowest bit is turned into an address.
    static constexpr unsigned kSecond = 16;

    std::uint32_t slots_with_tag(const Place& place) const {
        return buckets_[place.first].slots_with(place.tag) |
               buckets_[place.second].slots_with(place.tag) << kSecond;
    }
    static std::uint32_t bucket_at(const Place& place, std::uint32_t found) {
        return (found & 0xffff) != 0 ? place.first : place.second;
    }
    static unsigned slot_at(std::uint32_t found) {
        return static_cast<unsigned>(std::countr_zero(found)) % kSecond;
    }
    FlowRef ref_at(const Place& place, std::uint32_t found) const {
        return buckets_[bucket_at(place, found)].ref(slot_at(found));
    }

    // A call would cost more than what it does.
    template <class Matches>
    [[gnu::always_inline]] FlowRef first_match(const Place& place, std::uint32_t found,
                                               Matches& matches) const;
    template <class Matches>
    static FlowRef look_shared(const Bucket& bucket, std::uint16_t tag, Matches& matches);

    Slot slot_of(std::uint64_t hash, FlowRef ref);
    Slot room_for(const Place& place);
    Slot displace_from(std::uint32_t bucket_index);
    void set_size(std::uint32_t size);

    std::span<Bucket> buckets_;
    std::uint32_t bucket_count_ = 0;
    std::uint32_t capacity_ = 0;
    // What the owner writes at every change stands on a line of its own: beside the above, which
    // every look-up of a reader reads, it would cost the owner a cache miss per change.
    alignas(base::kCacheLine) std::uint32_t size_ = 0;
    FlowTableStatistics statistics_;
};

template <class Matches>
FlowRef FlowTable::look_shared(const Bucket& bucket, std::uint16_t tag, Matches& matches) {
    for (unsigned slot = 0; slot < Bucket::kSlots; ++slot) {
        if (bucket.shared_tag(slot) != tag) continue;
        const FlowRef ref = bucket.shared_ref(slot);
        if (ref && matches(ref)) return ref;
    }
    return FlowRef::none();
}

template <class Matches>
FlowRef FlowTable::find(std::uint64_t hash, Matches&& matches) const {
    const Place place = place_of(hash);
    return first_match(place, slots_with_tag(place), matches);
}

template <class Matches>
inline FlowRef FlowTable::first_match(const Place& place, std::uint32_t found,
                                      Matches& matches) const {
    for (; found != 0; found &= found - 1) {
        const FlowRef ref = ref_at(place, found);
        if (ref && matches(ref)) return ref;
    }
    return FlowRef::none();
}

template <class Matches>
FlowRef FlowTable::find_shared(std::uint64_t hash, Matches&& matches) const {
    const Place place = place_of(hash);
    const Bucket& first = buckets_[place.first];
    const Bucket& second = buckets_[place.second];
    while (true) {
        const std::uint32_t first_version = first.shared_version();
        const std::uint32_t second_version = second.shared_version();
        if (const FlowRef ref = look_shared(first, place.tag, matches)) return ref;
        if (const FlowRef ref = look_shared(second, place.tag, matches)) return ref;
        if (first.shared_version() == first_version && second.shared_version() == second_version) {
            return FlowRef::none();
        }
    }
}

}  // namespace lastack::table
