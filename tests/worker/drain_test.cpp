#include "worker/drain.hpp"

#include <gtest/gtest.h>

namespace lastack::worker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr time::Instant kNow{seconds(100)};
constexpr Drain::Facts kOpen{.connections_left = true};
constexpr Drain::Facts kDone{};
constexpr Drain::Facts kQueued{.frames_left = true};

TEST(Drain, D_27_RunsUntilItIsAskedToStop) {
    Drain drain;
    EXPECT_EQ(drain.step(kNow, kDone), Drain::Action::None);
    EXPECT_EQ(drain.phase(), Drain::Phase::Running);
    EXPECT_FALSE(drain.requested());
}

TEST(Drain, D_27_OpenConnectionsMayFinish) {
    Drain drain;
    drain.request(seconds(10));
    EXPECT_EQ(drain.step(kNow, kOpen), Drain::Action::BeginDrain);
    EXPECT_EQ(drain.step(kNow + seconds(5), kOpen), Drain::Action::None);
    EXPECT_EQ(drain.step(kNow + seconds(6), kDone), Drain::Action::None) << "none left to abort";
    EXPECT_EQ(drain.phase(), Drain::Phase::Flushing);
    drain.step(kNow + seconds(6), kDone);
    EXPECT_EQ(drain.phase(), Drain::Phase::Ended);
}

TEST(Drain, D_27_WhatIsLeftWhenPatienceEndsIsAborted) {
    Drain drain;
    drain.request(seconds(10));
    drain.step(kNow, kOpen);
    EXPECT_EQ(drain.step(kNow + seconds(10) - milliseconds(1), kOpen), Drain::Action::None);
    EXPECT_EQ(drain.step(kNow + seconds(10), kOpen), Drain::Action::AbortRest);
}

TEST(Drain, ASecondRequestEndsItAtOnce) {
    Drain drain;
    drain.request(seconds(10));
    drain.step(kNow, kOpen);
    drain.request(seconds(10));
    EXPECT_EQ(drain.step(kNow, kOpen), Drain::Action::AbortRest);
}

TEST(Drain, TheFirstRequestsPatienceCounts) {
    Drain drain;
    drain.request(seconds(10));
    drain.step(kNow, kOpen);
    EXPECT_EQ(drain.deadline(), kNow + seconds(10));
}

TEST(Drain, TheLastFramesGetAMomentToLeaveButNoMore) {
    Drain drain;
    drain.request(seconds(0));
    drain.step(kNow, kQueued);
    drain.step(kNow, kQueued);
    EXPECT_EQ(drain.phase(), Drain::Phase::Flushing);
    drain.step(kNow + Drain::kFlushFor - milliseconds(1), kQueued);
    EXPECT_EQ(drain.phase(), Drain::Phase::Flushing);
    drain.step(kNow + Drain::kFlushFor, kQueued);
    EXPECT_EQ(drain.phase(), Drain::Phase::Ended);
}

}  // namespace
}  // namespace lastack::worker
