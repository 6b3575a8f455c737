#include "base/pool.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <set>
#include <string>

namespace lastack::base {
namespace {

struct Record {
    std::uint32_t generation = 0;
    std::uint32_t owner = 0;
};

struct PoolOf8 {
    alignas(kCacheLine) std::array<std::byte, 512> memory{};
    Arena arena{memory};
    Pool<Record> pool{arena, 8};
};

TEST(Pool, GivesEverySlotOnceAndThenSaysThatItIsEmpty) {
    PoolOf8 f;
    std::set<std::uint32_t> given;
    for (int i = 0; i < 8; ++i) EXPECT_TRUE(given.insert(f.pool.allocate()).second);
    EXPECT_EQ(*given.rbegin(), 7U);
    EXPECT_EQ(f.pool.available(), 0U);
    EXPECT_EQ(f.pool.allocate(), kNoIndex);
    EXPECT_EQ(f.pool.in_use(), 8U);
}

TEST(Pool, StartsWithTheLowestIndexSoThatAYoungProcessTouchesFewPages) {
    PoolOf8 f;
    EXPECT_EQ(f.pool.allocate(), 0U);
    EXPECT_EQ(f.pool.allocate(), 1U);
}

TEST(Pool, KnowsBeyondWhichSlotNoneWasEverUsed) {
    PoolOf8 f;
    EXPECT_EQ(f.pool.used_to(), 0U);
    f.pool.allocate();
    f.pool.free(f.pool.allocate());
    EXPECT_EQ(f.pool.used_to(), 2U);
    f.pool.allocate();
    EXPECT_EQ(f.pool.used_to(), 2U);
    while (f.pool.allocate() != kNoIndex) {
    }
    EXPECT_EQ(f.pool.used_to(), 8U);
}

TEST(Pool, AFreedSlotIsTheNextOneGivenWhileItIsWarm) {
    PoolOf8 f;
    const std::uint32_t first = f.pool.allocate();
    f.pool.allocate();
    f.pool.free(first);
    EXPECT_EQ(f.pool.allocate(), first);
}

TEST(Pool, FreeingLeavesTheBytesOfTheSlotSoThatAGenerationOutlivesARecord) {
    PoolOf8 f;
    const std::uint32_t index = f.pool.allocate();
    f.pool[index].generation = 41;
    f.pool.free(index);
    EXPECT_EQ(f.pool[index].generation, 41U);
    ASSERT_EQ(f.pool.allocate(), index);
    EXPECT_EQ(f.pool[index].generation, 41U);
}

TEST(Pool, OfAMeasuringArenaReservesTheSameBytes) {
    Arena measuring;
    const Pool<Record> unused(measuring, 8);
    PoolOf8 f;
    EXPECT_EQ(measuring.used_bytes(), f.arena.used_bytes());
    EXPECT_EQ(unused.capacity(), 0U);
}

TEST(PoolDeathTest, ASlotThatDoesNotExistAborts) {
    PoolOf8 f;
    EXPECT_DEATH(f.pool[8].owner = 1, "assertion failed: index < slots_.size");
    EXPECT_DEATH(f.pool.free(8), "assertion failed: index < slots_.size");
}

TEST(PoolDeathTest, FreeingMoreThanWasGivenAborts) {
    PoolOf8 f;
    EXPECT_DEATH(f.pool.free(0), "assertion failed: free_count_ < slots_.size");
}

std::uint64_t seed_of_this_run() {
    const char* text = std::getenv("LASTACK_SEED");
    return text != nullptr ? std::stoull(text) : std::random_device{}();
}

TEST(Pool, NeverGivesASlotThatSomebodyHoldsOverAnyOrderOfCalls) {
    const std::uint64_t seed = seed_of_this_run();
    SCOPED_TRACE("LASTACK_SEED=" + std::to_string(seed));
    std::mt19937_64 random(seed);
    PoolOf8 f;
    std::set<std::uint32_t> held;
    for (int step = 0; step < 10'000; ++step) {
        if (random() % 2 == 0) {
            const std::uint32_t index = f.pool.allocate();
            ASSERT_EQ(index == kNoIndex, held.size() == 8);
            if (index != kNoIndex) {
                ASSERT_TRUE(held.insert(index).second);
            }
        } else if (!held.empty()) {
            const auto chosen = std::next(held.begin(), static_cast<long>(random() % held.size()));
            f.pool.free(*chosen);
            held.erase(chosen);
        }
        ASSERT_EQ(f.pool.in_use(), held.size());
    }
}

}  // namespace
}  // namespace lastack::base
