#include "service/deadlines.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "tests/support/fake_core.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

using namespace std::chrono_literals;

class DeadlinesTest : public ::testing::Test, public service::DeadlineOwner {
  protected:
    void on_deadline(std::uint32_t slot, unsigned queue) override {
        fired_.push_back({slot, queue, core_.now()});
        if (again_) deadlines_.set(slot, queue);
    }
    void start(std::uint32_t slots = 8) {
        deadlines_.start(core_, *this, slots, {100ms, 10ms, 0ms});
    }

    struct Fired {
        std::uint32_t slot;
        unsigned queue;
        std::chrono::nanoseconds at;
    };
    FakeCore core_;
    service::Deadlines deadlines_;
    std::vector<Fired> fired_;
    bool again_ = false;
};

TEST_F(DeadlinesTest, fire_when_their_time_has_passed_and_not_before) {
    start();
    deadlines_.set(3, 0);
    core_.advance(99ms);
    EXPECT_TRUE(fired_.empty());
    core_.advance(1ms);
    ASSERT_EQ(fired_.size(), 1U);
    EXPECT_EQ(fired_[0].slot, 3U);
    EXPECT_EQ(fired_[0].queue, 0U);
}

TEST_F(DeadlinesTest, a_shorter_one_set_later_fires_first) {
    start();
    deadlines_.set(1, 0);
    core_.advance(50ms);
    deadlines_.set(2, 1);
    core_.advance(10ms);
    ASSERT_EQ(fired_.size(), 1U);
    EXPECT_EQ(fired_[0].slot, 2U);
    core_.advance(40ms);
    EXPECT_EQ(fired_.size(), 2U);
}

TEST_F(DeadlinesTest, setting_again_begins_anew_in_either_queue) {
    start();
    deadlines_.set(1, 1);
    core_.advance(9ms);
    deadlines_.set(1, 1);
    core_.advance(9ms);
    deadlines_.set(1, 0);
    core_.advance(99ms);
    EXPECT_TRUE(fired_.empty());
    core_.advance(1ms);
    EXPECT_EQ(fired_.size(), 1U);
}

TEST_F(DeadlinesTest, nothing_waits_no_timer_runs) {
    start();
    EXPECT_EQ(core_.timers(), 0U);
    deadlines_.set(1, 0);
    deadlines_.set(2, 1);
    EXPECT_EQ(core_.timers(), 1U) << "one timer serves all";
    deadlines_.clear(1);
    deadlines_.clear(1);
    EXPECT_EQ(core_.timers(), 1U);
    deadlines_.clear(2);
    EXPECT_EQ(core_.timers(), 0U);
    core_.advance(1s);
    EXPECT_TRUE(fired_.empty());
}

TEST_F(DeadlinesTest, a_crowd_is_handled_a_budget_at_a_time) {
    start(1'000);
    for (std::uint32_t slot = 0; slot < 1'000; ++slot) deadlines_.set(slot, 1);
    core_.advance(10ms);
    EXPECT_EQ(fired_.size(), service::Deadlines::kBudget);
    core_.advance(3ms);
    EXPECT_EQ(fired_.size(), 1'000U);
    for (std::uint32_t slot = 0; slot < 1'000; ++slot) EXPECT_EQ(fired_[slot].slot, slot);
}

TEST_F(DeadlinesTest, one_may_be_set_again_from_its_own_event) {
    start();
    again_ = true;
    deadlines_.set(1, 1);
    core_.advance(35ms);
    EXPECT_EQ(fired_.size(), 3U);
}

TEST_F(DeadlinesTest, without_a_free_timer_the_next_call_tries_again) {
    start();
    core_.set_max_timers(0);
    deadlines_.set(1, 1);
    core_.set_max_timers(1);
    core_.advance(5ms);
    deadlines_.set(2, 0);
    core_.advance(95ms);
    EXPECT_EQ(fired_.size(), 1U) << "late, as there was no timer, but not lost";
    core_.advance(5ms);
    EXPECT_EQ(fired_.size(), 2U);
}

/// Against the obvious implementation: a map from slot to deadline.
TEST_F(DeadlinesTest, agree_with_a_simple_model_over_random_calls) {
    start(64);
    std::mt19937_64 random(seed_or(64));
    std::map<std::uint32_t, std::chrono::nanoseconds> model;
    const std::array<std::chrono::nanoseconds, 3> lengths = {100ms, 10ms, 1ms};
    for (int step = 0; step < 20'000; ++step) {
        const auto slot = static_cast<std::uint32_t>(random() % 64);
        switch (random() % 4) {
            case 0:
                deadlines_.clear(slot);
                model.erase(slot);
                break;
            case 1: {
                core_.advance(std::chrono::milliseconds(random() % 7));
                for (const Fired& fired : fired_) {
                    ASSERT_TRUE(model.contains(fired.slot)) << step;
                    ASSERT_LE(model[fired.slot], fired.at);
                    ASSERT_GE(model[fired.slot] + 1ms, fired.at);
                    model.erase(fired.slot);
                }
                fired_.clear();
                for (const auto& [waiting, deadline] : model) ASSERT_GT(deadline, core_.now());
                break;
            }
            default: {
                const auto queue = static_cast<unsigned>(random() % 3);
                deadlines_.set(slot, queue);
                // FakeCore's timers, as the stack's, fire a tick later at the earliest.
                model[slot] = core_.now() + (queue == 2 ? 1ms : lengths[queue]);
                break;
            }
        }
    }
}

}  // namespace
}  // namespace lastack::test
