// Readers on other threads against the one writer. Run it under ThreadSanitizer as well.
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "table/flow_table.hpp"
#include "tests/support/arena_memory.hpp"
#include "tests/support/seed.hpp"

namespace lastack::table {
namespace {

/// Type-stable records whose key is one word; a key is its own hash.
struct Shared {
    explicit Shared(std::uint32_t capacity)
        : memory([&](base::Arena& measuring) { FlowTable(measuring, capacity); }),
          arena(memory.bytes()),
          table(arena, capacity),
          records(capacity + 1) {}

    FlowRef find(std::uint64_t key) const {
        return table.find_shared(key, [&](FlowRef ref) {
            return records[ref.index()].load(std::memory_order_acquire) == key;
        });
    }
    void write(std::uint32_t index, std::uint64_t key) {
        records[index].store(key, std::memory_order_release);
    }

    test::ArenaMemory memory;
    base::Arena arena;
    FlowTable table;
    std::vector<std::atomic<std::uint64_t>> records;
};

FlowRef tcb(std::uint32_t index) {
    return {Family::Ipv4, RecordKind::Tcb, index};
}

/// The writer: a full table in which some entries stay, some move from record to record, and the
/// rest come and go.
class Writer {
  public:
    /// Takes the records from `first_record` on, and fills the table with them.
    Writer(Shared& shared, std::uint32_t stays, std::uint64_t seed, std::uint32_t first_record = 0)
        : shared_(shared), stays_(stays), spare_(shared.table.capacity()), random_(seed) {
        for (std::uint32_t record = first_record; record < shared.table.capacity(); ++record) {
            keys_.push_back(random_());
            places_.push_back(record);
            shared_.write(record, keys_.back());
            EXPECT_TRUE(shared_.table.insert(keys_.back(), tcb(record)));
        }
    }

    /// These are in the table throughout.
    std::vector<std::uint64_t> staying_keys() const {
        return {keys_.begin(), keys_.begin() + stays_};
    }

    void step() {
        const auto i = static_cast<std::uint32_t>(random_() % keys_.size());
        if (i < stays_) {
            move_to_spare(i);
        } else {
            exchange(i);
        }
    }

  private:
    /// The key moves to another record; its old one is reused at once, for another key.
    void move_to_spare(std::uint32_t i) {
        shared_.write(spare_, keys_[i]);
        EXPECT_TRUE(shared_.table.replace(keys_[i], tcb(places_[i]), tcb(spare_)));
        std::swap(places_[i], spare_);
        shared_.write(spare_, random_());
    }

    /// A key leaves and another comes, which displaces others now and then.
    void exchange(std::uint32_t i) {
        EXPECT_TRUE(shared_.table.erase(keys_[i], tcb(places_[i])));
        keys_[i] = random_();
        shared_.write(places_[i], keys_[i]);
        EXPECT_TRUE(shared_.table.insert(keys_[i], tcb(places_[i])));
    }

    Shared& shared_;
    std::ptrdiff_t stays_;
    std::uint32_t spare_;
    std::mt19937_64 random_;
    std::vector<std::uint64_t> keys_;
    std::vector<std::uint32_t> places_;
};

// The next two stop a reader in the middle of its look, where it compares a key, and let the writer
// act there: the interleaving that a race would need luck to meet.

TEST(FlowTableThreads, AReaderWhoseRecordWasReplacedAndReusedLooksAgain) {
    Shared shared(100);
    shared.write(1, 42);
    shared.table.insert(42, tcb(1));
    int compared = 0;
    const FlowRef found = shared.table.find_shared(42, [&](FlowRef ref) {
        if (++compared == 1) {
            shared.write(2, 42);
            shared.table.replace(42, tcb(1), tcb(2));
            shared.write(1, 77);
        }
        return shared.records[ref.index()].load(std::memory_order_acquire) == 42;
    });
    EXPECT_EQ(found, tcb(2));
    EXPECT_EQ(compared, 2);
}

TEST(FlowTableThreads, AReaderWhoseFlowWasMovedBehindItsBackLooksAgain) {
    constexpr std::uint32_t kCapacity = 680;
    Shared shared(kCapacity);
    // Record 0 is the flow, record 1 a decoy with the same hash: comparing the decoy is where the
    // reader stops, perhaps with one bucket seen and the other to come.
    std::mt19937_64 random(test::seed_or(4));
    Writer churn(shared, 0, random(), 2);
    for (int trial = 0; trial < 500; ++trial) {
        const std::uint64_t hash = random();
        shared.write(0, hash);
        ASSERT_TRUE(shared.table.insert(hash, tcb(1)));
        ASSERT_TRUE(shared.table.insert(hash, tcb(0)));
        int compared = 0;
        const FlowRef found = shared.table.find_shared(hash, [&](FlowRef ref) {
            if (++compared == 1) {
                for (int step = 0; step < 2'000; ++step) churn.step();
            }
            return ref == tcb(0);
        });
        ASSERT_EQ(found, tcb(0)) << "trial " << trial;
        ASSERT_TRUE(shared.table.erase(hash, tcb(0)));
        ASSERT_TRUE(shared.table.erase(hash, tcb(1)));
    }
}

TEST(FlowTableThreads, AReaderNeverMissesAFlowThatIsPresentThroughout) {
    constexpr std::uint32_t kCapacity = 680;
    constexpr int kSteps = 300'000;
    Shared shared(kCapacity);
    Writer writer(shared, kCapacity / 3, test::seed_or(3));
    const std::vector<std::uint64_t> staying = writer.staying_keys();

    std::atomic<bool> done{false};
    std::atomic<std::uint64_t> looks{0};
    std::atomic<std::uint64_t> misses{0};
    const auto read = [&](std::size_t from) {
        std::uint64_t own_looks = 0, own_misses = 0;
        for (std::size_t i = from; !done.load(std::memory_order_relaxed); ++i, ++own_looks) {
            if (shared.find(staying[i % staying.size()]).is_none()) ++own_misses;
            EXPECT_LE(shared.table.size(), kCapacity);
        }
        looks += own_looks;
        misses += own_misses;
    };
    std::thread first(read, 0), second(read, staying.size() / 2);
    for (int step = 0; step < kSteps; ++step) writer.step();
    done = true;
    first.join();
    second.join();

    EXPECT_EQ(misses, 0U);
    EXPECT_GT(looks, 0U);
    EXPECT_GT(shared.table.statistics().displaced, 100U);
}

}  // namespace
}  // namespace lastack::table
