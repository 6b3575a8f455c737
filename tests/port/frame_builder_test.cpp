#include "port/frame_builder.hpp"

#include <gtest/gtest.h>

#include "port/mbufs.hpp"
#include "tests/port/ring_port.hpp"

namespace lastack::port {
namespace {

TEST(TextCursor, TakesRunsPieceByPiece) {
    const std::string one = "abc";
    const std::string two = "defgh";
    const std::vector<base::BufferBytes> pieces{{nullptr, bytes_of_text(one)},
                                                {nullptr, bytes_of_text(two)}};
    TextCursor cursor(pieces);
    EXPECT_EQ(cursor.runs(8), 2U);
    EXPECT_EQ(cursor.take(2).bytes.size(), 2U);
    EXPECT_EQ(cursor.runs(6), 2U);
    EXPECT_EQ(cursor.take(100).bytes.size(), 1U) << "a run ends with its piece";
    EXPECT_EQ(cursor.take(100).bytes.data(), bytes_of_text(two).data());
    EXPECT_TRUE(cursor.take(100).bytes.empty());
}

TEST(TextCursor, SumsAcrossPiecesOfOddLengthAsIfTheyWereOne) {
    const std::string whole = pattern(1001);
    const std::vector<base::BufferBytes> pieces{{nullptr, bytes_of_text(whole).subspan(0, 333)},
                                                {nullptr, bytes_of_text(whole).subspan(333, 1)},
                                                {nullptr, bytes_of_text(whole).subspan(334)}};
    wire::Checksum by_piece;
    TextCursor(pieces).sum(by_piece, 1001);
    EXPECT_EQ(by_piece.finish(), wire::checksum(bytes_of_text(whole)));
}

class FrameBuilderTest : public testing::Test {
  protected:
    ~FrameBuilderTest() override { EXPECT_EQ(pools_.in_use(), 0U); }

    /// A text buffer with `text` in it, as the stack would have one.
    base::BufferBytes kept(std::string_view text) {
        rte_mbuf* const mbuf = mbuf_with(pools_[PoolName::Text], text);
        return {buffer_of(mbuf), port::bytes_of(mbuf)};
    }
    std::string text_behind(std::size_t header_bytes, const rte_mbuf* frame) {
        return text_of(frame).substr(header_bytes);
    }

