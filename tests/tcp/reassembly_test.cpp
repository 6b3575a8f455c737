// Out-of-order text against a map of bytes in which the first to come wins (H-25).

#include "tcp/reassembly.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/support/seed.hpp"
#include "tests/tcp/pieces.hpp"

namespace lastack::tcp {
namespace {

using wire::Seq;
using Result = ReassemblyStore::Result;

class ReassemblyTest : public testing::Test {
  protected:
    Pieces pieces{64, 16};
    PieceStore piece_store = pieces.store();
    ReassemblyStore store{pieces.runs(), piece_store};
    Reassembly queue;

    Result insert(std::uint32_t seq, std::string_view text, std::uint16_t max_runs = 16) {
        PieceList list;
        EXPECT_TRUE(pieces.append(list, text));
        const Result result = store.insert(queue, Seq(seq), list, max_runs);
        EXPECT_TRUE(list.empty()) << "whatever the answer, the text is taken";
        return result;
    }

    std::string take(std::uint32_t& next) {
        PieceList ready;
        next = store.take(queue, Seq(next), ready).value();
        std::string text = pieces.text(ready);
        piece_store.clear(ready);
        return text;
    }

    std::string fill(std::uint32_t next, std::string_view text) {
        PieceList list;
        EXPECT_TRUE(pieces.append(list, text));
        PieceList ready;
        const auto filled = store.fill(queue, Seq(next), list, ready);
        EXPECT_TRUE(list.empty());
        EXPECT_EQ(filled.next, Seq(next + ready.bytes));
        EXPECT_EQ(filled.dropped, 0U);
        std::string all = pieces.text(ready);
        piece_store.clear(ready);
        return all;
    }

    std::string runs() {
        std::string all;
        for (std::uint32_t i = queue.first; i != base::kNoIndex; i = pieces.runs()[i].next) {
            const auto& run = pieces.runs()[i];
            all += std::to_string(run.seq.value()) + ':' + pieces.text(run.pieces) + ' ';
        }
        return all;
    }

