// Queues of pieces, against a string that does the same.

#include "tcp/piece_list.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/seed.hpp"
#include "tests/tcp/pieces.hpp"

namespace lastack::tcp {
namespace {

TEST(PieceList, drops_from_both_ends_in_the_middle_of_pieces) {
    Pieces pieces;
    PieceStore store = pieces.store();
    PieceList list;
    for (const char* text : {"abc", "defg", "hi"}) ASSERT_TRUE(pieces.append(list, text));
    store.drop_front(list, 4);
    EXPECT_EQ(pieces.text(list), "efghi");
    EXPECT_EQ(pieces.shell.live(), 2U) << "the first buffer has gone";
    store.drop_back(list, 3);
    EXPECT_EQ(pieces.text(list), "ef");
    store.clear(list);
    EXPECT_TRUE(list.empty());
    EXPECT_TRUE(pieces.nothing_left());
}

TEST(PieceList, a_piece_that_straddles_a_cut_is_shared_and_freed_once) {
    Pieces pieces;
    PieceStore store = pieces.store();
    PieceList list;
    ASSERT_TRUE(pieces.append(list, "abcdef"));
    PieceList front = store.take_front(list, 2);
    EXPECT_EQ(pieces.text(front), "ab");
    EXPECT_EQ(pieces.text(list), "cdef");
    EXPECT_EQ(pieces.shell.live(), 1U);
    store.clear(front);
    EXPECT_EQ(pieces.shell.live(), 1U);
    store.clear(list);
    EXPECT_TRUE(pieces.nothing_left());
}

TEST(PieceList, I_42_without_a_piece_for_the_cut_the_front_is_shorter_and_nothing_is_lost) {
    Pieces pieces(2);
    PieceStore store = pieces.store();
    PieceList list;
    ASSERT_TRUE(pieces.append(list, "abc"));
    ASSERT_TRUE(pieces.append(list, "def"));
    EXPECT_FALSE(pieces.append(list, "x"));
    PieceList front = store.take_front(list, 4);
    EXPECT_EQ(pieces.text(front), "abc");
    EXPECT_EQ(pieces.text(list), "def");
    store.clear(front);
    store.clear(list);
    EXPECT_TRUE(pieces.nothing_left());
}

TEST(PieceList, does_what_a_string_does) {
    std::mt19937_64 random(test::seed_or(3));
    Pieces pieces;
    PieceStore store = pieces.store();
    PieceList list;
    std::string model;
    const auto up_to = [&](std::size_t most) {
        return static_cast<std::uint32_t>(random() % (most + 1));
    };
    for (int i = 0; i < 20'000; ++i) {
        switch (random() % 5) {
            case 0:
            case 1: {
                if (pieces.pool().available() < 8) break;
                std::string text(1 + up_to(20), ' ');
                for (char& c : text) c = static_cast<char>('a' + random() % 26);
                ASSERT_TRUE(pieces.append(list, text));
                model += text;
                break;
            }
            case 2: {
                const std::uint32_t count = up_to(std::min<std::size_t>(model.size(), 30));
                store.drop_front(list, count);
                model.erase(0, count);
                break;
            }
            case 3: {
                const std::uint32_t count = up_to(std::min<std::size_t>(model.size(), 30));
                store.drop_back(list, count);
                model.erase(model.size() - count);
                break;
            }
            default: {
                // Cut in two, and joined the other way round.
                const std::uint32_t count = up_to(model.size());
                PieceList front = store.take_front(list, count);
                ASSERT_EQ(pieces.text(front), model.substr(0, count));
                store.splice(list, front);
                model = model.substr(count) + model.substr(0, count);
                break;
            }
        }
        ASSERT_EQ(pieces.text(list), model);
    }
    store.clear(list);
    EXPECT_TRUE(pieces.nothing_left());
}

TEST(PieceListGather, K_33_crumbs_become_few_buffers_of_which_no_two_fit_one) {
    Pieces pieces;
    PieceStore store = pieces.store();
    PieceList list;
    std::string model;
    std::mt19937_64 random(test::seed_or(7));
    for (int round = 0; round < 40; ++round) {
        for (int i = 0; i < 20; ++i) {
            const std::size_t size = random() % 4 == 0 ? 1 + random() % 2'048 : 1 + random() % 9;
            const std::string text(size, static_cast<char>('a' + random() % 26));
            ASSERT_TRUE(pieces.append(list, text));
            model += text;
        }
        ASSERT_TRUE(store.gather(list));
        ASSERT_EQ(pieces.text(list), model);
        std::uint32_t count = 1;
        for (std::uint32_t i = store.head(list); i != list.last;
             i = store.after(list, i), ++count) {
            const auto& piece = pieces.pool()[i];
            EXPECT_GT(piece.len_bytes + pieces.pool()[piece.next].len_bytes, 2'048U);
        }
        EXPECT_EQ(list.pieces, count);
        EXPECT_EQ(pieces.shell.live(), count);
        EXPECT_LE(count, store.fair_pieces(list.bytes) - 63) << "gather() is not due at once again";
        const auto drop = static_cast<std::uint32_t>(random() % model.size());
        store.drop_front(list, drop);
        model.erase(0, drop);
    }
    store.clear(list);
    EXPECT_TRUE(pieces.nothing_left());
}

TEST(PieceListGather, K_39_where_no_buffer_is_left_every_byte_stays) {
    Pieces pieces;
    PieceList list;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(pieces.append(list, "crumb"));
    pieces.shell.limit(5);
    EXPECT_FALSE(pieces.store().gather(list));
    EXPECT_EQ(pieces.text(list), "crumbcrumbcrumbcrumbcrumb");
    pieces.store().clear(list);
    EXPECT_TRUE(pieces.nothing_left());
}

}  // namespace
}  // namespace lastack::tcp
