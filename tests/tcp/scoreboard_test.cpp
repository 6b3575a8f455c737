// The scoreboard against a naive one: a flag for each octet, and the words of RFC 6675 for each
// question.

#include "tcp/scoreboard.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "tests/support/seed.hpp"
#include "tests/tcp/pieces.hpp"

namespace lastack::tcp {
namespace {

using Result = ScoreboardStore::Result;
using wire::SackBlock;
using wire::Seq;

// Octets are counted from `base_` on; nothing here knows of sequence numbers or of runs.
class Naive {
  public:
    explicit Naive(std::size_t octets) : arrived_(octets) {}

    std::size_t una = 0;
    std::size_t max = 0;
    std::size_t high_rxt = 0;
    std::size_t smss = 100;

    bool learn(std::size_t left, std::size_t right) {
        bool news = false;
        for (std::size_t i = left; i < right; ++i) {
            news = news || !arrived_[i];
            arrived_[i] = true;
        }
        return news;
    }
    void forget() { arrived_.assign(arrived_.size(), false); }
    bool has(std::size_t i) const { return arrived_[i]; }

    // "DupThresh discontiguous SACKed sequences have arrived above SeqNum or more than
    // (DupThresh - 1) * SMSS bytes with sequence numbers greater than SeqNum have been SACKed."
    bool is_lost(std::size_t seq) const {
        std::size_t sequences = 0;
        std::size_t bytes = 0;
        for (std::size_t i = seq + 1; i < max; ++i) {
            if (!arrived_[i]) continue;
            ++bytes;
            if (!arrived_[i - 1]) ++sequences;
        }
        return sequences >= 3 || bytes > 2 * smss;
    }
    std::size_t pipe() const {
        std::size_t pipe = 0;
        for (std::size_t i = una; i < max; ++i) {
            if (arrived_[i]) continue;
            if (!is_lost(i)) ++pipe;
            if (i < high_rxt) ++pipe;
        }
        return pipe;
    }
    std::size_t highest_arrived() const {
        std::size_t highest = una;
        for (std::size_t i = una; i < max; ++i) {
            if (arrived_[i]) highest = i;
        }
        return highest;
    }
    std::size_t count(std::size_t from, std::size_t to) const {
        std::size_t count = 0;
        for (std::size_t i = from; i < to; ++i) count += arrived_[i] ? 1U : 0U;
        return count;
    }

  private:
    std::vector<bool> arrived_;
};

class ScoreboardTest : public testing::Test {
  protected:
    static constexpr std::uint16_t kRuns = 64;
    Pieces pieces;
    ScoreboardStore store{pieces.sacked()};
    Scoreboard board;

