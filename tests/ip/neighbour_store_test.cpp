// Room in the neighbour cache: who is evicted, what is released, and what a hint may still say.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "ip/neighbours.hpp"
#include "tests/ip/neighbour_cache.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

using base::Counter;
using ip::NeighbourState;
using Answer = ip::Neighbours::Answer;
using Heard = ip::Neighbours::Heard;

TEST(NeighbourStore, I_13_at_capacity_the_least_recently_used_makes_room) {
    NeighbourCache c({.capacity = 4, .waiting_frames = 4, .waiting_each = 3});
    for (const int host : {1, 2, 3, 4}) {
        c.make_reachable(neighbour(host));
        c.now += 1s;
    }
    c.resolve(neighbour(1));  // used again
    c.resolve(neighbour(5));
    EXPECT_EQ(c.count(Counter::ArpEvicted), 1U);
    EXPECT_EQ(c.state(neighbour(2)), NeighbourState::Free);
    for (const int host : {1, 3, 4, 5}) {
        EXPECT_NE(c.state(neighbour(host)), NeighbourState::Free) << host;
    }
}

TEST(NeighbourStore, I_36_a_scan_may_hold_half_the_cache_and_pushes_out_nobody_in_use) {
    NeighbourCache c({.capacity = 8, .waiting_frames = 4, .waiting_each = 3});
    for (const int host : {1, 2, 3, 4}) c.make_reachable(neighbour(host));
    for (int host = 100; host < 200; ++host) c.resolve(neighbour(host));
    for (const int host : {1, 2, 3, 4}) {
        EXPECT_EQ(c.state(neighbour(host)), NeighbourState::Reachable) << host;
    }
    EXPECT_EQ(c.cache.in_use(), 8U);
    EXPECT_EQ(c.state(neighbour(199)), NeighbourState::Incomplete);
    EXPECT_EQ(c.state(neighbour(195)), NeighbourState::Free);
    EXPECT_EQ(c.count(Counter::ArpEvicted), 96U);
}

TEST(NeighbourStore, J_36_eviction_releases_what_waited) {
    NeighbourCache c({.capacity = 2, .waiting_frames = 4, .waiting_each = 3});
    c.wait(neighbour(1), 1);
    c.resolve(neighbour(2));
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Free);
    EXPECT_EQ(c.buffers.held(), 0);
    EXPECT_EQ(c.count(Counter::IpOutDiscards), 1U);
}

TEST(NeighbourStore, a_cache_of_one_still_works) {
    NeighbourCache c({.capacity = 1, .waiting_frames = 1, .waiting_each = 1});
    c.make_reachable(neighbour(1));
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Known);
    c.make_reachable(neighbour(2));
    EXPECT_EQ(c.resolve(neighbour(2)), Answer::Known);
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Free);
}

TEST(NeighbourStore, I_41_a_link_that_goes_down_forgets_its_neighbours_and_no_others) {
    NeighbourCache c;
    c.make_reachable(neighbour(1, 0));
    c.wait(neighbour(2, 0), 1);
    c.make_reachable(neighbour(1, 1));
    c.cache.forget(0);
    EXPECT_EQ(c.cache.in_use(), 1U);
    EXPECT_EQ(c.state(neighbour(1, 1)), NeighbourState::Reachable);
    EXPECT_EQ(c.buffers.held(), 0);
}

TEST(NeighbourStore, a_hint_is_followed_only_to_the_neighbour_it_was_made_for) {
    NeighbourCache c({.capacity = 1, .waiting_frames = 1, .waiting_each = 1});
    c.make_reachable(neighbour(1), kMacA);
    ip::NeighbourHint hint = c.hint_of(neighbour(1));
    c.make_reachable(neighbour(2), kMacB);  // in the same slot

    const auto found = c.cache.resolve(neighbour(1), hint, c.now);
    EXPECT_EQ(found.answer, Answer::Ask) << "the hint must not lead to neighbour 2";
    EXPECT_NE(hint, ip::kNoNeighbour);
}