    std::vector<std::pair<std::uint32_t, std::uint32_t>> blocks() {
        std::array<wire::SackBlock, 4> out;
        const std::uint8_t count = store.sack_blocks(queue, out);
        std::vector<std::pair<std::uint32_t, std::uint32_t>> all;
        for (std::uint8_t i = 0; i < count; ++i) {
            all.emplace_back(out[i].left.value(), out[i].right.value());
        }
        return all;
    }
};

TEST_F(ReassemblyTest, H_25_runs_that_touch_are_one) {
    EXPECT_EQ(insert(100, "aaa"), Result::Queued);
    EXPECT_EQ(insert(106, "ccc"), Result::Queued);
    EXPECT_EQ(insert(103, "bbb"), Result::Queued);
    EXPECT_EQ(runs(), "100:aaabbbccc ");
    std::uint32_t next = 100;
    EXPECT_EQ(take(next), "aaabbbccc");
    EXPECT_EQ(next, 109U);
    EXPECT_TRUE(pieces.nothing_left());
}

TEST_F(ReassemblyTest, H_25_the_bytes_that_came_first_win) {
    insert(105, "FIRST");
    EXPECT_EQ(insert(103, "secondsecond"), Result::Merged);
    EXPECT_EQ(runs(), "103:seFIRSTecond ");
    std::uint32_t next = 103;
    EXPECT_EQ(take(next), "seFIRSTecond");
}

TEST_F(ReassemblyTest, H_25_text_in_order_rewrites_nothing_that_waits) {
    insert(103, "FIRST");
    insert(110, "ALSO");
    insert(120, "beyond");
    EXPECT_EQ(fill(101, "0123456789abcdefg"), "01FIRST78ALSOdefg");
    EXPECT_EQ(runs(), "120:beyond ");
    EXPECT_EQ(fill(118, "..bey"), "..beyond") << "it ends inside what waits";
    EXPECT_TRUE(pieces.nothing_left());
}

TEST_F(ReassemblyTest, H_26_where_no_piece_is_left_to_part_them_what_waits_goes) {
    insert(103, "FIRST");
    insert(120, "beyond");
    PieceList text;
    ASSERT_TRUE(pieces.append(text, "0123456789"));
    while (piece_store.pool.allocate() != base::kNoIndex) continue;
    PieceList ready;
    const auto filled = store.fill(queue, Seq(101), text, ready);
    EXPECT_EQ(filled.next, Seq(111));
    EXPECT_EQ(filled.dropped, 2U);
    EXPECT_EQ(pieces.text(ready), "0123456789");
    EXPECT_TRUE(queue.empty());
    piece_store.clear(ready);
}

TEST_F(ReassemblyTest, H_25_one_segment_may_fill_several_gaps) {
    insert(102, "B");
    insert(104, "D");
    insert(106, "F");
    EXPECT_EQ(insert(101, "abcdefg"), Result::Merged);
    EXPECT_EQ(runs(), "101:aBcDeFg ");
    EXPECT_EQ(insert(101, "abcdefg"), Result::Duplicate);
    store.clear(queue);
    EXPECT_TRUE(pieces.nothing_left());
}

TEST_F(ReassemblyTest, K_33_beyond_the_limit_of_runs_nothing_is_kept) {
    EXPECT_EQ(insert(100, "a", 2), Result::Queued);
    EXPECT_EQ(insert(110, "b", 2), Result::Queued);
    EXPECT_EQ(insert(120, "c", 2), Result::NoRoom);
    EXPECT_EQ(insert(111, "d", 2), Result::Queued) << "to lengthen one is no new one";
    EXPECT_EQ(runs(), "100:a 110:bd ");
    store.clear(queue);
    EXPECT_TRUE(pieces.nothing_left());
}

TEST_F(ReassemblyTest, H_15_the_run_that_grew_last_is_the_first_sack_block) {
    insert(100, "aaa");
    insert(200, "bbb");
    insert(300, "ccc");
    using Blocks = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
    EXPECT_EQ(blocks(), (Blocks{{300, 303}, {100, 103}, {200, 203}}));
    insert(203, "b");
    EXPECT_EQ(blocks(), (Blocks{{200, 204}, {100, 103}, {300, 303}}));
    store.clear(queue);
}

TEST_F(ReassemblyTest, B_3_nothing_stays_at_or_beyond_a_fin) {
    insert(100, "aaa");
    insert(110, "bbbb");
    insert(120, "cc");
    store.cut(queue, Seq(112));
    EXPECT_EQ(runs(), "100:aaa 110:bb ");
    store.cut(queue, Seq(100));
    EXPECT_TRUE(queue.empty());
    EXPECT_TRUE(pieces.nothing_left());
}

TEST_F(ReassemblyTest, F_8_runs_lie_across_the_wrap) {
    insert(2, "after");
    insert(0xffff'fffe, "abcd");
    EXPECT_EQ(queue.runs, 1U);
    std::uint32_t next = 0xffff'fffe;
    EXPECT_EQ(take(next), "abcdafter");
    EXPECT_EQ(next, 7U);
}

TEST_F(ReassemblyTest, H_25_is_a_map_of_bytes_in_which_the_first_wins) {
    const std::uint64_t seed = test::seed_or(4);
    std::mt19937_64 random(seed);
    for (int life = 0; life < 400; ++life) {
        std::uint32_t next = static_cast<std::uint32_t>(random());
        if (life % 4 == 0) next = 0xffff'ffffU - static_cast<std::uint32_t>(random() % 100);
        const std::uint32_t start = next;
        std::map<std::uint32_t, char> model;  // by distance from `start`
        for (int i = 0; i < 60; ++i) {
            // 1 .. 120 bytes beyond what is missing, so that nothing is in order yet.
            const auto gap = static_cast<std::uint32_t>(1 + random() % 120);
            std::string text(1 + random() % 30, ' ');
            for (char& c : text) c = static_cast<char>('a' + random() % 26);
            PieceList list;
            // Some segments come as two pieces.
            const std::size_t cut = text.size() > 1 ? 1 + random() % (text.size() - 1) : 0;
            if (cut > 0 && !pieces.append(list, std::string_view(text).substr(0, cut))) break;
            if (!pieces.append(list, std::string_view(text).substr(cut))) {
                piece_store.clear(list);
                break;
            }
            if (store.insert(queue, Seq(next + gap), list, 16) != Result::NoRoom) {
                for (std::size_t k = 0; k < text.size(); ++k) {
                    model.emplace(next - start + gap + static_cast<std::uint32_t>(k), text[k]);
                }
            } else {
                // Parts of it may have been kept; the model follows what is there.
                model.clear();
                for (std::uint32_t r = queue.first; r != base::kNoIndex;
                     r = pieces.runs()[r].next) {
                    const auto& run = pieces.runs()[r];
                    const std::string kept = pieces.text(run.pieces);
                    for (std::size_t k = 0; k < kept.size(); ++k) {
                        model.emplace(run.seq.value() - start + static_cast<std::uint32_t>(k),
                                      kept[k]);
                    }
                }
            }
            ASSERT_LE(queue.runs, 16U);
            if (random() % 8 == 0) {
                // The gap is filled up to somewhere, and what follows is taken.
                const auto filled = static_cast<std::uint32_t>(1 + random() % 140);
                next += filled;
                std::string expected;
                model.erase(model.begin(), model.lower_bound(next - start));
                for (std::uint32_t at = next - start; model.contains(at); ++at) {
                    expected += model[at];
                    model.erase(at);
                }
                ASSERT_EQ(take(next), expected) << "seed " << seed << " life " << life;
            }
        }
        store.clear(queue);
        ASSERT_TRUE(pieces.nothing_left());
    }
}

}  // namespace
}  // namespace lastack::tcp
