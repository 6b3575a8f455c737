// Where the neighbour cache keeps its entries: hash chains, the two lists by last use, room.
#include <algorithm>
#include <array>
#include <bit>

#include "ip/neighbours.hpp"

namespace lastack::ip {

using base::Counter;

Neighbours::Neighbours(base::Arena& arena, const Limits& limits, base::SipKey hash_key,
                       base::Counters& counters, base::Buffers& buffers)
    : entries_(arena, limits.capacity),
      buckets_(arena.carve<std::uint32_t>(std::bit_ceil(limits.capacity))),
      deadlines_(arena, limits.capacity),
      frames_(arena, limits.waiting_frames, buffers),
      limits_(limits),
      hash_key_(hash_key),
      counters_(&counters) {
    LA_ASSERT(limits.capacity >= 1 && limits.capacity <= kMaxNeighbours);
    std::fill(buckets_.begin(), buckets_.end(), base::kNoIndex);
}

std::uint32_t Neighbours::bucket_of(const NeighbourKey& key) const {
    const std::array<std::uint64_t, 1> word{std::uint64_t{key.interface} << 32 | key.address.value};
    const std::uint64_t hash = base::siphash(hash_key_, word);
    return static_cast<std::uint32_t>(hash) & static_cast<std::uint32_t>(buckets_.size() - 1);
}

std::uint32_t Neighbours::find(const NeighbourKey& key) const {
    std::uint32_t slot = buckets_[bucket_of(key)];
    while (slot != base::kNoIndex && !(entries_[slot].key == key)) {
        slot = entries_[slot].next_in_bucket;
    }
    return slot;
}

std::uint32_t Neighbours::create(const NeighbourKey& key, NeighbourState state, time::Instant now) {
    make_room(state);
    const std::uint32_t slot = entries_.allocate();
    LA_ASSERT(slot != base::kNoIndex);
    Entry& entry = entries_[slot];
    const std::uint16_t generation = entry.generation;
    entry = Entry{};
    entry.generation = generation;
    entry.key = key;
    entry.state = state;
    entry.used_at = now;
    std::uint32_t& head = buckets_[bucket_of(key)];
    entry.next_in_bucket = head;
    head = slot;
    link_newest(slot);
    return slot;
}

void Neighbours::make_room(NeighbourState newcomer) {
    const std::uint32_t half = std::max<std::uint32_t>(1, entries_.capacity() / 2);
    const bool share_used_up = !has_mac(newcomer) && unknown_.count >= half;
    if (!share_used_up && entries_.available() > 0) return;
    counters_->add(Counter::ArpEvicted);
    erase(share_used_up || known_.count == 0 ? unknown_.oldest : known_.oldest);
}

void Neighbours::erase(std::uint32_t slot) {
    drop_waiting(slot);
    Entry& entry = entries_[slot];
    std::uint32_t* link = &buckets_[bucket_of(entry.key)];
    while (*link != slot) link = &entries_[*link].next_in_bucket;
    *link = entry.next_in_bucket;
    unlink(slot);
    deadlines_.remove(slot);
    entry.state = NeighbourState::Free;
    entry.generation = static_cast<std::uint16_t>((entry.generation + 1) & kGenerationMask);
    entries_.free(slot);
}

void Neighbours::drop_waiting(std::uint32_t slot) {
    FrameQueue& queue = entries_[slot].waiting;
    counters_->add(Counter::IpOutDiscards, queue.count);
    while (queue.count > 0) frames_.drop_oldest(queue);
}

void Neighbours::forget(std::uint8_t interface) {
    for (std::uint32_t slot = 0; slot < entries_.capacity(); ++slot) {
        const Entry& entry = entries_[slot];
        if (entry.state != NeighbourState::Free && entry.key.interface == interface) erase(slot);
    }
}

void Neighbours::set_state(std::uint32_t slot, NeighbourState state) {
    Entry& entry = entries_[slot];
    if (has_mac(entry.state) == has_mac(state)) {
        entry.state = state;
        return;
    }
    unlink(slot);
    entry.state = state;
    link_newest(slot);
}

void Neighbours::touch(std::uint32_t slot, time::Instant now) {
    entries_[slot].used_at = now;
    unlink(slot);
    link_newest(slot);
}

void Neighbours::link_newest(std::uint32_t slot) {
    UseList& list = list_for(entries_[slot].state);
    entries_[slot].newer = base::kNoIndex;
    entries_[slot].older = list.newest;
    if (list.newest != base::kNoIndex) {
        entries_[list.newest].newer = slot;
    } else {
        list.oldest = slot;
    }
    list.newest = slot;
    ++list.count;
}

void Neighbours::unlink(std::uint32_t slot) {
    const Entry& entry = entries_[slot];
    UseList& list = list_for(entry.state);
    (entry.newer == base::kNoIndex ? list.newest : entries_[entry.newer].older) = entry.older;
    (entry.older == base::kNoIndex ? list.oldest : entries_[entry.older].newer) = entry.newer;
    --list.count;
}

Neighbours::Listed Neighbours::list(std::uint32_t first, std::span<NeighbourRow> out,
                                    time::Instant now) const {
    std::size_t rows = 0;
    std::uint32_t slot = first;
    for (; slot < entries_.capacity() && rows < out.size(); ++slot) {
        const Entry& entry = entries_[slot];
        if (entry.state == NeighbourState::Free) continue;
        const auto idle =
            std::chrono::duration_cast<std::chrono::milliseconds>(now - entry.used_at);
        out[rows++] = {.key = entry.key,
                       .state = entry.state,
                       .mac = has_mac(entry.state) ? entry.mac : wire::MacAddress{},
                       .waiting_frames = entry.waiting.count,
                       .idle_ms = static_cast<std::uint32_t>(idle.count())};
    }
    return {slot, rows};
}

}  // namespace lastack::ip
