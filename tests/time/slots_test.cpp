#include "time/slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "tests/support/arena_memory.hpp"
#include "tests/support/seed.hpp"

namespace lastack::time {
namespace {

struct SlotsHost {
    explicit SlotsHost(std::uint32_t ids)
        : memory([&](base::Arena& measuring) { Slots(measuring, ids); }),
          arena(memory.bytes()),
          slots(arena, ids) {}

    test::ArenaMemory memory;
    base::Arena arena;
    Slots slots;
};

TEST(Slots, GiveBackTheFirstIdFirstOverTheEdgesOfChunks) {
    SlotsHost host(100);
    for (std::uint32_t id = 0; id < 100; ++id) host.slots.push(7, id);
    EXPECT_TRUE(host.slots.occupied(7));
    for (std::uint32_t id = 0; id < 100; ++id) EXPECT_EQ(host.slots.take_first(7), id);
    EXPECT_FALSE(host.slots.occupied(7));
}

std::vector<std::uint32_t> all_of(const Slots& slots, std::uint32_t slot) {
    std::vector<std::uint32_t> read;
    if (!slots.occupied(slot)) return read;
    for (std::uint32_t chunk = slots.first_chunk(slot);; chunk = slots.next_chunk(chunk)) {
        const auto ids = slots.ids_of(chunk);
        read.insert(read.end(), ids.begin(), ids.end());
        if (chunk == slots.last_chunk(slot)) return read;
    }
}

TEST(Slots, AChunkIsReadAsAWholeAndLeadsToTheNextOne) {
    SlotsHost host(100);
    for (std::uint32_t id = 0; id < 70; ++id) host.slots.push(0, id);
    for (std::uint32_t id = 0; id < 7; ++id) host.slots.take_first(0);
    const std::vector<std::uint32_t> read = all_of(host.slots, 0);
    ASSERT_EQ(read.size(), 63U);
    for (std::uint32_t i = 0; i < 63; ++i) EXPECT_EQ(read[i], i + 7);
}

TEST(Slots, PlacesCanBeFollowedFromTheFirstToTheLast) {
    SlotsHost host(100);
    for (std::uint32_t id = 0; id < 70; ++id) host.slots.push(0, id);
    std::uint32_t place = host.slots.first(0);
    for (std::uint32_t id = 0; id < 70; ++id) {
        EXPECT_EQ(host.slots.id_at(place), id);
        if (id < 69) place = host.slots.next(place);
    }
    EXPECT_EQ(place, host.slots.last(0));
}

// Against a plain vector per slot, in which a hole is filled by the first one, too.
TEST(Slots, AnIdCanBeTakenOutFromAnywhere) {
    constexpr std::uint32_t kIds = 500;
    std::mt19937_64 random(test::seed_or(20'261'125));
    SlotsHost host(kIds);
    std::array<std::vector<std::uint32_t>, 3> expected;
    std::vector<std::uint32_t> places(kIds, Slots::kNoPlace);
    std::vector<std::size_t> slot_of(kIds);
    for (int step = 0; step < 200'000; ++step) {
        const auto id = static_cast<std::uint32_t>(random() % kIds);
        if (places[id] == Slots::kNoPlace) {
            slot_of[id] = random() % expected.size();
            places[id] = host.slots.push(static_cast<std::uint32_t>(slot_of[id]), id);
            expected[slot_of[id]].push_back(id);
        } else {
            auto& ids = expected[slot_of[id]];
            ASSERT_EQ(host.slots.id_to_fill(places[id]), ids.front());
            const std::uint32_t moved = host.slots.take_out(places[id]);
            ASSERT_EQ(moved, ids.front() == id ? Slots::kNoId : ids.front());
            if (moved != Slots::kNoId) {
                *std::find(ids.begin(), ids.end(), id) = moved;
                places[moved] = places[id];
            }
            ids.erase(ids.begin());
            places[id] = Slots::kNoPlace;
        }
        if (step % 100 != 0) continue;
        for (std::size_t slot = 0; slot < expected.size(); ++slot) {
            ASSERT_EQ(all_of(host.slots, static_cast<std::uint32_t>(slot)), expected[slot]);
        }
    }
}

// The worst spread: one id in every slot, and the rest in one; again and again.
TEST(Slots, ThereIsRoomHoweverTheIdsSpread) {
    constexpr std::uint32_t kIds = 10'000;
    SlotsHost host(kIds);
    for (std::uint32_t round = 0; round < 50; ++round) {
        const std::uint32_t crowded = round * 41 % kSlotCount;
        for (std::uint32_t id = 0; id < kIds; ++id) {
            host.slots.push(id < kSlotCount ? id : crowded, id);
        }
        for (std::uint32_t slot = 0; slot < kSlotCount; ++slot) {
            while (host.slots.occupied(slot)) host.slots.take_first(slot);
        }
    }
}

TEST(Slots, TheNextOccupiedOneIsFoundAllTheWayRound) {
    std::mt19937_64 random(test::seed_or(20'261'125));
    for (int round = 0; round < 2'000; ++round) {
        SlotsHost host(64);
        const Level& level = kLevels[random() % kLevelCount];
        const Tick now = random() >> 20;
        std::uint32_t nearest = 0;
        for (std::uint64_t left = random() % 4; left > 0; --left) {
            const auto distance = static_cast<std::uint32_t>(random() % level.slots);
            host.slots.push(level.slot(now + (Tick{distance} << level.shift)), 1);
            if (distance != 0 && (nearest == 0 || distance < nearest)) nearest = distance;
        }
        ASSERT_EQ(host.slots.distance_to_next(level, now), nearest);
    }
}

}  // namespace
}  // namespace lastack::time