TEST(NeighbourStore, a_hint_of_another_next_hop_is_corrected) {
    NeighbourCache c;
    c.make_reachable(neighbour(1), kMacA);
    c.make_reachable(neighbour(2), kMacB);
    ip::NeighbourHint hint = c.hint_of(neighbour(1));
    const auto found = c.cache.resolve(neighbour(2), hint, c.now);
    EXPECT_EQ(c.cache.mac(found.slot), kMacB);
    EXPECT_EQ(hint, c.hint_of(neighbour(2)));
}

TEST(NeighbourStore, an_outdated_or_invented_hint_confirms_nobody) {
    NeighbourCache c({.capacity = 1, .waiting_frames = 1, .waiting_each = 1});
    c.make_reachable(neighbour(1));
    const ip::NeighbourHint old = c.hint_of(neighbour(1));
    c.cache.forget(0);
    c.cache.learn(neighbour(2), kMacB, Heard::Request, c.now);  // STALE, in the same slot
    c.cache.confirm(old, c.now);
    c.cache.confirm(ip::kNoNeighbour, c.now);
    c.cache.confirm(12'345, c.now);
    EXPECT_EQ(c.state(neighbour(2)), NeighbourState::Stale);
}

TEST(NeighbourStore, a_listing_goes_on_where_it_stopped_and_shows_each_once) {
    NeighbourCache c;
    for (const int host : {1, 2, 3, 4, 5}) c.make_reachable(neighbour(host));
    c.now += 2s;
    std::map<std::uint32_t, int> seen;
    std::array<ip::NeighbourRow, 2> page;
    for (std::uint32_t at = 0; at < c.cache.capacity();) {
        const auto listed = c.cache.list(at, page, c.now);
        for (std::size_t i = 0; i < listed.rows; ++i) {
            ++seen[page[i].key.address.value];
            EXPECT_EQ(page[i].idle_ms, 2'000U);
            EXPECT_EQ(page[i].mac, kMacA);
        }
        at = listed.next;
    }
    EXPECT_EQ(seen.size(), 5U);
    for (const auto& [address, times] : seen) EXPECT_EQ(times, 1) << address;
}

// Against a map of what should be there: nothing is lost but by eviction, nothing leaks, no
// deadline is forgotten.
TEST(NeighbourStore, any_history_keeps_its_promises) {
    std::mt19937_64 random(seed_or(7));
    NeighbourCache c({.capacity = 6, .waiting_frames = 5, .waiting_each = 2});
    for (int step = 0; step < 20'000; ++step) {
        const auto who =
            neighbour(static_cast<int>(random() % 12), static_cast<std::uint8_t>(random() % 2));
        switch (random() % 7) {
            case 0:
                c.resolve(who);
                break;
            case 1: {
                ip::NeighbourHint hint = static_cast<ip::NeighbourHint>(random());
                const auto found = c.cache.resolve(who, hint, c.now);
                if (found.answer == Answer::Ask || found.answer == Answer::Wait) c.wait(who, 1);
                break;
            }
            case 2:
            case 3: {
                const auto slot = c.cache.learn(who, random() % 2 == 0 ? kMacA : kMacB,
                                                static_cast<Heard>(random() % 3), c.now);
                if (slot != base::kNoIndex) c.take_waiting(slot);
                break;
            }
            case 4:
                c.cache.confirm(c.hint_of(who), c.now);
                break;
            case 5:
                c.now += std::chrono::milliseconds(random() % 4'000);
                break;
            case 6:
                if (random() % 50 == 0) c.cache.forget(who.interface);
                break;
        }
        c.due();
        ASSERT_EQ(c.buffers.held(), static_cast<int>(c.cache.waiting_frames()));
        ASSERT_EQ(c.rows().size(), c.cache.in_use());
        ASSERT_LE(c.cache.in_use(), 6U);
        ASSERT_TRUE(c.cache.in_use() == 0 || c.cache.deadline() > c.now);
        ASSERT_EQ(c.cache.in_use() == 0, !c.cache.deadline().has_value());
    }
    // Left alone, everything is forgotten in the end.
    for (int second = 0; second < 120; ++second) {
        c.now += 1s;
        c.due();
    }
    EXPECT_EQ(c.cache.in_use(), 0U);
    EXPECT_EQ(c.buffers.held(), 0);
}

}  // namespace
}  // namespace lastack::test
