#include "port/receiver.hpp"

#include <gtest/gtest.h>

#include "port/mbufs.hpp"
#include "tests/port/ring_port.hpp"

namespace lastack::port {
namespace {

class ReceiverTest : public testing::Test {
  protected:
    ReceiverTest() { port_.start(pools_[PoolName::Rx]); }
    ~ReceiverTest() override { EXPECT_EQ(pools_.in_use(), 0U); }

    ReceivedFrame receive_one() {
        ReceivedFrame frame;
        EXPECT_EQ(receiver_.receive({&frame, 1}), 1U);
        return frame;
    }
    static std::string first_of(const ReceivedFrame& frame) {
        return {reinterpret_cast<const char*>(frame.bytes.data()), frame.bytes.size()};
    }
    static EthdevConfig config_of(const RingPort& ring) {
        EthdevConfig config;
        config.device = ring.device();
        return config;
    }

    Pools pools_{(eal_of_tests(), small_pools()), 0, 0};
    RingPort ring_;
    base::Counters counters_;
    Ethdev port_{config_of(ring_)};
    Mbufs mbufs_{pools_};
    Receiver receiver_{port_, pools_, counters_};
};

TEST_F(ReceiverTest, AFrameInOneMbufIsHandedOnAsItIs) {
    ring_.arrive(mbuf_with(pools_[PoolName::Rx], "a frame"));
    const ReceivedFrame frame = receive_one();
    EXPECT_EQ(first_of(frame), "a frame");
    EXPECT_EQ(frame.chained_bytes, 0U);
    EXPECT_EQ(counters_.value(base::Counter::PortRxFlattened), 0U);
    mbufs_.release(frame.buffer);
}

TEST_F(ReceiverTest, HeadersSplitOverMbufsAreJoinedAndTextBehindStaysWhereItIs) {
    const std::string frame_text = pattern(1500);
    const std::string_view all = frame_text;
    rte_mbuf* const chain = chain_with(
        pools_[PoolName::Rx], {std::string(all.substr(0, 14)), std::string(all.substr(14, 20)),
                               std::string(all.substr(34, 1000)), std::string(all.substr(1034))});
    const rte_mbuf* const third = chain->next->next;
    ring_.arrive(chain);
    const ReceivedFrame frame = receive_one();
    EXPECT_EQ(first_of(frame), frame_text.substr(0, kContiguousBytes));
    EXPECT_EQ(frame.chained_bytes, 1500 - kContiguousBytes);
    EXPECT_EQ(text_of(mbuf_of(frame.buffer)), frame_text);
    EXPECT_EQ(mbuf_of(frame.buffer)->next, third) << "the emptied one was freed, this one kept";
    EXPECT_EQ(rte_mbuf_check(mbuf_of(frame.buffer), 1, nullptr), 0);
    EXPECT_EQ(counters_.value(base::Counter::PortRxFlattened), 1U);
    mbufs_.release(frame.buffer);
}

TEST_F(ReceiverTest, AShortFrameInManyMbufsBecomesOne) {
    ring_.arrive(chain_with(pools_[PoolName::Rx], {"He", "ad", "ers", " and text"}));
    const ReceivedFrame frame = receive_one();
    EXPECT_EQ(first_of(frame), "Headers and text");
    EXPECT_EQ(frame.chained_bytes, 0U);
    EXPECT_EQ(pools_.in_use(), 1U);
    mbufs_.release(frame.buffer);
}

TEST_F(ReceiverTest, AnMbufThatOthersReadIsNotWritten) {
    const std::string text = pattern(400);
    rte_mbuf* const shared = mbuf_with(pools_[PoolName::Text], text.substr(0, 100));
    rte_mbuf* const head = rte_pktmbuf_alloc(pools_[PoolName::Attach]);
    rte_pktmbuf_attach(head, shared);
    rte_mbuf* const tail = mbuf_with(pools_[PoolName::Rx], text.substr(100));
    ASSERT_EQ(rte_pktmbuf_chain(head, tail), 0);
    ring_.arrive(head);
    const ReceivedFrame frame = receive_one();
    EXPECT_EQ(first_of(frame), text.substr(0, kContiguousBytes));
    EXPECT_EQ(text_of(mbuf_of(frame.buffer)), text);
    EXPECT_EQ(text_of(shared), text.substr(0, 100));
    mbufs_.release(frame.buffer);
    rte_pktmbuf_free(shared);
}

TEST_F(ReceiverTest, AStrippedVlanTagIsPutBack) {
    rte_mbuf* const mbuf = mbuf_with(pools_[PoolName::Rx], pattern(60));
    mbuf->vlan_tci = 42;
    mbuf->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    ring_.arrive(mbuf);
    const ReceivedFrame frame = receive_one();
    ASSERT_EQ(frame.bytes.size(), 64U);
    EXPECT_EQ(first_of(frame).substr(12, 4), std::string("\x81\x00\x00\x2a", 4));
    mbufs_.release(frame.buffer);
}

TEST_F(ReceiverTest, AFrameWhoseTagCannotBePutBackIsDroppedAndCounted) {
    rte_mbuf* const mbuf = mbuf_with(pools_[PoolName::Rx], pattern(60));
    // No room is left before the frame.
    mbuf->data_off = 0;
    mbuf->vlan_tci = 42;
    mbuf->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    ring_.arrive(mbuf);
    ReceivedFrame frame;
    EXPECT_EQ(receiver_.receive({&frame, 1}), 0U) << "untagged, it would be another network's";
    EXPECT_EQ(counters_.value(base::Counter::PortRxVlanLost), 1U);
}

TEST_F(ReceiverTest, ABurstIsNoLongerThanAskedFor) {
    for (int i = 0; i < 5; ++i) ring_.arrive(mbuf_with(pools_[PoolName::Rx], "frame"));
    std::array<ReceivedFrame, 8> frames;
    EXPECT_EQ(receiver_.receive(std::span(frames).first(3)), 3U);
    EXPECT_EQ(receiver_.receive(std::span(frames).subspan(3)), 2U);
    for (std::size_t i = 0; i < 5; ++i) mbufs_.release(frames[i].buffer);
}

TEST(ChecksumVerdict, H_40_SaysGoodBadOrUnknownAsThePortDid) {
    EXPECT_EQ(l4_verdict(RTE_MBUF_F_RX_L4_CKSUM_GOOD), ChecksumVerdict::Good);
    EXPECT_EQ(l4_verdict(RTE_MBUF_F_RX_L4_CKSUM_BAD), ChecksumVerdict::Bad);
    EXPECT_EQ(l4_verdict(0), ChecksumVerdict::Unknown);
    EXPECT_EQ(l4_verdict(RTE_MBUF_F_RX_L4_CKSUM_NONE), ChecksumVerdict::Good);
    EXPECT_EQ(ip_verdict(RTE_MBUF_F_RX_IP_CKSUM_GOOD), ChecksumVerdict::Good);
    EXPECT_EQ(ip_verdict(RTE_MBUF_F_RX_IP_CKSUM_BAD), ChecksumVerdict::Bad);
    EXPECT_EQ(ip_verdict(0), ChecksumVerdict::Unknown);
}

}  // namespace
}  // namespace lastack::port
