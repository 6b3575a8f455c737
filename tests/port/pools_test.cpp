#include "port/pools.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "port/error.hpp"
#include "port/mbufs.hpp"
#include "tests/port/ring_port.hpp"

namespace lastack::port {
namespace {

std::size_t at(PoolName name) {
    return static_cast<std::size_t>(name);
}

TEST(PoolSizes, OrdinaryFramesNeedOrdinaryMbufs) {
    const PoolSizes sizes = pool_sizes({});
    EXPECT_EQ(sizes[at(PoolName::Rx)].count, 65'536U);
    EXPECT_EQ(sizes[at(PoolName::Rx)].room_bytes, 2048 + RTE_PKTMBUF_HEADROOM);
    EXPECT_LT(pool_bytes(sizes), std::uint64_t{256} << 20) << "the defaults fit the default memory";
}

TEST(PoolSizes, WithoutChainsAFramesMbufHoldsTheWholeFrame) {
    PoolDemand demand;
    demand.largest_mtu = 9'000;
    demand.all_chain = false;
    const PoolSizes sizes = pool_sizes(demand);
    EXPECT_GE(sizes[at(PoolName::Frame)].room_bytes, 9'000 + 18 + RTE_PKTMBUF_HEADROOM);
    EXPECT_GE(sizes[at(PoolName::Rx)].room_bytes, 9'000 + 18 + RTE_PKTMBUF_HEADROOM);
}

TEST(PoolSizes, ScatteringPortsReceiveLargeFramesIntoOrdinaryMbufs) {
    PoolDemand demand;
    demand.largest_mtu = 9'000;
    demand.all_scatter = true;
    EXPECT_EQ(pool_sizes(demand)[at(PoolName::Rx)].room_bytes, 2048 + RTE_PKTMBUF_HEADROOM);
}

class PoolsTest : public testing::Test {
  protected:
    PoolsTest() { eal_of_tests(); }
    Pools pools_{(eal_of_tests(), small_pools()), 0, 0};
    Mbufs mbufs_{pools_};
};

TEST_F(PoolsTest, J_36_WhatIsTakenIsCountedUntilItIsBack) {
    EXPECT_EQ(pools_.in_use(), 0U);
    rte_mbuf* const mbuf = rte_pktmbuf_alloc(pools_[PoolName::Text]);
    EXPECT_EQ(pools_.in_use(), 1U);
    EXPECT_EQ(pools_.usage()[at(PoolName::Text)].in_use, 1U);
    rte_pktmbuf_free(mbuf);
    EXPECT_EQ(pools_.in_use(), 0U);
}

TEST_F(PoolsTest, WhatDoesNotFitIsSaidWithItsSum) {
    PoolDemand demand;
    demand.rx_mbufs = 1'000'000;
    try {
        const Pools more(pool_sizes(demand), 1, 0);
        FAIL() << "3 GiB of mbufs fit into 160 MiB";
    } catch (const Error& error) {
        const std::string text = error.what();
        EXPECT_NE(text.find("limits.mbufs: the mbufs need 3"), std::string::npos) << text;
        EXPECT_NE(text.find("rx 1000000:"), std::string::npos) << text;
        EXPECT_NE(text.find("raise eal.memory_mib"), std::string::npos) << text;
    }
    // The failed attempt left nothing: the same names can be used again.
    EXPECT_NO_THROW(const Pools again(small_pools(), 1, 0));
}

TEST_F(PoolsTest, LentMemoryIsReleasedOnceAtItsLastReference) {
    int released = 0;
    const auto count = [](void* context) { ++*static_cast<int*>(context); };
    const base::BufferRef buffer = mbufs_.wrap({}, count, &released);
    ASSERT_NE(buffer, nullptr);
    mbufs_.retain(buffer);
    mbufs_.release(buffer);
    EXPECT_EQ(released, 0);
    mbufs_.release(buffer);
    EXPECT_EQ(released, 1);
    EXPECT_EQ(pools_.in_use(), 0U);
}

TEST_F(PoolsTest, LentMemoryDroppedByAnotherThreadIsReleasedOnTheOwners) {
    std::thread::id released_on;
    const auto note = [](void* context) {
        *static_cast<std::thread::id*>(context) = std::this_thread::get_id();
    };
    const base::BufferRef buffer = mbufs_.wrap({}, note, &released_on);
    ASSERT_NE(buffer, nullptr);
    std::thread other([&] { Pools::drop_external(mbuf_of(buffer)); });
    other.join();
    EXPECT_EQ(released_on, std::thread::id()) << "not on the other thread";
    pools_.collect_returned();
    EXPECT_EQ(released_on, std::this_thread::get_id());
    EXPECT_EQ(pools_.in_use(), 0U);
}

TEST_F(PoolsTest, WithoutADescriptorNothingIsLentOrReleased) {
    int released = 0;
    const auto count = [](void* context) { ++*static_cast<int*>(context); };
    std::vector<base::BufferRef> all;
    while (const base::BufferRef buffer = mbufs_.wrap({}, count, &released)) all.push_back(buffer);
    EXPECT_GE(all.size(), 500U);
    EXPECT_EQ(released, 0);
    for (const base::BufferRef buffer : all) mbufs_.release(buffer);
    EXPECT_EQ(released, static_cast<int>(all.size()));
    EXPECT_EQ(pools_.in_use(), 0U);
}

}  // namespace
}  // namespace lastack::port
