#include "worker/worker_stats.hpp"

#include <gtest/gtest.h>

namespace lastack::worker {
namespace {

TEST(WorkerStats, J_35_BurstsFallIntoPowersOfTwo) {
    EXPECT_EQ(WorkerStats::bucket(0), 0U);
    EXPECT_EQ(WorkerStats::bucket(1), 1U);
    EXPECT_EQ(WorkerStats::bucket(2), 2U);
    EXPECT_EQ(WorkerStats::bucket(3), 3U);
    EXPECT_EQ(WorkerStats::bucket(4), 3U);
    EXPECT_EQ(WorkerStats::bucket(5), 4U);
    EXPECT_EQ(WorkerStats::bucket(256), 9U);
    EXPECT_EQ(WorkerStats::bucket(100'000), kBurstBuckets - 1);
}

TEST(WorkerStats, J_35_CyclesAreBusyOrIdle) {
    WorkerStats stats;
    EXPECT_EQ(stats.read().busy_ratio(), 0);
    stats.turned(true, 300);
    stats.turned(false, 100);
    const WorkerStatus status = stats.read();
    EXPECT_EQ(status.turns, 2U);
    EXPECT_EQ(status.busy_turns, 1U);
    EXPECT_EQ(status.busy_cycles, 300U);
    EXPECT_EQ(status.idle_cycles, 100U);
    EXPECT_DOUBLE_EQ(status.busy_ratio(), 0.75);
}

}  // namespace
}  // namespace lastack::worker
