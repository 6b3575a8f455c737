#include "table/fixed_map.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/support/arena_memory.hpp"
#include "tests/support/seed.hpp"

namespace lastack::table {
namespace {

/// Sends sixteen neighbours home to one entry, so that runs are long and wrap around.
struct PoorHash {
    std::uint64_t operator()(std::uint32_t key) const { return std::uint64_t{key / 16} << 32; }
};

struct Host {
    explicit Host(std::uint32_t capacity)
        : memory([&](base::Arena& measuring) { Map(measuring, capacity); }),
          arena(memory.bytes()),
          map(arena, capacity) {}

    using Map = FixedMap<std::uint32_t, int, PoorHash>;
    test::ArenaMemory memory;
    base::Arena arena;
    Map map;
};

TEST(FixedMap, FindsAndChangesWhatWasInserted) {
    Host host(4);
    EXPECT_EQ(host.map.find(1), nullptr);
    EXPECT_TRUE(host.map.insert(1, 10));
    EXPECT_FALSE(host.map.insert(1, 11));
    ASSERT_NE(host.map.find(1), nullptr);
    EXPECT_EQ(*host.map.find(1), 10);
    *host.map.find(1) = 12;
    EXPECT_EQ(*host.map.find(1), 12);
}

TEST(FixedMap, AMapForNothingRefusesEverything) {
    Host host(0);
    EXPECT_FALSE(host.map.insert(1, 10));
    EXPECT_FALSE(host.map.erase(1));
}

TEST(FixedMap, ErasingInTheMiddleOfARunLosesNobodyBehindIt) {
    std::mt19937_64 random(test::seed_or(6));
    Host host(20);
    std::map<std::uint32_t, int> model;
    for (int step = 0; step < 20'000; ++step) {
        const auto key = static_cast<std::uint32_t>(random() % 1'024);
        if (random() % 2 == 0) {
            const bool expected = !model.contains(key) && model.size() < 20;
            ASSERT_EQ(host.map.insert(key, step), expected);
            if (expected) model[key] = step;
        } else {
            const auto victim = model.lower_bound(key);
            const std::uint32_t erased = victim == model.end() ? key : victim->first;
            ASSERT_EQ(host.map.erase(erased), model.erase(erased) == 1);
        }
        ASSERT_EQ(host.map.size(), model.size());
        for (const auto& [known, value] : model) {
            ASSERT_NE(host.map.find(known), nullptr);
            ASSERT_EQ(*host.map.find(known), value);
        }
    }
}

}  // namespace
}  // namespace lastack::table
