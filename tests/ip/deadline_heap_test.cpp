#include "ip/deadline_heap.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/support/arena_memory.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

struct Heap {
    explicit Heap(std::uint32_t capacity)
        : memory([&](base::Arena& a) { ip::DeadlineHeap(a, capacity); }),
          arena(memory.bytes()),
          heap(arena, capacity) {}
    ArenaMemory memory;
    base::Arena arena;
    ip::DeadlineHeap heap;
};

constexpr time::Instant at(int nanoseconds) {
    return time::Instant(time::Duration(nanoseconds));
}

TEST(DeadlineHeap, an_empty_one_has_no_first) {
    Heap h(3);
    EXPECT_FALSE(h.heap.first());
    h.heap.remove(2);
    EXPECT_FALSE(h.heap.first());
}

TEST(DeadlineHeap, a_slot_has_one_deadline_the_last_that_was_set) {
    Heap h(3);
    h.heap.set(1, at(10));
    h.heap.set(2, at(20));
    h.heap.set(1, at(30));
    EXPECT_EQ(h.heap.first()->slot, 2U);
    h.heap.remove(2);
    EXPECT_EQ(h.heap.first()->at, at(30));
    h.heap.remove(1);
    EXPECT_FALSE(h.heap.first());
}

TEST(DeadlineHeap, any_history_gives_the_earliest_of_what_is_set) {
    std::mt19937_64 random(seed_or(11));
    constexpr std::uint32_t capacity = 37;
    Heap h(capacity);
    std::map<std::uint32_t, time::Instant> model;
    for (int step = 0; step < 20'000; ++step) {
        const auto slot = static_cast<std::uint32_t>(random() % capacity);
        if (random() % 3 == 0) {
            h.heap.remove(slot);
            model.erase(slot);
        } else {
            const auto when = at(static_cast<int>(random() % 1'000));
            h.heap.set(slot, when);
            model[slot] = when;
        }
        const auto first = h.heap.first();
        ASSERT_EQ(first.has_value(), !model.empty());
        if (!first) continue;
        ASSERT_EQ(first->at, model.at(first->slot));
        for (const auto& [other, when] : model) ASSERT_LE(first->at, when) << other;
    }
}

}  // namespace
}  // namespace lastack::test