    Pools pools_{(eal_of_tests(), small_pools()), 0, 0};
    Mbufs mbufs_{pools_};
    Capabilities capabilities_{.multi_segs = true, .max_segs = 8};
    FrameBuilder builder_{pools_, capabilities_};
};

TEST_F(FrameBuilderTest, ShortTextIsCopiedBehindItsHeader) {
    const std::string text = pattern(kCopyBytes);
    const base::BufferBytes piece = kept(text);
    TextCursor cursor({&piece, 1});
    rte_mbuf* const frame = builder_.build(54, cursor, kCopyBytes);
    ASSERT_NE(frame, nullptr);
    EXPECT_EQ(frame->nb_segs, 1);
    EXPECT_EQ(text_behind(54, frame), text);
    EXPECT_EQ(rte_mbuf_refcnt_read(mbuf_of(piece.buffer)), 1) << "the text is not referred to";
    rte_pktmbuf_free(frame);
    mbufs_.release(piece.buffer);
}

TEST_F(FrameBuilderTest, LongTextIsAttachedAndItsBufferOutlivesItsOwnersRelease) {
    const std::string text = pattern(kCopyBytes + 1);
    const base::BufferBytes piece = kept(text);
    TextCursor cursor({&piece, 1});
    rte_mbuf* const frame = builder_.build(54, cursor, kCopyBytes + 1);
    ASSERT_NE(frame, nullptr);
    EXPECT_EQ(frame->nb_segs, 2);
    EXPECT_EQ(rte_mbuf_refcnt_read(mbuf_of(piece.buffer)), 2);
    EXPECT_EQ(rte_pktmbuf_mtod(frame->next, const std::byte*), piece.bytes.data()) << "not a copy";

    mbufs_.release(piece.buffer);
    EXPECT_EQ(text_behind(54, frame), text);
    EXPECT_EQ(rte_mbuf_check(frame, 1, nullptr), 0);
    rte_pktmbuf_free(frame);
}

TEST_F(FrameBuilderTest, ARetransmissionAndItsOriginalShareTheTextAndWriteNeither) {
    const std::string text = pattern(1000);
    const base::BufferBytes piece = kept(text);
    TextCursor first({&piece, 1});
    TextCursor second({&piece, 1});
    rte_mbuf* const original = builder_.build(54, first, 1000);
    rte_mbuf* const again = builder_.build(66, second, 1000);
    std::memset(rte_pktmbuf_mtod(original, char*), 0x11, 54);
    std::memset(rte_pktmbuf_mtod(again, char*), 0x22, 66);
    EXPECT_EQ(text_behind(54, original), text);
    EXPECT_EQ(text_behind(66, again), text);
    EXPECT_EQ(rte_mbuf_refcnt_read(mbuf_of(piece.buffer)), 3);
    rte_pktmbuf_free(original);
    rte_pktmbuf_free(again);
    mbufs_.release(piece.buffer);
}

TEST_F(FrameBuilderTest, WithoutChainsTheTextIsCopiedIntoOneMbuf) {
    const Capabilities no_chains{};
    PoolDemand demand;
    demand.rx_mbufs = 2048;
    demand.all_chain = false;
    Pools whole(pool_sizes(demand), 7, 0);
    FrameBuilder flat(whole, no_chains);
    const std::string text = pattern(1446);
    const std::vector<base::BufferBytes> pieces{{nullptr, bytes_of_text(text).subspan(0, 701)},
                                                {nullptr, bytes_of_text(text).subspan(701)}};
    TextCursor cursor(pieces);
    rte_mbuf* const frame = flat.build(54, cursor, 1446);
    ASSERT_NE(frame, nullptr);
    EXPECT_EQ(frame->nb_segs, 1);
    EXPECT_EQ(text_behind(54, frame), text);
    rte_pktmbuf_free(frame);
    EXPECT_EQ(whole.in_use(), 0U);
}

TEST_F(FrameBuilderTest, MorePiecesThanThePortSendsAreCopiedIntoFewerMbufs) {
    const std::string text = pattern(1400);
    std::vector<base::BufferBytes> pieces;
    for (std::size_t i = 0; i < 14; ++i) {
        pieces.push_back(kept(std::string_view(text).substr(i * 100, 100)));
    }
    TextCursor cursor(pieces);
    EXPECT_FALSE(builder_.fits_chain(cursor, 1400));
    rte_mbuf* const frame = builder_.build(54, cursor, 1400);
    ASSERT_NE(frame, nullptr);
    EXPECT_LE(frame->nb_segs, capabilities_.max_segs);
    EXPECT_EQ(text_behind(54, frame), text);
    EXPECT_EQ(rte_mbuf_check(frame, 1, nullptr), 0);
    rte_pktmbuf_free(frame);
    for (const base::BufferBytes& piece : pieces) mbufs_.release(piece.buffer);
}

TEST_F(FrameBuilderTest, LentMemoryIsAttachedHoweverLongItIs) {
    const std::string lent = pattern(200'000);
    int released = 0;
    const base::BufferRef buffer = mbufs_.wrap(
        bytes_of_text(lent), [](void* context) { ++*static_cast<int*>(context); }, &released);
    const base::BufferBytes piece{buffer, bytes_of_text(lent).subspan(150'000, 1400)};
    TextCursor cursor({&piece, 1});
    rte_mbuf* const frame = builder_.build(54, cursor, 1400);
    ASSERT_NE(frame, nullptr);
    EXPECT_EQ(text_behind(54, frame), lent.substr(150'000, 1400));
    EXPECT_EQ(rte_pktmbuf_mtod(frame->next, const std::byte*), piece.bytes.data());

    mbufs_.release(buffer);
    EXPECT_EQ(released, 0) << "the frame still refers to it";
    rte_pktmbuf_free(frame);
    EXPECT_EQ(released, 1);
}

TEST_F(FrameBuilderTest, LentMemoryIsCopiedForANicThatCannotReadIt) {
    const Capabilities nic{.multi_segs = true, .foreign_memory = false, .max_segs = 8};
    FrameBuilder builder(pools_, nic);
    const std::string lent = pattern(1000);
    int released = 0;
    const base::BufferRef buffer = mbufs_.wrap(
        bytes_of_text(lent), [](void* context) { ++*static_cast<int*>(context); }, &released);
    const base::BufferBytes piece{buffer, bytes_of_text(lent)};
    TextCursor cursor({&piece, 1});
    rte_mbuf* const frame = builder.build(54, cursor, 1000);
    ASSERT_NE(frame, nullptr);
    EXPECT_EQ(text_behind(54, frame), lent);
    mbufs_.release(buffer);
    EXPECT_EQ(released, 1);
    rte_pktmbuf_free(frame);
}

TEST_F(FrameBuilderTest, TextInAnUncutChainIsCopied) {
    const std::string text = pattern(600);
    const base::BufferRef chain =
        buffer_of(chain_with(pools_[PoolName::Rx], {text.substr(0, 300), text.substr(300)}));
    const std::vector<base::BufferBytes> pieces{{chain, port::bytes_of(mbuf_of(chain))},
                                                {chain, port::bytes_of(mbuf_of(chain)->next)}};
    TextCursor cursor(pieces);
    rte_mbuf* const frame = builder_.build(54, cursor, 600);
    ASSERT_NE(frame, nullptr);
    mbufs_.release(chain);
    EXPECT_EQ(text_behind(54, frame), text);
    rte_pktmbuf_free(frame);
}

TEST_F(FrameBuilderTest, I_42_WithoutAnMbufThereIsNoFrameAndNothingIsLost) {
    const std::string text = pattern(1000);
    const base::BufferBytes piece = kept(text);
    std::vector<rte_mbuf*> taken;
    while (rte_mbuf* const mbuf = rte_pktmbuf_alloc(pools_[PoolName::Attach])) {
        taken.push_back(mbuf);
    }
    TextCursor cursor({&piece, 1});
    EXPECT_EQ(builder_.build(54, cursor, 1000), nullptr);
    EXPECT_EQ(rte_mbuf_refcnt_read(mbuf_of(piece.buffer)), 1);
    EXPECT_EQ(rte_mempool_in_use_count(pools_[PoolName::Frame]), 0U);
    for (rte_mbuf* const mbuf : taken) rte_pktmbuf_free(mbuf);
    mbufs_.release(piece.buffer);
}

}  // namespace
}  // namespace lastack::port
