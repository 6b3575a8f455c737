#include "port/mbufs.hpp"

#include <gtest/gtest.h>

#include "tests/port/ring_port.hpp"

namespace lastack::port {
namespace {

class MbufsTest : public testing::Test {
  protected:
    ~MbufsTest() override { EXPECT_EQ(pools_.in_use(), 0U); }
    Pools pools_{(eal_of_tests(), small_pools()), 0, 0};
    Mbufs mbufs_{pools_};
};

TEST_F(MbufsTest, ABufferHasTheRoomThatWasAskedFor) {
    for (const std::size_t bytes :
         {std::size_t{1}, std::size_t{384}, std::size_t{385}, mbufs_.max_bytes()}) {
        const base::BufferRef buffer = mbufs_.allocate(bytes);
        ASSERT_NE(buffer, nullptr);
        EXPECT_GE(mbufs_.room(buffer).size(), bytes);
        mbufs_.release(buffer);
    }
}

TEST_F(MbufsTest, ShortTextFallsBackToLongBuffersAndThenToNone) {
    std::vector<base::BufferRef> all;
    while (const base::BufferRef buffer = mbufs_.allocate(1)) all.push_back(buffer);
    EXPECT_EQ(all.size(), 2 * small_pools()[static_cast<std::size_t>(PoolName::Text)].count);
    for (const base::BufferRef buffer : all) mbufs_.release(buffer);
}

TEST_F(MbufsTest, ARetainedBufferLivesUntilItsLastRelease) {
    const base::BufferRef buffer = mbufs_.allocate(10);
    mbufs_.retain(buffer);
    mbufs_.release(buffer);
    EXPECT_EQ(pools_.in_use(), 1U);
    mbufs_.release(buffer);
}

TEST_F(MbufsTest, TheFirstBufferStandsForItsChain) {
    const base::BufferRef frame =
        buffer_of(chain_with(pools_[PoolName::Rx], {"one", "two", "three"}));
    mbufs_.retain(frame);
    mbufs_.release(frame);
    EXPECT_EQ(pools_.in_use(), 3U) << "one reference is left, and with it the whole chain";
    mbufs_.release(frame);
    EXPECT_EQ(pools_.in_use(), 0U);
}

TEST_F(MbufsTest, ACutChainIsOwnedPieceByPiece) {
    const base::BufferRef first =
        buffer_of(chain_with(pools_[PoolName::Rx], {"one", "two", "three"}));
    const base::Buffers::Next second = mbufs_.detach_next(first);
    EXPECT_EQ(text_of(mbuf_of(first)), "one");
    mbufs_.release(first);
    EXPECT_EQ(pools_.in_use(), 2U);
    EXPECT_EQ(mbuf_of(second.buffer)->pkt_len, 8U);
    EXPECT_EQ(mbuf_of(second.buffer)->nb_segs, 2);
    EXPECT_EQ(second.bytes.size(), 3U);

    const base::Buffers::Next third = mbufs_.detach_next(second.buffer);
    mbufs_.release(second.buffer);
    EXPECT_EQ(text_of(mbuf_of(third.buffer)), "three");
    EXPECT_EQ(mbufs_.detach_next(third.buffer).buffer, nullptr);
    mbufs_.release(third.buffer);
}

}  // namespace
}  // namespace lastack::port
