#include "table/flow_table.hpp"

namespace lastack::table {

namespace {

/// Buckets for `capacity` entries at 85 % load; even, for the stride (see "Probe"). Two more where
/// there are more than two: a handful of buckets at 85 % would refuse one insert in 100 000.
std::uint32_t buckets_for(std::uint32_t capacity) {
    constexpr std::uint64_t kSlotsPer100Buckets = 85 * Bucket::kSlots;
    const std::uint64_t buckets =
        (std::uint64_t{capacity} * 100 + kSlotsPer100Buckets - 1) / kSlotsPer100Buckets;
    return buckets <= 2 ? 2 : static_cast<std::uint32_t>(buckets + buckets % 2 + 2);
}

}  // namespace

FlowTable::FlowTable(base::Arena& arena, std::uint32_t capacity)
    : bucket_count_(buckets_for(capacity)), capacity_(capacity) {
    buckets_ = arena.carve<Bucket>(bucket_count_);
}

bool FlowTable::insert(std::uint64_t hash, FlowRef ref) {
    LA_ASSERT(!ref.is_none());
    const Place place = place_of(hash);
    const Slot slot = size_ < capacity_ ? room_for(place) : Slot{};
    if (slot.bucket == nullptr) {
        ++statistics_.refused;
        return false;
    }
    slot.bucket->fill(slot.index, place.tag, ref);
    ++statistics_.inserted;
    set_size(size_ + 1);
    return true;
}

bool FlowTable::replace(std::uint64_t hash, FlowRef from, FlowRef to) {
    LA_ASSERT(!to.is_none());
    const Slot slot = slot_of(hash, from);
    if (slot.bucket == nullptr) return false;
    slot.bucket->set_ref(slot.index, to);
    // A reader may hold `from`, and find another flow in its record once that has been reused.
    slot.bucket->next_version();
    return true;
}

bool FlowTable::erase(std::uint64_t hash, FlowRef ref) {
    const Slot slot = slot_of(hash, ref);
    if (slot.bucket == nullptr) return false;
    slot.bucket->set_ref(slot.index, FlowRef::none());
    set_size(size_ - 1);
    return true;
}

/// Where exactly this reference stands.
FlowTable::Slot FlowTable::slot_of(std::uint64_t hash, FlowRef ref) {
    LA_ASSERT(!ref.is_none());
    const Place place = place_of(hash);
    const std::uint32_t found =
        slots_with_tag(place) &
        (buckets_[place.first].slots_of(ref) | buckets_[place.second].slots_of(ref) << kSecond);
    if (found == 0) return {};
    return {&buckets_[bucket_at(place, found)], slot_at(found)};
}

/// An empty slot for a new entry, made by moving another one if need be.
FlowTable::Slot FlowTable::room_for(const Place& place) {
    const std::uint32_t first_empty = buckets_[place.first].empty_slots();
    const std::uint32_t second_empty = buckets_[place.second].empty_slots();
    // The emptier one, so that buckets fill evenly; the first of equals.
    const bool second = std::popcount(second_empty) > std::popcount(first_empty);
    const std::uint32_t empty = second ? second_empty << kSecond : first_empty;
    if (empty != 0) return {&buckets_[bucket_at(place, empty)], slot_at(empty)};

    Slot slot = displace_from(place.first);
    if (slot.bucket == nullptr) slot = displace_from(place.second);
    if (slot.bucket != nullptr) ++statistics_.displaced;
    return slot;
}

/// Moves one entry of a full bucket to its other bucket, and returns the slot it left.
FlowTable::Slot FlowTable::displace_from(std::uint32_t bucket_index) {
    Bucket& from = buckets_[bucket_index];
    for (unsigned slot = 0; slot < Bucket::kSlots; ++slot) {
        Bucket& to = buckets_[other_bucket(bucket_index, from.tag(slot))];
        const std::uint32_t empty = to.empty_slots();
        if (empty == 0) continue;
        // Copy, raise, remove: the order that readers rely on. One version is enough, for whoever
        // looks for this entry watches both its buckets.
        to.fill(static_cast<unsigned>(std::countr_zero(empty)), from.tag(slot), from.ref(slot));
        from.next_version();
        from.set_ref(slot, FlowRef::none());
        return {&from, slot};
    }
    return {};
}

void FlowTable::set_size(std::uint32_t size) {
    std::atomic_ref<std::uint32_t>(size_).store(size, std::memory_order_relaxed);
}

}  // namespace lastack::table
