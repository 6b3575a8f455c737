// The flow table against a plain map, and in churn that does not end.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <unordered_map>

#include "tests/support/seed.hpp"
#include "tests/table/table_host.hpp"

namespace lastack::table {
namespace {

// ---- against a plain map ----

class FlowTableModel : public testing::TestWithParam<std::uint32_t> {};

TEST_P(FlowTableModel, AgreesWithAMapUnderRandomUse) {
    std::mt19937_64 random(test::seed_or(11));
    TableHost host(GetParam());
    // Few tags and few first buckets, so that buckets overflow and inserts are refused.
    const auto random_key = [&] { return random() & 0x3fff'0000'7fff'0007; };
    std::unordered_map<std::uint64_t, std::uint32_t> model;
    std::vector<std::uint32_t> free;
    for (std::uint32_t index = 0; index < GetParam(); ++index) free.push_back(index);

    for (int step = 0; step < 100'000; ++step) {
        const std::uint64_t key = random_key();
        const auto known = model.find(key);
        ASSERT_EQ(host.find(key), known == model.end() ? FlowRef::none() : tcb(known->second));
        if (known == model.end() && !free.empty()) {
            if (!host.add(key, free.back())) continue;
            model[key] = free.back();
            free.pop_back();
        } else if (!model.empty()) {
            const auto victim = known != model.end() ? known : model.begin();
            ASSERT_TRUE(host.table.erase(victim->first, tcb(victim->second)));
            free.push_back(victim->second);
            model.erase(victim);
        }
        ASSERT_EQ(host.table.size(), model.size());
    }
    for (const auto& [key, index] : model) ASSERT_EQ(host.find(key), tcb(index));
}

INSTANTIATE_TEST_SUITE_P(Capacities, FlowTableModel, testing::Values(1U, 10U, 100U, 2'000U));

/// A table and what it should be, through every operation it has.
class Twin {
  public:
    Twin(std::uint32_t capacity, std::uint64_t seed) : host_(capacity), random_(seed) {
        for (std::uint32_t index = 0; index <= capacity; ++index) free_.push_back(index);
    }

    void step() {
        // Few enough keys that most operations meet one that is there.
        const std::uint64_t key = spread(random_() % (2 * host_.table.capacity()));
        const auto known = model_.find(key);
        ASSERT_EQ(host_.find(key), known == model_.end() ? FlowRef::none() : tcb(known->second));
        if (known == model_.end()) {
            insert(key);
        } else if (random_() % 4 == 0) {
            replace(known);
        } else {
            ASSERT_TRUE(host_.table.erase(key, tcb(known->second)));
            free_.push_back(known->second);
            model_.erase(known);
        }
        ASSERT_EQ(host_.table.size(), model_.size());
    }

    void expect_equal() const {
        for (const auto& [key, index] : model_) {
            const FlowRef ref = tcb(index);
            ASSERT_EQ(host_.find(key), ref);
            ASSERT_EQ(host_.find_shared(key), ref);
            FlowTable::Look look = host_.table.begin(key);
            host_.table.advance(look);
            ASSERT_EQ(host_.table.find(look, [&](FlowRef found) { return found == ref; }), ref);
        }
    }
    const FlowTableStatistics& statistics() const { return host_.table.statistics(); }

  private:
    /// A number's hash: another for each, and even in every part (the finish of splitmix64).
    static std::uint64_t spread(std::uint64_t number) {
        number = (number ^ number >> 30) * 0xbf58'476d'1ce4'e5b9 + 0x9e37'79b9'7f4a'7c15;
        number = (number ^ number >> 27) * 0x94d0'49bb'1331'11eb;
        return number ^ number >> 31;
    }
    void insert(std::uint64_t key) {
        const bool full = model_.size() == host_.table.capacity();
        ASSERT_EQ(host_.add(key, free_.back()), !full);
        if (full) return;
        model_[key] = free_.back();
        free_.pop_back();
    }
    void replace(std::map<std::uint64_t, std::uint32_t>::iterator known) {
        const std::uint32_t to = free_.back();
        host_.keys[to] = known->first;
        ASSERT_TRUE(host_.table.replace(known->first, tcb(known->second), tcb(to)));
        free_.back() = known->second;
        known->second = to;
    }

    TableHost host_;
    std::mt19937_64 random_;
    std::map<std::uint64_t, std::uint32_t> model_;
    std::vector<std::uint32_t> free_;  // one more than the table holds, so never empty
};

TEST(FlowTable, AgreesWithAMapInAMillionRandomOperations) {
    Twin twin(1'000, test::seed_or(12));
    for (int round = 0; round < 100; ++round) {
        for (int step = 0; step < 10'000; ++step) {
            twin.step();
            if (HasFatalFailure()) return;
        }
        twin.expect_equal();
    }
    EXPECT_GT(twin.statistics().inserted, 300'000U);
    EXPECT_GT(twin.statistics().displaced, 1'000U);
}

// ---- churn ----

/// Fills a table, then replaces random entries by new ones, `fulls` times its capacity.
/// Returns how many inserts failed.
std::uint64_t churn(TableHost& host, std::uint64_t seed, unsigned fulls) {
    std::mt19937_64 random(seed);
    const std::uint32_t capacity = host.table.capacity();
    for (std::uint32_t index = 0; index < capacity; ++index) host.add(random(), index);
    const std::uint64_t rounds = std::uint64_t{capacity} * fulls;
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const auto index = static_cast<std::uint32_t>(random() % capacity);
        host.table.erase(host.keys[index], tcb(index));
        host.add(random(), index);
    }
    return host.table.statistics().refused;
}

void expect_all_found(const TableHost& host) {
    for (std::uint32_t index = 0; index < host.table.capacity(); ++index) {
        ASSERT_EQ(host.find(host.keys[index]), tcb(index));
        ASSERT_EQ(host.find_shared(host.keys[index]), tcb(index));
    }
}

constexpr std::uint32_t kCapacity = 16'384;

TEST(FlowTableChurn, AtFullCapacityNoInsertFailsInAHundredTablesFull) {
    TableHost host(kCapacity);
    ASSERT_EQ(churn(host, test::seed_or(85), 100), 0U);
    const FlowTableStatistics& s = host.table.statistics();
    EXPECT_EQ(s.inserted, 101U * kCapacity);
    EXPECT_GT(s.displaced, 0U);
    EXPECT_LT(s.displaced, s.inserted / 10);
    EXPECT_EQ(host.table.size(), kCapacity);
    expect_all_found(host);
}

TEST(FlowTableChurn, NorWhereTheOldestAlwaysLeaves) {
    TableHost host(kCapacity);
    std::mt19937_64 random(test::seed_or(87));
    for (std::uint32_t index = 0; index < kCapacity; ++index) host.add(random(), index);
    for (std::uint32_t turn = 0; turn < 100 * kCapacity; ++turn) {
        const std::uint32_t oldest = turn % kCapacity;
        ASSERT_TRUE(host.table.erase(host.keys[oldest], tcb(oldest)));
        ASSERT_TRUE(host.add(random(), oldest));
    }
    expect_all_found(host);
}

TEST(FlowTableChurn, SmallTablesTakeTheirCapacityToo) {
    const std::uint64_t seed = test::seed_or(86);
    for (const std::uint32_t capacity : {1U, 2U, 17U, 18U, 34U, 51U, 100U, 1'000U}) {
        TableHost host(capacity);
        ASSERT_EQ(churn(host, seed + capacity, 200'000 / capacity), 0U) << capacity;
        expect_all_found(host);
    }
}

}  // namespace
}  // namespace lastack::table
