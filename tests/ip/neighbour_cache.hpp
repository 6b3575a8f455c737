// A neighbour cache in memory of its own, on a virtual clock.
#pragma once

#include <chrono>
#include <vector>

#include "base/counters.hpp"
#include "ip/neighbours.hpp"
#include "tests/ip/counting_buffers.hpp"
#include "tests/support/arena_memory.hpp"

namespace lastack::test {

using namespace std::chrono_literals;

inline constexpr wire::MacAddress kMacA{{2, 0, 0, 0, 0, 0xa}};
inline constexpr wire::MacAddress kMacB{{2, 0, 0, 0, 0, 0xb}};

constexpr ip::NeighbourKey neighbour(int host, std::uint8_t interface = 0) {
    return {.address = {0xc612'0000U | static_cast<std::uint32_t>(host)}, .interface = interface};
}

struct NeighbourCache {
    explicit NeighbourCache(const ip::Neighbours::Limits& limits = {.capacity = 8,
                                                                    .waiting_frames = 8,
                                                                    .waiting_each = 3})
        : memory([&](base::Arena& a) { ip::Neighbours(a, limits, key, counters, buffers); }),
          arena(memory.bytes()),
          cache(arena, limits, key, counters, buffers) {}

    ip::Neighbours::Answer resolve(const ip::NeighbourKey& who) {
        ip::NeighbourHint hint = ip::kNoNeighbour;
        return cache.resolve(who, hint, now).answer;
    }
    ip::NeighbourHint hint_of(const ip::NeighbourKey& who) {
        ip::NeighbourHint hint = ip::kNoNeighbour;
        cache.resolve(who, hint, now);
        return hint;
    }
    /// A neighbour that has just answered.
    void make_reachable(const ip::NeighbourKey& who, const wire::MacAddress& mac = kMacA) {
        resolve(who);
        cache.learn(who, mac, ip::Neighbours::Heard::Answer, now);
    }
    /// The questions that are due now, all of them.
    std::vector<ip::ArpQuestion> due() {
        std::vector<ip::ArpQuestion> questions;
        for (auto work = cache.work(now); work.did; work = cache.work(now)) {
            if (work.ask) questions.push_back(*work.ask);
        }
        return questions;
    }
    std::vector<ip::NeighbourRow> rows() const {
        std::vector<ip::NeighbourRow> rows(cache.capacity());
        rows.resize(cache.list(0, rows, now).rows);
        return rows;
    }
    /// Free where there is none.
    ip::NeighbourState state(const ip::NeighbourKey& who) const {
        for (const ip::NeighbourRow& row : rows()) {
            if (row.key == who) return row.state;
        }
        return ip::NeighbourState::Free;
    }
    /// Lets a frame of one piece wait for `who`, which is not resolved yet. `mark` tells it from
    /// others.
    void wait(const ip::NeighbourKey& who, int mark) {
        ip::NeighbourHint hint = ip::kNoNeighbour;
        const auto found = cache.resolve(who, hint, now);
        ip::WaitingFrame frame;
        frame.header[0] = static_cast<std::byte>(mark);
        frame.header_bytes = 1;
        frame.pieces[0].buffer = buffers.make();
        frame.piece_count = 1;
        cache.wait(found.slot, frame);
    }
    /// The marks of what waits in `slot`, oldest first; they are dropped.
    std::vector<int> take_waiting(std::uint32_t slot) {
        std::vector<int> marks;
        while (cache.anyone_waits(slot)) {
            marks.push_back(std::to_integer<int>(cache.oldest_waiting(slot).header[0]));
            cache.drop_oldest_waiting(slot);
        }
        return marks;
    }
    std::uint64_t count(base::Counter counter) const { return counters.value(counter); }

    static constexpr base::SipKey key{1, 2};
    base::Counters counters;
    CountingBuffers buffers;
    ArenaMemory memory;
    base::Arena arena;
    ip::Neighbours cache;
    time::Instant now{1h};
};

}  // namespace lastack::test
