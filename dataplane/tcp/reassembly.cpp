#include "tcp/reassembly.hpp"

#include "base/assert.hpp"

namespace lastack::tcp {

using base::kNoIndex;
using wire::Seq;

void ReassemblyStore::free_run(Reassembly& queue, std::uint32_t index) {
    pool.free(index);
    --queue.runs;
}

// Unlinks the run behind `before` (kNoIndex: the first) and returns the one that follows it.
std::uint32_t ReassemblyStore::cut_out(Reassembly& queue, std::uint32_t before,
                                       std::uint32_t index) {
    const std::uint32_t next = pool[index].next;
    if (before == kNoIndex) {
        queue.first = next;
    } else {
        pool[before].next = next;
    }
    free_run(queue, index);
    return next;
}

// Stores `part`, which overlaps no run, between `before` and `after`: it extends one, bridges both,
// or stands alone. False where it would stand alone and no run is left.
bool ReassemblyStore::place(Reassembly& queue, Neighbours near, Seq seq, PieceList& part,
                            std::uint16_t max_runs) {
    const auto [before, after] = near;
    const bool touches_before = before != kNoIndex && pool[before].end() == seq;
    const bool touches_after = after != kNoIndex && pool[after].seq == seq + part.bytes;
    if (touches_before) {
        pieces.splice(pool[before].pieces, part);
        if (touches_after) {
            pieces.splice(pool[before].pieces, pool[after].pieces);
            cut_out(queue, before, after);
        }
        return true;
    }
    if (touches_after) {
        pieces.splice(part, pool[after].pieces);
        pool[after].pieces = part;
        pool[after].seq = seq;
        part = PieceList{};
        return true;
    }
    const std::uint32_t index = queue.runs < max_runs ? pool.allocate() : kNoIndex;
    if (index == kNoIndex) return false;
    pool[index] = Run{seq, part, after};
    part = PieceList{};
    ++queue.runs;
    (before == kNoIndex ? queue.first : pool[before].next) = index;
    return true;
}

Seq ReassemblyStore::end(const Reassembly& queue) const {
    std::uint32_t index = queue.first;
    while (pool[index].next != kNoIndex) index = pool[index].next;
    return pool[index].end();
}

ReassemblyStore::Neighbours ReassemblyStore::find(const Reassembly& queue, Seq seq) const {
    Neighbours near{kNoIndex, queue.first};
    while (near.after != kNoIndex && pool[near.after].seq.at_or_before(seq)) {
        near.before = near.after;
        near.after = pool[near.after].next;
    }
    return near;
}

ReassemblyStore::Result ReassemblyStore::insert(Reassembly& queue, Seq seq, PieceList& text,
                                                std::uint16_t max_runs) {
    LA_ASSERT(!text.empty());
    bool merged = false;
    bool stored = false;
    // One round for each stretch of the text that no run covers; bounded by the number of runs.
    while (!text.empty()) {
        const Neighbours near = find(queue, seq);
        if (near.before != kNoIndex && pool[near.before].end().after(seq)) {
            queue.freshest = pool[near.before].seq;
            merged = true;
            const std::uint32_t known = seq.distance(pool[near.before].end());
            const std::uint32_t repeated = known < text.bytes ? known : text.bytes;
            pieces.drop_front(text, repeated);
            seq += repeated;
            continue;
        }
        std::uint32_t free_bytes = text.bytes;
        if (near.after != kNoIndex && seq.distance(pool[near.after].seq) < free_bytes) {
            free_bytes = seq.distance(pool[near.after].seq);
        }
        PieceList part = pieces.take_front(text, free_bytes);
        if (part.bytes != free_bytes || !place(queue, near, seq, part, max_runs)) {
            pieces.clear(part);
            pieces.clear(text);
            return Result::NoRoom;
        }
        queue.freshest = seq;
        seq += free_bytes;
        stored = true;
    }
    if (!stored) return Result::Duplicate;
    return merged ? Result::Merged : Result::Queued;
}

wire::SackBlock ReassemblyStore::first_known(const Reassembly& queue, Seq seq,
                                             std::uint32_t bytes) const {
    for (std::uint32_t i = queue.first; i != kNoIndex; i = pool[i].next) {
        const Seq left = wire::later(pool[i].seq, seq);
        const Seq right = wire::earlier(pool[i].end(), seq + bytes);
        if (left.before(right)) return {left, right};
    }
    return {seq, seq};
}

Seq ReassemblyStore::take(Reassembly& queue, Seq next, PieceList& ready) {
    while (queue.first != kNoIndex && pool[queue.first].seq.at_or_before(next)) {
        Run& run = pool[queue.first];
        if (run.end().after(next)) {
            pieces.drop_front(run.pieces, run.seq.distance(next));
            next += run.pieces.bytes;
            pieces.splice(ready, run.pieces);
        } else {
            pieces.clear(run.pieces);
        }
        cut_out(queue, kNoIndex, queue.first);
    }
    return next;
}

ReassemblyStore::Filled ReassemblyStore::fill(Reassembly& queue, Seq next, PieceList& text,
                                              PieceList& ready) {
    std::uint16_t dropped = 0;
    // One round for each run that the text meets.
    while (!queue.empty()) {
        const std::uint32_t gap = next.distance(pool[queue.first].seq);
        if (gap >= text.bytes) break;
        PieceList part = pieces.take_front(text, gap);
        next += part.bytes;
        const bool parted = part.bytes == gap;
        pieces.splice(ready, part);
        if (!parted) {
            dropped = queue.runs;
            clear(queue);
            break;
        }
        const Seq known = take(queue, next, ready);
        const std::uint32_t repeated = next.distance(known);
        pieces.drop_front(text, repeated < text.bytes ? repeated : text.bytes);
        next = known;
    }
    next += text.bytes;
    pieces.splice(ready, text);
    return {take(queue, next, ready), dropped};
}

void ReassemblyStore::cut(Reassembly& queue, Seq limit) {
    std::uint32_t before = kNoIndex;
    std::uint32_t index = queue.first;
    while (index != kNoIndex) {
        Run& run = pool[index];
        if (run.seq.at_or_after(limit)) {
            pieces.clear(run.pieces);
            index = cut_out(queue, before, index);
            continue;
        }
        if (run.end().after(limit)) pieces.drop_back(run.pieces, limit.distance(run.end()));
        before = index;
        index = run.next;
    }
}

void ReassemblyStore::clear(Reassembly& queue) {
    while (queue.first != kNoIndex) {
        pieces.clear(pool[queue.first].pieces);
        cut_out(queue, kNoIndex, queue.first);
    }
}

ReassemblyStore::Held ReassemblyStore::held(const Reassembly& queue) const {
    Held held;
    for (std::uint32_t i = queue.first; i != kNoIndex; i = pool[i].next) {
        held.pieces += pool[i].pieces.pieces;
        held.bytes += pool[i].pieces.bytes;
    }
    return held;
}

bool ReassemblyStore::gather(Reassembly& queue) {
    for (std::uint32_t i = queue.first; i != kNoIndex; i = pool[i].next) {
        if (!pieces.gather(pool[i].pieces)) return false;
    }
    return true;
}

std::uint8_t ReassemblyStore::sack_blocks(const Reassembly& queue,
                                          std::span<wire::SackBlock> blocks) const {
    std::uint8_t count = 0;
    const auto is_freshest = [&](const Run& run) {
        return queue.freshest.in_window(run.seq, run.pieces.bytes);
    };
    for (std::uint32_t i = queue.first; i != kNoIndex && count == 0; i = pool[i].next) {
        if (is_freshest(pool[i])) blocks[count++] = {pool[i].seq, pool[i].end()};
    }
    for (std::uint32_t i = queue.first; i != kNoIndex && count < blocks.size(); i = pool[i].next) {
        if (!is_freshest(pool[i])) blocks[count++] = {pool[i].seq, pool[i].end()};
    }
    return count;
}

}  // namespace lastack::tcp
