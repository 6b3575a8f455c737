#include "table/flow_table.hpp"

#include <gtest/gtest.h>

#include <random>
#include <type_traits>

#include "tests/table/table_host.hpp"

namespace lastack::table {
namespace {

TEST(FlowTable, FindsWhatWasInsertedAndNothingElse) {
    TableHost host(100);
    EXPECT_TRUE(host.find(0x1111'0000'0000'2222).is_none());
    EXPECT_TRUE(host.add(0x1111'0000'0000'2222, 5));
    EXPECT_EQ(host.find(0x1111'0000'0000'2222), tcb(5));
    EXPECT_EQ(host.find_shared(0x1111'0000'0000'2222), tcb(5));
    EXPECT_TRUE(host.find(0x1111'0000'0000'2223).is_none());
    EXPECT_EQ(host.table.size(), 1U);
}

TEST(FlowTable, AnEqualTagIsDecidedByTheKeyInTheRecord) {
    TableHost host(100);
    const std::uint64_t one = 0x1111'0001'0000'2222, other = 0x1111'0002'0000'2222;
    EXPECT_TRUE(host.add(one, 1));
    EXPECT_TRUE(host.find(other).is_none());
    EXPECT_TRUE(host.add(other, 2));
    EXPECT_EQ(host.find(one), tcb(1));
    EXPECT_EQ(host.find(other), tcb(2));
}

TEST(FlowTable, ErasesExactlyTheReferenceGiven) {
    TableHost host(100);
    host.add(42, 1);
    EXPECT_FALSE(host.table.erase(42, tcb(2)));
    EXPECT_FALSE(host.table.erase(43, tcb(1)));
    EXPECT_TRUE(host.table.erase(42, tcb(1)));
    EXPECT_FALSE(host.table.erase(42, tcb(1)));
    EXPECT_TRUE(host.find(42).is_none());
    EXPECT_EQ(host.table.size(), 0U);
}

TEST(FlowTable, C_11_ReplacingPutsTheNewRecordWhereTheOldOneStood) {
    TableHost host(100);
    host.add(42, 1);
    const FlowRef time_wait(Family::Ipv4, RecordKind::TimeWait, 1);
    EXPECT_FALSE(host.table.replace(42, time_wait, tcb(1)));
    EXPECT_TRUE(host.table.replace(42, tcb(1), time_wait));
    EXPECT_EQ(host.find(42), time_wait);
    EXPECT_FALSE(host.table.erase(42, tcb(1)));
    EXPECT_TRUE(host.table.replace(42, time_wait, tcb(1)));
    EXPECT_EQ(host.find(42), tcb(1));
    EXPECT_EQ(host.table.size(), 1U);
}

TEST(FlowTable, FullIsAnAnswerAtItsCapacity) {
    TableHost host(64);
    std::mt19937_64 random(1);
    for (std::uint32_t index = 0; index < 64; ++index) ASSERT_TRUE(host.add(random(), index));
    EXPECT_FALSE(host.add(7, 64));
    EXPECT_TRUE(host.find(7).is_none());
    EXPECT_EQ(host.table.size(), 64U);
    EXPECT_EQ(host.table.statistics().refused, 1U);
    EXPECT_TRUE(host.table.erase(host.keys[3], tcb(3)));
    EXPECT_TRUE(host.add(7, 3));
}

TEST(FlowTable, FullIsAnAnswerWhereOneStepFindsNoRoomAndThenNothingChanged) {
    TableHost host(1'000);
    // One hash fills both its buckets, and none of these can move anywhere else.
    for (std::uint32_t index = 0; index < 20; ++index) {
        ASSERT_TRUE(host.table.insert(99, tcb(index)));
    }
    EXPECT_FALSE(host.table.insert(99, tcb(20)));
    EXPECT_EQ(host.table.size(), 20U);
    for (std::uint32_t index = 0; index < 20; ++index) {
        EXPECT_EQ(host.table.find(99, [&](FlowRef ref) { return ref == tcb(index); }), tcb(index));
    }
    EXPECT_TRUE(host.table.erase(99, tcb(7)));
    EXPECT_TRUE(host.table.insert(99, tcb(20)));
}

TEST(FlowTable, ATableForNothingRefusesEverything) {
    TableHost host(0);
    EXPECT_FALSE(host.table.insert(1, tcb(0)));
    EXPECT_TRUE(host.find(1).is_none());
}

TEST(FlowTable, CapacityIsAtMost85PercentOfItsSlotsAndNotMuchLess) {
    for (const std::uint32_t capacity : {17U, 1'000U, 65'536U, 10'000'000U}) {
        base::Arena measuring;
        const FlowTable table(measuring, capacity);
        const double load = capacity / (10.0 * table.bucket_count());
        EXPECT_LE(load, 0.85);
        if (capacity >= 1'000) {
            EXPECT_GT(load, 0.83);
        }
        EXPECT_EQ(measuring.used_bytes(), table.bucket_count() * 64U);
    }
}

TEST(FlowTable, ALookUpInStepsSaysWhatToFetchAndFindsTheSame) {
    TableHost host(100);
    const std::uint64_t one = 0x1111'0001'0000'2222, other = 0x1111'0002'0000'2222;
    host.add(one, 1);
    host.add(other, 2);
    const auto is = [&](std::uint64_t key) {
        return [&host, key](FlowRef ref) { return host.keys[ref.index()] == key; };
    };
    FlowTable::Look hit = host.table.begin(other), miss = host.table.begin(7);
    // Both have its tag, so either may be fetched; the key decides.
    EXPECT_FALSE(host.table.advance(hit).is_none());
    EXPECT_TRUE(host.table.advance(miss).is_none());
    EXPECT_EQ(host.table.find(hit, is(other)), tcb(2));
    EXPECT_TRUE(host.table.find(hit, is(7)).is_none());
    EXPECT_TRUE(host.table.find(miss, is(7)).is_none());
}

TEST(FlowTable, AnErasedEntryIsNoHint) {
    TableHost host(100);
    host.add(42, 1);
    FlowTable::Look look = host.table.begin(42);
    EXPECT_EQ(host.table.advance(look), tcb(1));
    host.table.erase(42, tcb(1));
    look = host.table.begin(42);
    EXPECT_TRUE(host.table.advance(look).is_none());
    EXPECT_TRUE(host.table.find(look, [](FlowRef) { return true; }).is_none());
}

TEST(FlowTable, ACopyOfItsMemoryIsASnapshot) {
    static_assert(std::is_trivially_copyable_v<FlowTable>);
}

}  // namespace
}  // namespace lastack::table
