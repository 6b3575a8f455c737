// That no reader is ever given a torn record, nor misses one that stays: readers search and list
// without pause beside a writer who does nothing but change. Run it under ThreadSanitizer as well.
//
// The records are as a reader may meet them (flow_table.hpp, "Threads"): in memory that stays,
// written word by word under a version, odd while they change. Each carries a checksum over its
// other words; a reader who took words of two lives for one would find it wrong.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "table/flow_table.hpp"
#include "tests/support/arena_memory.hpp"
#include "tests/support/seed.hpp"

namespace lastack::table {
namespace {

/// What a record says: its key, which is its own hash, and what follows from key and life.
struct Words {
    static constexpr std::size_t kCount = 6;

    std::array<std::uint64_t, kCount> word{};

    static Words of(std::uint64_t key, std::uint64_t life) {
        Words words;
        words.word[0] = key;
        for (std::size_t i = 1; i + 1 < kCount; ++i) words.word[i] = (key ^ life) * (2 * i + 1);
        words.word[kCount - 1] = words.sum();
        return words;
    }
    std::uint64_t key() const { return word[0]; }
    bool whole() const { return word[kCount - 1] == sum(); }

  private:
    std::uint64_t sum() const {
        std::uint64_t sum = 0x9e37'79b9'7f4a'7c15;
        for (std::size_t i = 0; i + 1 < kCount; ++i) sum = (sum ^ word[i]) * 0x0000'0100'0000'01b3;
        return sum;
    }
};

class Record {
  public:
    void write(const Words& words) {
        const std::uint64_t version = version_.load(std::memory_order_relaxed);
        version_.store(version + 1, std::memory_order_relaxed);
        for (std::size_t i = 0; i < Words::kCount; ++i) {
            if (i == Words::kCount / 2) pause_now_and_then(version);
            word_[i].store(words.word[i], std::memory_order_release);
        }
        version_.store(version + 2, std::memory_order_release);
    }

    /// Nothing where it changed meanwhile.
    std::optional<Words> read() const {
        const std::uint64_t version = version_.load(std::memory_order_acquire);
        if (version % 2 != 0) return std::nullopt;
        Words words;
        for (std::size_t i = 0; i < Words::kCount; ++i) {
            words.word[i] = word_[i].load(std::memory_order_acquire);
        }
        if (version_.load(std::memory_order_acquire) != version) return std::nullopt;
        return words;
    }

  private:
    /// A writer may be kept half way through a record; here it is so often, a microsecond each
    /// time.
    void pause_now_and_then(std::uint64_t version) const {
        if (version % 8 != 0) return;
        for (int i = 0; i < 1'000; ++i) (void)version_.load(std::memory_order_relaxed);
    }

    std::atomic<std::uint64_t> version_{0};
    std::array<std::atomic<std::uint64_t>, Words::kCount> word_{};
};

FlowRef tcb(std::uint32_t index) {
    return {Family::Ipv4, RecordKind::Tcb, index};
}

/// A full table over such records. The first `kStay` stay as they are; of the others one leaves and
/// one comes at every step, in the same record.
class Bed {
  public:
    static constexpr std::uint32_t kCapacity = 680;
    static constexpr std::uint32_t kStay = 100;

    Bed() {
        for (std::uint32_t record = 0; record < kCapacity; ++record) {
            keys_[record] = random_();
            records_[record].write(Words::of(keys_[record], 0));
            EXPECT_TRUE(table_.insert(keys_[record], tcb(record)));
        }
    }

    void step(std::uint64_t life) {
        const auto record = static_cast<std::uint32_t>(kStay + random_() % (kCapacity - kStay));
        EXPECT_TRUE(table_.erase(keys_[record], tcb(record)));
        keys_[record] = random_();
        records_[record].write(Words::of(keys_[record], life));
        EXPECT_TRUE(table_.insert(keys_[record], tcb(record)));
        last_key_.store(keys_[record], std::memory_order_release);
    }

    // ---- any thread ----

    /// The record of a key, as it was at one moment.
    std::optional<Words> search(std::uint64_t key) const {
        std::optional<Words> found;
        table_.find_shared(key, [&](FlowRef ref) {
            found = records_[ref.index()].read();
            if (found && found->key() != key) found.reset();
            return found.has_value();
        });
        return found;
    }
    std::optional<Words> list(std::uint32_t record) const { return records_[record].read(); }
    std::uint64_t last_key() const { return last_key_.load(std::memory_order_acquire); }
    std::uint64_t staying_key(std::uint32_t record) const { return keys_[record]; }
    const FlowTableStatistics& statistics() const { return table_.statistics(); }

  private:
    test::ArenaMemory memory_{[](base::Arena& arena) { FlowTable(arena, kCapacity); }};
    base::Arena arena_{memory_.bytes()};
    FlowTable table_{arena_, kCapacity};
    std::vector<Record> records_ = std::vector<Record>(kCapacity);
    std::vector<std::uint64_t> keys_ = std::vector<std::uint64_t>(kCapacity);
    std::atomic<std::uint64_t> last_key_{0};
    std::mt19937_64 random_{test::seed_or(13)};
};

/// What a reader met.
struct Met {
    std::uint64_t records = 0;
    std::uint64_t torn = 0;
    std::uint64_t missed = 0;

    void take(const std::optional<Words>& words) {
        if (!words) return;
        ++records;
        if (!words->whole()) ++torn;
    }
};

// By turns one that stays, which must be found, and the one that came last, which may have left.
Met search_until(const std::atomic<bool>& done, const Bed& bed) {
    Met met;
    for (std::uint32_t i = 0; !done.load(std::memory_order_relaxed); ++i) {
        const std::optional<Words> stays = bed.search(bed.staying_key(i % Bed::kStay));
        if (!stays) ++met.missed;
        met.take(stays);
        met.take(bed.search(bed.last_key()));
    }
    return met;
}

// Listings walk the records, and none that stays may be missing.
Met list_until(const std::atomic<bool>& done, const Bed& bed) {
    Met met;
    while (!done.load(std::memory_order_relaxed)) {
        for (std::uint32_t record = 0; record < Bed::kCapacity; ++record) {
            const std::optional<Words> words = bed.list(record);
            if (!words && record < Bed::kStay) ++met.missed;
            met.take(words);
        }
    }
    return met;
}

TEST(FlowTableTorn, NoReaderMeetsATornRecordNorMissesOneThatStays) {
    constexpr std::uint64_t kSteps = 300'000;
    Bed bed;
    std::atomic<bool> done{false};
    Met searched, listed;
    std::thread searcher([&] { searched = search_until(done, bed); });
    std::thread lister([&] { listed = list_until(done, bed); });
    for (std::uint64_t life = 1; life <= kSteps; ++life) bed.step(life);
    done = true;
    searcher.join();
    lister.join();

    for (const Met& met : {searched, listed}) {
        EXPECT_GT(met.records, 0U);
        EXPECT_EQ(met.torn, 0U);
        EXPECT_EQ(met.missed, 0U);
    }
    EXPECT_GT(bed.statistics().displaced, 100U);
}

}  // namespace
}  // namespace lastack::table
