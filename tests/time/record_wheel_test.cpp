// The wheel of records that keep their deadlines, and against a plain map of them under random use.
#include "time/record_wheel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

#include "tests/support/arena_memory.hpp"
#include "tests/support/seed.hpp"
#include "wheel_host.hpp"

namespace lastack::time {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// What a pool of records is to the wheel.
struct Record {
    std::uint32_t deadline_ms = 0;
    std::uint32_t place = 0;
};
struct Records {
    std::vector<Record>* of;

    std::uint32_t& place(std::uint32_t index) const { return (*of)[index].place; }
    std::uint32_t deadline_ms(std::uint32_t index) const { return (*of)[index].deadline_ms; }
    void prefetch(std::uint32_t index) const { __builtin_prefetch(&(*of)[index], 1); }
};

struct RecordHost {
    explicit RecordHost(std::uint32_t capacity, Tick start = 0)
        : records(capacity),
          memory([&](base::Arena& measuring) { RecordWheel(measuring, capacity, at(start)); }),
          arena(memory.bytes()),
          wheel(arena, capacity, at(start)) {}

    Records view() { return {&records}; }
    void arm(std::uint32_t index, Tick deadline) {
        records[index].deadline_ms = static_cast<std::uint32_t>(deadline);
        wheel.arm(view(), index);
    }
    std::vector<std::uint32_t> fire_all(Tick now) {
        std::vector<std::uint32_t> fired;
        do {
            wheel.advance(view(), at(now), 64, [&](std::uint32_t i) { fired.push_back(i); });
        } while (wheel.has_due(at(now)));
        return fired;
    }