    Result learn(std::uint32_t left, std::uint32_t right, std::uint16_t max_runs = kRuns) {
        return store.learn(board, {Seq(left), Seq(right)}, max_runs);
    }
    std::string runs() const {
        std::string text;
        for (std::uint32_t i = board.first; i != base::kNoIndex; i = store.pool[i].next) {
            text += std::to_string(store.pool[i].left.value()) + '-' +
                    std::to_string(store.pool[i].right.value()) + ' ';
        }
        return text;
    }
    void forget() {
        store.forget(board);
        EXPECT_EQ(pieces.sacked().in_use(), 0U);
    }
};

// All answers of both boards, octet by octet.
void compare(const ScoreboardStore& store, const Scoreboard& board, const Naive& naive, Seq base) {
    const auto seq = [base](std::size_t at) { return base + static_cast<std::uint32_t>(at); };
    const auto smss = static_cast<std::uint32_t>(naive.smss);
    const SentRange sent{seq(naive.una), seq(naive.max)};
    ASSERT_EQ(board.bytes, naive.count(naive.una, naive.max));
    ASSERT_EQ(store.pipe(board, sent, seq(naive.high_rxt), smss), naive.pipe());
    if (!board.empty()) {
        ASSERT_EQ(board.first_is_lost(smss), naive.is_lost(naive.una));
    }
    const std::size_t highest = naive.highest_arrived();
    for (std::size_t from = naive.una; from < naive.max; ++from) {
        std::size_t expected = from;
        while (expected < highest && naive.has(expected)) ++expected;
        const auto hole = store.hole_from(board, seq(from), smss);
        ASSERT_EQ(hole.has_value(), expected < highest) << from;
        if (hole) {
            ASSERT_EQ(hole->left, seq(expected));
            ASSERT_EQ(hole->lost, naive.is_lost(expected));
            std::size_t end = expected;
            while (!naive.has(end)) ++end;
            ASSERT_EQ(hole->right, seq(end));
        }
        std::size_t behind = from;
        while (behind < naive.max && naive.has(behind)) ++behind;
        ASSERT_EQ(store.skip(board, seq(from)), seq(behind));
        ASSERT_EQ(store.arrived_below(board, seq(from)), naive.count(naive.una, from));
    }
    std::size_t last = naive.max;
    while (last > naive.una && naive.has(last - 1)) --last;
    std::size_t first = last;
    while (first > naive.una && !naive.has(first - 1)) --first;
    const auto highest_hole = store.highest_hole(board, sent);
    ASSERT_EQ(highest_hole.left, seq(first));
    ASSERT_EQ(highest_hole.right, seq(last));
}

TEST_F(ScoreboardTest, H_13_islost_pipe_and_nextseg_are_those_of_a_naive_board) {
    std::mt19937_64 random(test::seed_or(6'675));
    const auto up_to = [&random](std::size_t most) { return random() % (most + 1); };
    const char* const is_long = std::getenv("LASTACK_LONG");
    const int rounds = is_long != nullptr && std::string_view(is_long) == "1" ? 40 : 4;
    for (int round = 0; round < rounds; ++round) {
        const Seq base(round % 2 == 0 ? static_cast<std::uint32_t>(random())
                                      : 0U - static_cast<std::uint32_t>(up_to(700)));
        Naive naive(4'000);
        naive.max = 200 + up_to(600);
        naive.smss = 1 + up_to(150);
        naive.high_rxt = naive.una;
        for (int step = 0; step < 60 && naive.una < naive.max; ++step) {
            const std::size_t left = naive.una + up_to(naive.max - naive.una);
            const std::size_t right = left + up_to(std::min<std::size_t>(naive.max - left, 60));
            const SackBlock block{base + static_cast<std::uint32_t>(left),
                                  base + static_cast<std::uint32_t>(right)};
            const SentRange sent{base + static_cast<std::uint32_t>(naive.una),
                                 base + static_cast<std::uint32_t>(naive.max)};
            ASSERT_EQ(believable(block, sent), left > naive.una && left < right);
            if (left > naive.una && left < right) {
                const Result result = store.learn(board, block, 1'000);
                ASSERT_EQ(result == Result::News, naive.learn(left, right));
            }
            if (up_to(4) == 0) naive.high_rxt = naive.una + up_to(naive.max - naive.una);
            if (up_to(3) == 0 && naive.max < 3'900) naive.max += up_to(100);
            if (up_to(9) == 0) {
                naive.una += up_to(std::min<std::size_t>(naive.max - naive.una, 90));
                const bool reneges = naive.una < naive.max && naive.has(naive.una);
                ASSERT_EQ(store.advance(board, base + static_cast<std::uint32_t>(naive.una)),
                          !reneges);
                if (reneges) naive.forget();
            }
            ASSERT_NO_FATAL_FAILURE(compare(store, board, naive, base)) << round << '/' << step;
        }
        store.forget(board);
        ASSERT_EQ(pieces.sacked().in_use(), 0U);
    }
}

TEST_F(ScoreboardTest, F_21_a_block_is_believed_where_both_edges_lie_beyond_snd_una_and_in_order) {
    for (const std::uint32_t una : {1'000U, 0xffff'ff00U, 0x7fff'ff00U}) {
        const SentRange sent{Seq(una), Seq(una + 500)};
        const auto believed = [&](std::uint32_t left, std::uint32_t right) {
            return believable({Seq(una + left), Seq(una + right)}, sent);
        };
        EXPECT_TRUE(believed(1, 2));
        EXPECT_TRUE(believed(1, 500)) << "SND.MAX itself: a right edge is the number behind";
        EXPECT_TRUE(believed(499, 500));
        EXPECT_FALSE(believed(0, 500)) << "SND.UNA has not arrived: the ACK field says so";
        EXPECT_FALSE(believed(1, 501));
        EXPECT_FALSE(believed(500, 501));
        EXPECT_FALSE(believed(100, 100));
        EXPECT_FALSE(believed(200, 100));
        EXPECT_FALSE(believed(static_cast<std::uint32_t>(-10), 10));
        EXPECT_FALSE(believed(static_cast<std::uint32_t>(-10), static_cast<std::uint32_t>(-5)));
        EXPECT_FALSE(believed(10, 0x8000'0010));
        EXPECT_FALSE(believed(0x8000'0010, 0x8000'0020));
    }
}

TEST_F(ScoreboardTest, H_13_runs_that_touch_are_one) {
    EXPECT_EQ(learn(100, 110), Result::News);
    EXPECT_EQ(learn(120, 130), Result::News);
    EXPECT_EQ(learn(140, 150), Result::News);
    EXPECT_EQ(learn(110, 120), Result::News);
    EXPECT_EQ(runs(), "100-130 140-150 ");
    EXPECT_EQ(learn(105, 125), Result::Known);
    EXPECT_EQ(learn(90, 160), Result::News);
    EXPECT_EQ(runs(), "90-160 ");
    EXPECT_EQ(board.bytes, 70U);
    forget();
}

TEST_F(ScoreboardTest, H_13_a_full_board_forgets_the_block_and_grows_no_further) {
    EXPECT_EQ(learn(100, 110, 2), Result::News);
    EXPECT_EQ(learn(120, 130, 2), Result::News);
    EXPECT_EQ(learn(140, 150, 2), Result::NoRoom);
    EXPECT_EQ(learn(130, 135, 2), Result::News) << "to lengthen one is no new one";
    EXPECT_EQ(runs(), "100-110 120-135 ");
    forget();
}

TEST_F(ScoreboardTest, H_13_a_pool_that_is_empty_costs_advice_and_nothing_else) {
    for (std::uint32_t i = 0; i < pieces.sacked().capacity(); ++i) {
        ASSERT_EQ(learn(100 + 10 * i, 105 + 10 * i, 0xffff), Result::News);
    }
    Scoreboard other;
    EXPECT_EQ(store.learn(other, {Seq(7), Seq(9)}, kRuns), Result::NoRoom);
    EXPECT_TRUE(other.empty());
    EXPECT_TRUE(store.advance(other, Seq(8)));
    forget();
}

TEST_F(ScoreboardTest, H_15_a_peer_that_acknowledges_less_than_it_said_to_hold_has_reneged) {
    learn(100, 200);
    learn(300, 400);
    EXPECT_TRUE(store.advance(board, Seq(99)));
    EXPECT_TRUE(store.advance(board, Seq(200)));
    EXPECT_EQ(runs(), "300-400 ");
    EXPECT_FALSE(store.advance(board, Seq(300))) << "300 is asked for, and was said to be there";
    EXPECT_TRUE(board.empty());
    learn(500, 600);
    EXPECT_FALSE(store.advance(board, Seq(599)));
    forget();
}

}  // namespace
}  // namespace lastack::tcp
