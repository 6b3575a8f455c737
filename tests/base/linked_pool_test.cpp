#include "base/linked_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace lastack::base {
namespace {

struct Record {
    std::uint32_t link = 0;
    std::uint32_t kept = 0;
};

struct LinkedPoolOf8 {
    alignas(kCacheLine) std::array<std::byte, 512> memory{};
    Arena arena{memory};
    LinkedPool<Record, &Record::link> pool{arena, 8};
};

TEST(LinkedPool, GivesEverySlotOnceAndThenSaysThatItIsEmpty) {
    LinkedPoolOf8 f;
    std::set<std::uint32_t> given;
    for (int i = 0; i < 8; ++i) EXPECT_TRUE(given.insert(f.pool.allocate()).second);
    EXPECT_EQ(*given.rbegin(), 7U);
    EXPECT_EQ(f.pool.allocate(), kNoIndex);
    EXPECT_EQ(f.pool.in_use(), 8U);
    EXPECT_EQ(f.pool.available(), 0U);
}

TEST(LinkedPool, AFreedSlotIsTheNextOneGivenWhileItIsWarm) {
    LinkedPoolOf8 f;
    const std::uint32_t first = f.pool.allocate();
    f.pool.allocate();
    f.pool.free(first);
    EXPECT_EQ(f.pool.allocate(), first);
    EXPECT_EQ(f.pool.used_to(), 2U);
}

TEST(LinkedPool, FreeingChangesTheLinkAndNothingElse) {
    LinkedPoolOf8 f;
    const std::uint32_t index = f.pool.allocate();
    f.pool[index] = {.link = 7, .kept = 41};
    f.pool.free(index);
    EXPECT_EQ(f.pool[index].kept, 41U);
}

TEST(LinkedPool, CostsItsSlotsAndNoMore) {
    Arena measuring;
    const LinkedPool<Record, &Record::link> pool(measuring, 1'000);
    EXPECT_EQ(measuring.used_bytes(), 1'000 * sizeof(Record));
}

TEST(LinkedPool, AgreesWithASetOfWhatIsInUse) {
    const std::uint32_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    LinkedPoolOf8 f;
    std::vector<std::uint32_t> in_use;
    for (int i = 0; i < 10'000; ++i) {
        if (in_use.empty() || random() % 2 == 0) {
            const std::uint32_t index = f.pool.allocate();
            ASSERT_EQ(index == kNoIndex, in_use.size() == 8);
            if (index == kNoIndex) continue;
            ASSERT_EQ(std::count(in_use.begin(), in_use.end(), index), 0);
            f.pool[index].link = static_cast<std::uint32_t>(random());
            in_use.push_back(index);
        } else {
            const std::size_t which = random() % in_use.size();
            f.pool.free(in_use[which]);
            in_use.erase(in_use.begin() + static_cast<std::ptrdiff_t>(which));
        }
        ASSERT_EQ(f.pool.in_use(), in_use.size());
        ASSERT_EQ(f.pool.available(), 8 - in_use.size());
    }
}

}  // namespace
}  // namespace lastack::base
