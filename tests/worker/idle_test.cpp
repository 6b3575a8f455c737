#include "worker/idle.hpp"

#include <gtest/gtest.h>

namespace lastack::worker {
namespace {

using std::chrono::microseconds;

constexpr time::Instant kNow{std::chrono::seconds(100)};

IdlePolicy adaptive() {
    return {IdlePolicy::Mode::Adaptive, kNow};
}

TEST(IdlePolicy, ABusyWorkerNeverRests) {
    IdlePolicy policy(IdlePolicy::Mode::Busy, kNow);
    EXPECT_EQ(policy.after_turn(kNow + std::chrono::seconds(1), false, std::nullopt).step,
              IdleStep::Spin);
}

TEST(IdlePolicy, AnAdaptiveOneSpinsThenPausesThenSleeps) {
    IdlePolicy policy = adaptive();
    const auto step_after = [&policy](microseconds idle) {
        return policy.after_turn(kNow + idle, false, std::nullopt).step;
    };
    EXPECT_EQ(step_after(microseconds(19)), IdleStep::Spin);
    EXPECT_EQ(step_after(microseconds(20)), IdleStep::Pause);
    EXPECT_EQ(step_after(microseconds(49)), IdleStep::Pause);
    EXPECT_EQ(step_after(microseconds(50)), IdleStep::Sleep);
}

TEST(IdlePolicy, ASleepIsAtMostAHundredMicroseconds) {
    IdlePolicy policy = adaptive();
    const time::Instant now = kNow + std::chrono::seconds(1);
    EXPECT_EQ(policy.after_turn(now, false, std::nullopt).sleep, microseconds(100));
    EXPECT_EQ(policy.after_turn(now, false, now + microseconds(101)).sleep, microseconds(100));
}

TEST(IdlePolicy, ASleepEndsBeforeTheNextDeadline) {
    IdlePolicy policy = adaptive();
    const time::Instant now = kNow + std::chrono::seconds(1);
    const IdleAdvice advice = policy.after_turn(now, false, now + microseconds(60));
    EXPECT_EQ(advice.step, IdleStep::Sleep);
    EXPECT_EQ(advice.sleep, microseconds(60));
}

TEST(IdlePolicy, ADeadlineThatIsNearOrPastKeepsItAwake) {
    IdlePolicy policy = adaptive();
    const time::Instant now = kNow + std::chrono::seconds(1);
    EXPECT_EQ(policy.after_turn(now, false, now + microseconds(4)).step, IdleStep::Pause);
    EXPECT_EQ(policy.after_turn(now, false, now - microseconds(4)).step, IdleStep::Pause);
}

TEST(IdlePolicy, WorkStartsTheRestAnew) {
    IdlePolicy policy = adaptive();
    const time::Instant now = kNow + std::chrono::seconds(1);
    EXPECT_EQ(policy.after_turn(now, true, std::nullopt).step, IdleStep::Spin);
    EXPECT_EQ(policy.after_turn(now + microseconds(10), false, std::nullopt).step, IdleStep::Spin);
    EXPECT_EQ(policy.after_turn(now + microseconds(50), false, std::nullopt).step, IdleStep::Sleep);
}

}  // namespace
}  // namespace lastack::worker