    std::vector<Record> records;
    test::ArenaMemory memory;
    base::Arena arena;
    RecordWheel wheel;
};

TEST(RecordWheel, C_22_RecordsThatWaitEquallyLongEndInTheOrderOfTheirEntry) {
    RecordHost host(1'000);
    for (std::uint32_t i = 0; i < 1'000; ++i) host.arm(i, 60'000);
    EXPECT_THAT(host.fire_all(59'999), IsEmpty());
    const auto fired = host.fire_all(60'000);
    ASSERT_EQ(fired.size(), 1'000U);
    EXPECT_TRUE(std::is_sorted(fired.begin(), fired.end()));
}

TEST(RecordWheel, C_5_ADeadlineThatIsMovedAwayNeedNotBeTold) {
    RecordHost host(1);
    host.arm(0, 60'000);
    for (Tick tick = 0; tick < 59'000; tick += 10) {
        host.wheel.advance(host.view(), at(tick), 64, [](std::uint32_t) {});
        host.records[0].deadline_ms = static_cast<std::uint32_t>(tick + 60'000);
    }
    EXPECT_THAT(host.fire_all(118'989), IsEmpty());
    EXPECT_THAT(host.fire_all(118'990), ElementsAre(0U));
    EXPECT_LE(host.wheel.statistics().entries_refiled, 4U);
}

TEST(RecordWheel, OneThatIsMovedNearerIsCancelledAndArmed) {
    RecordHost host(2);
    host.arm(0, 60'000);
    host.arm(1, 60'000);
    host.wheel.cancel(host.view(), 0);
    host.wheel.cancel(host.view(), 0);
    host.arm(0, 10);
    EXPECT_EQ(host.wheel.armed_count(), 2U);
    EXPECT_THAT(host.fire_all(10), ElementsAre(0U));
    EXPECT_THAT(host.fire_all(60'000), ElementsAre(1U));
}

TEST(RecordWheel, TheClockOfRecordsMayBeginAnewMeanwhile) {
    const Tick start = (Tick{1} << 32) - 30'000;
    RecordHost host(2, start);
    host.arm(0, start + 60'000);
    host.arm(1, start + 59'999);
    EXPECT_THAT(host.fire_all(start + 59'998), IsEmpty());
    EXPECT_THAT(host.fire_all(start + 60'000), ElementsAre(1U, 0U));
}

TEST(RecordWheel, C_23_TheEarliestIsTheFirstOfItsTickAndOneThatBeganAnewIsNot) {
    RecordHost host(4);
    EXPECT_EQ(host.wheel.earliest(host.view()), RecordWheel::kNoIndex);
    host.arm(2, 60'000);
    host.arm(0, 60'001);
    host.arm(1, 60'002);
    EXPECT_EQ(host.wheel.earliest(host.view()), 2U);
    host.records[2].deadline_ms = 60'005;  // in the same slot
    EXPECT_EQ(host.wheel.earliest(host.view()), 0U);
    host.records[0].deadline_ms = 90'000;  // in another
    EXPECT_EQ(host.wheel.earliest(host.view()), 1U);
    host.arm(3, 5);
    EXPECT_EQ(host.wheel.earliest(host.view()), 3U);
    EXPECT_THAT(host.fire_all(90'000), ElementsAre(3U, 1U, 2U, 0U));
}

TEST(RecordWheel, C_23_WhereAllHaveBegunAnewALookIsBoundedAndAllEndInTime) {
    constexpr std::uint32_t kRecords = 1'000;
    RecordHost host(kRecords);
    for (std::uint32_t i = 0; i < kRecords; ++i) host.arm(i, 60'000);
    for (std::uint32_t i = 0; i < kRecords; ++i) host.records[i].deadline_ms = 90'000 - i;
    EXPECT_LT(host.wheel.earliest(host.view()), kRecords);
    EXPECT_EQ(host.wheel.armed_count(), kRecords);
    std::uint32_t last = 0;
    std::size_t fired = 0;
    for (Tick tick = 60'000; tick <= 90'000; ++tick) {
        for (const std::uint32_t i : host.fire_all(tick)) {
            EXPECT_EQ(host.records[i].deadline_ms, tick);
            EXPECT_GT(tick, last);
            last = static_cast<std::uint32_t>(tick);
            ++fired;
        }
    }
    EXPECT_EQ(fired, kRecords);
}

TEST(RecordWheel, C_19_CostsFourBytesARecordAndAThird) {
    base::Arena measuring;
    constexpr std::uint32_t kRecords = 100'000'000;
    RecordWheel(measuring, kRecords, at(0));
    EXPECT_LE(static_cast<double>(measuring.used_bytes()) / kRecords, 4.28);
}

// ---- against a map

class Checked {
  public:
    Checked(std::uint32_t capacity, Tick start, std::uint64_t seed)
        : host_(capacity, start), capacity_(capacity), now_(start), random_(seed) {}

    void step() {
        switch (pick(12)) {
            case 0:
            case 1:
                return advance();
            case 2:
                return cancel(random_index());
            case 3:
                return evict();
            default:
                return arm(random_index());
        }
    }
    void check() {
        ASSERT_EQ(host_.wheel.armed_count(), deadlines_.size());
        const std::uint32_t index = random_index();
        ASSERT_EQ(host_.records[index].place != 0, deadlines_.contains(index));
        const auto next = host_.wheel.next_deadline();
        ASSERT_EQ(next.has_value(), !order_.empty());
        if (next) {
            ASSERT_LE(*next, at(order_.begin()->first));
        }
    }
    std::uint64_t fired() const { return fired_; }

  private:
    std::uint64_t pick(std::uint64_t below) { return random_() % below; }
    std::uint32_t random_index() { return static_cast<std::uint32_t>(pick(capacity_)); }
    Tick random_span() {
        constexpr Tick kMagnitudes[] = {0,      1,       3,         512,          1'100,
                                        60'000, 240'000, 3'600'000, 1'000'000'000};
        return pick(kMagnitudes[pick(std::size(kMagnitudes))] + 1);
    }

    void arm(std::uint32_t index, bool may_have_passed = true) {
        const bool passed = may_have_passed && pick(16) == 0 && now_ > 5'000;
        const Tick deadline = passed ? now_ - pick(5'000) : now_ + 1 + random_span();
        const auto found = deadlines_.find(index);
        const bool armed = found != deadlines_.end();
        if (armed && deadline >= found->second) {
            host_.records[index].deadline_ms = static_cast<std::uint32_t>(deadline);
        } else {
            if (armed) host_.wheel.cancel(host_.view(), index);
            host_.arm(index, deadline);
        }
        forget(index);
        deadlines_[index] = deadline;
        // One that has passed is due at the next tick.
        latest_[index] = std::max(deadline, now_ + 1);
        order_.insert({latest_[index], index});
    }

    void cancel(std::uint32_t index) {
        host_.wheel.cancel(host_.view(), index);
        ASSERT_EQ(host_.records[index].place, 0U);
        forget(index);
    }

    void forget(std::uint32_t index) {
        const auto found = deadlines_.find(index);
        if (found == deadlines_.end()) return;
        order_.erase({latest_[index], index});
        deadlines_.erase(found);
    }

    /// The earliest is one of those that are armed; how near the first one it is depends on the
    /// widths of slots.
    void evict() {
        const std::uint32_t index = host_.wheel.earliest(host_.view());
        ASSERT_EQ(index == RecordWheel::kNoIndex, deadlines_.empty());
        if (index == RecordWheel::kNoIndex) return;
        ASSERT_TRUE(deadlines_.contains(index));
        ASSERT_NE(host_.records[index].place, 0U);
        cancel(index);
    }

    void advance() {
        const auto next = host_.wheel.next_deadline();
        if (pick(3) == 0 && next) {
            now_ = std::max(now_, tick_of(*next));
        } else if (pick(50) == 0) {
            now_ += 3'600'000;
        } else {
            now_ += random_span() / (1 + pick(50));
        }
        // Deadlines stay within 2^31 ticks of the present.
        if (!order_.empty()) now_ = std::min(now_, order_.begin()->first + 100'000'000);
        const auto at_most = static_cast<std::uint32_t>(pick(4) == 0 ? pick(5) : 1'000);
        std::set<std::uint32_t> armed_by_fire;
        const auto fire = [&](std::uint32_t index) {
            ASSERT_FALSE(armed_by_fire.contains(index));
            ASSERT_TRUE(deadlines_.contains(index));
            ASSERT_LE(deadlines_[index], now_);
            ASSERT_EQ(host_.records[index].place, 0U);
            forget(index);
            ++fired_;
            interfere(index, armed_by_fire);
        };
        ASSERT_LE(host_.wheel.advance(host_.view(), at(now_), at_most, fire), at_most);
        if (!host_.wheel.has_due(at(now_)) && !order_.empty()) {
            ASSERT_GT(order_.begin()->first, now_);
        }
    }

    /// What a callback does: arms itself, another, or cancels another.
    void interfere(std::uint32_t index, std::set<std::uint32_t>& armed_by_fire) {
        const std::uint32_t other = pick(2) == 0 ? index : random_index();
        switch (pick(4)) {
            case 0:
                return cancel(other);
            case 1:
            case 2:
                if (deadlines_.contains(other)) cancel(other);
                arm(other, false);
                armed_by_fire.insert(other);
                return;
            default:
                return;
        }
    }

    RecordHost host_;
    std::uint32_t capacity_;
    Tick now_;
    std::mt19937_64 random_;
    std::map<std::uint32_t, Tick> deadlines_;
    std::map<std::uint32_t, Tick> latest_;  // when it must fire, where advance() keeps up
    std::set<std::pair<Tick, std::uint32_t>> order_;
    std::uint64_t fired_ = 0;
};

class RecordWheelModel : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RecordWheelModel, C_3_AgreesWithAMapOfDeadlinesUnderRandomUse) {
    const std::uint64_t seed = test::seed_or(20'261'125);
    std::uint64_t fired = 0;
    for (std::uint64_t round = 0; round < 14; ++round) {
        Checked checked(GetParam(), round % 2 == 0 ? 0 : seed % 9'000'000'000 + round,
                        seed + round);
        for (int step = 0; step < 15'000; ++step) {
            checked.step();
            checked.check();
            ASSERT_FALSE(testing::Test::HasFatalFailure())
                << "round " << round << ", step " << step;
        }
        fired += checked.fired();
    }
    EXPECT_GT(fired, 1'000U);
}

INSTANTIATE_TEST_SUITE_P(Capacities, RecordWheelModel, testing::Values(1U, 3U, 15U, 100U, 3'000U));

}  // namespace
}  // namespace lastack::time
