// The acceptability test against the RFC's words, octet by octet, on the grid of F-4.

#include "tcp/window_test.hpp"

#include <gtest/gtest.h>

namespace lastack::tcp {
namespace {

using wire::Seq;

// Four cases by distances alone: `offset` is how far the segment begins beyond RCV.NXT.
bool by_the_rfc(std::int64_t offset, std::int64_t len, std::int64_t window) {
    if (len == 0 && window == 0) return offset == 0;
    if (len == 0) return offset >= 0 && offset < window;
    if (window == 0) return false;
    const std::int64_t last = offset + len - 1;
    return (offset >= 0 && offset < window) || (last >= 0 && last < window);
}

TEST(WindowTest, F_4_the_four_cases_hold_on_the_whole_grid) {
    int checked = 0;
    for (const std::uint32_t nxt : {0U, 0x7fff'ffffU, 0xffff'ffffU, 1'000U}) {
        for (const std::uint32_t window : {0U, 1U, 1U << 14, 1U << 30}) {
            for (const std::uint32_t len : {0U, 1U, 1'460U}) {
                const auto around = static_cast<std::int64_t>(window);
                for (const std::int64_t edge : {std::int64_t{0}, around}) {
                    for (std::int64_t near = -1'462; near <= 1'462; ++near) {
                        const std::int64_t offset = edge + near;
                        const Seq seq = Seq(nxt + static_cast<std::uint32_t>(offset));
                        ASSERT_EQ(acceptable(seq, len, Seq(nxt), window),
                                  by_the_rfc(offset, len, window))
                            << "nxt " << nxt << " window " << window << " len " << len << " offset "
                            << offset;
                        ++checked;
                    }
                }
            }
        }
    }
    EXPECT_EQ(checked, 4 * 4 * 3 * 2 * 2'925);
}

TEST(WindowTest, F_5_the_edges_are_rcv_nxt_itself_and_the_last_number_before_its_end) {
    for (const std::uint32_t nxt : {0U, 1'000U, 0x7fff'ffffU, 0xffff'ffffU, 0xffff'ff00U}) {
        for (const std::uint32_t window : {1U, 2U, 1'460U, 1U << 30}) {
            for (const std::uint32_t len : {0U, 1U}) {
                const auto takes = [&](std::uint32_t offset) {
                    return acceptable(Seq(nxt + offset), len, Seq(nxt), window);
                };
                EXPECT_FALSE(takes(0xffff'ffff)) << "one before";
                EXPECT_TRUE(takes(0));
                EXPECT_TRUE(takes(window - 1));
                EXPECT_FALSE(takes(window));
            }
        }
    }
}

TEST(WindowTest, F_2_half_the_space_away_no_segment_is_acceptable) {
    for (const std::uint32_t nxt : {0U, 0x7fff'ffffU, 0x8000'0000U, 0xffff'ffffU}) {
        for (const std::uint32_t window : {1U, 1U << 16, 1U << 30}) {
            for (const std::uint32_t len : {0U, 1U, 1'460U, 65'535U}) {
                EXPECT_FALSE(acceptable(Seq(nxt + 0x8000'0000U), len, Seq(nxt), window));
            }
        }
    }
}

}  // namespace
}  // namespace lastack::tcp
