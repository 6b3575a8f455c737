// The wheel against a plain map of deadlines, under random arming, cancelling and lateness: one and
// a half million random steps in all, from one seed.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <set>

#include "tests/support/seed.hpp"
#include "time/wheel.hpp"
#include "wheel_host.hpp"

namespace lastack::time {
namespace {

/// The wheel under test, and what it should hold.
class Checked {
  public:
    Checked(std::uint32_t capacity, Tick start, std::uint64_t seed)
        : host_(capacity, at(start)), capacity_(capacity), now_(at(start)), random_(seed) {}

    void step() {
        switch (pick(10)) {
            case 0:
            case 1:
                advance();
                break;
            case 2:
                cancel(random_id());
                break;
            default:
                arm(random_id());
                break;
        }
        check();
    }

    std::uint64_t fired() const { return fired_; }
    Wheel& wheel() { return host_.wheel; }

  private:
    std::uint64_t pick(std::uint64_t below) { return random_() % below; }
    std::uint32_t random_id() { return static_cast<std::uint32_t>(pick(capacity_)); }

    /// Spans of every magnitude from below a tick to beyond the wheel's range.
    Duration random_span() {
        constexpr std::int64_t kMagnitudes[] = {1,
                                                1'000'000,
                                                3'000'000,
                                                256'000'000,
                                                260'000'000,
                                                3'000'000'000,
                                                65'536'000'000,
                                                200'000'000'000,
                                                16'777'216'000'000,
                                                6'000'000'000'000'000};
        const auto magnitude = kMagnitudes[pick(std::size(kMagnitudes))];
        return Duration(static_cast<std::int64_t>(pick(static_cast<std::uint64_t>(magnitude) + 1)));
    }

    void arm(std::uint32_t id) {
        // Now and then a deadline that has passed.
        const Instant deadline =
            pick(16) == 0 ? now_ - random_span() / 1'000 : now_ + random_span();
        host_.wheel.arm(id, deadline);
        const Tick tick = tick_of(host_.wheel.deadline(id));
        if (deadline > start_of(tick_of(now_) + 1)) {
            ASSERT_EQ(tick, tick_not_before(deadline));
        } else {
            ASSERT_LE(tick, tick_of(now_) + 1);
            ASSERT_GE(at(tick), deadline);
        }
        forget(id);
        deadlines_[id] = tick;
        order_.insert({tick, id});
    }

    void cancel(std::uint32_t id) {
        host_.wheel.cancel(id);
        forget(id);
    }

    void forget(std::uint32_t id) {
        const auto found = deadlines_.find(id);
        if (found == deadlines_.end()) return;
        order_.erase({found->second, id});
        deadlines_.erase(found);
    }

    void advance() {
        if (pick(3) == 0 && host_.wheel.next_deadline()) {
            now_ = std::max(now_, *host_.wheel.next_deadline());
        } else if (pick(50) == 0) {
            now_ += std::chrono::hours(1);
        } else {
            now_ += random_span() / static_cast<std::int64_t>(1 + pick(50));
        }
        const auto at_most = static_cast<std::uint32_t>(pick(4) == 0 ? pick(5) : 1'000);
        std::set<std::uint32_t> armed_by_fire;
        const std::uint32_t fired = host_.wheel.advance(now_, at_most, [&](std::uint32_t id) {
            ASSERT_FALSE(armed_by_fire.contains(id));
            ASSERT_TRUE(deadlines_.contains(id));
            ASSERT_LE(at(deadlines_[id]), now_);
            ASSERT_EQ(deadlines_[id], order_.begin()->first) << "an earlier one is still waiting";
            ASSERT_FALSE(host_.wheel.armed(id));
            forget(id);
            ++fired_;
            interfere(id, armed_by_fire);
        });
        ASSERT_LE(fired, at_most);
        if (!host_.wheel.has_due(now_) && !order_.empty()) {
            ASSERT_GT(order_.begin()->first, tick_of(now_));
        }
    }

    /// What a callback does: arms itself, another, or cancels another.
    void interfere(std::uint32_t id, std::set<std::uint32_t>& armed_by_fire) {
        const std::uint32_t other = pick(2) == 0 ? id : random_id();
        switch (pick(4)) {
            case 0:
                cancel(other);
                break;
            case 1:
            case 2:
                arm(other);
                armed_by_fire.insert(other);
                break;
            default:
                break;
        }
    }

    void check() {
        ASSERT_EQ(host_.wheel.armed_count(), deadlines_.size());
        const std::uint32_t id = random_id();
        ASSERT_EQ(host_.wheel.armed(id), deadlines_.contains(id));
        if (deadlines_.contains(id)) {
            ASSERT_EQ(host_.wheel.deadline(id), at(deadlines_[id]));
        }
        const auto next = host_.wheel.next_deadline();
        ASSERT_EQ(next.has_value(), !order_.empty());
        if (next) {
            ASSERT_LE(*next, at(order_.begin()->first));
        }
    }

    WheelHost host_;
    std::uint32_t capacity_;
    Instant now_;
    std::mt19937_64 random_;
    std::map<std::uint32_t, Tick> deadlines_;
    std::set<std::pair<Tick, std::uint32_t>> order_;
    std::uint64_t fired_ = 0;
};

class WheelModel : public testing::TestWithParam<std::uint32_t> {};

TEST_P(WheelModel, AgreesWithAMapOfDeadlinesUnderRandomUse) {
    const std::uint64_t seed = test::seed_or(20'261'122);
    std::uint64_t fired = 0;
    for (std::uint64_t round = 0; round < 20; ++round) {
        Checked checked(GetParam(), round % 2 == 0 ? 0 : seed % 9'000'000'000 + round,
                        seed + round);
        for (int step = 0; step < 15'000; ++step) {
            checked.step();
            ASSERT_FALSE(testing::Test::HasFatalFailure())
                << "round " << round << ", step " << step;
        }
        fired += checked.fired();
    }
    EXPECT_GT(fired, 1'000U);
}

INSTANTIATE_TEST_SUITE_P(Capacities, WheelModel, testing::Values(1U, 3U, 15U, 100U, 3'000U));

}  // namespace
}  // namespace lastack::time
