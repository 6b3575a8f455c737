// The neighbour cache's states over virtual time, both sides of every deadline.
#include "ip/neighbours.hpp"

#include <gtest/gtest.h>

#include "tests/ip/neighbour_cache.hpp"

namespace lastack::test {
namespace {

using base::Counter;
using ip::NeighbourState;
using Answer = ip::Neighbours::Answer;
using Heard = ip::Neighbours::Heard;

constexpr auto kBefore = std::chrono::nanoseconds(1);

TEST(Neighbours, I_12_an_unknown_neighbour_is_asked_for_once_and_then_waited_for) {
    NeighbourCache c;
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Ask);
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Wait);
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Wait);
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Incomplete);
}

TEST(Neighbours, I_12_the_question_is_repeated_every_second_three_times_in_all_to_everybody) {
    NeighbourCache c;
    ASSERT_EQ(c.resolve(neighbour(1)), Answer::Ask);  // the first
    for (int repeated = 0; repeated < 2; ++repeated) {
        EXPECT_EQ(c.cache.deadline(), c.now + 1s);
        c.now += 1s - kBefore;
        EXPECT_TRUE(c.due().empty());
        c.now += kBefore;
        const auto questions = c.due();
        ASSERT_EQ(questions.size(), 1U);
        EXPECT_EQ(questions[0].key, neighbour(1));
        EXPECT_FALSE(questions[0].unicast.has_value());
    }
}

TEST(Neighbours, I_12_after_three_tries_it_has_failed_and_nobody_asks_for_three_seconds) {
    NeighbourCache c;
    c.resolve(neighbour(1));
    for (int second = 0; second < 2; ++second) {
        c.now += 1s;
        c.due();
    }
    c.now += 1s - kBefore;
    c.due();
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Wait);
    c.now += kBefore;
    EXPECT_TRUE(c.due().empty());
    EXPECT_EQ(c.count(Counter::ArpResolveFailures), 1U);
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Failed);

    c.now += 3s - kBefore;
    c.due();
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Failed);
    c.now += kBefore;
    c.due();
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Ask) << "the negative entry is gone";
}

TEST(Neighbours, I_12_a_failed_neighbour_that_speaks_is_known_at_once) {
    NeighbourCache c;
    c.resolve(neighbour(1));
    for (int second = 0; second < 3; ++second) {
        c.now += 1s;
        c.due();
    }
    ASSERT_EQ(c.resolve(neighbour(1)), Answer::Failed);
    c.cache.learn(neighbour(1), kMacA, Heard::Broadcast, c.now);
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Known);
}

TEST(Neighbours, I_12_an_answer_makes_it_reachable) {
    NeighbourCache c;
    c.resolve(neighbour(1));
    c.cache.learn(neighbour(1), kMacA, Heard::Answer, c.now);
    ip::NeighbourHint hint = ip::kNoNeighbour;
    const auto found = c.cache.resolve(neighbour(1), hint, c.now);
    EXPECT_EQ(found.answer, Answer::Known);
    EXPECT_EQ(c.cache.mac(found.slot), kMacA);
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Reachable);
}

TEST(Neighbours, I_13_it_stays_reachable_for_the_configured_time_to_the_nanosecond) {
    NeighbourCache c({.capacity = 4, .waiting_frames = 4, .waiting_each = 3, .reachable = 45s});
    c.make_reachable(neighbour(1));
    c.now += 45s - kBefore;
    c.due();
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Reachable);
    c.now += kBefore;
    c.due();
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Stale);
}

TEST(Neighbours, I_13_progress_of_tcp_keeps_it_reachable_without_a_question) {
    NeighbourCache c;
    c.make_reachable(neighbour(1));
    const auto hint = c.hint_of(neighbour(1));
    for (int i = 0; i < 10; ++i) {
        c.now += 29s;
        EXPECT_TRUE(c.due().empty());
        c.cache.confirm(hint, c.now);
    }
    c.now += 30s - kBefore;
    c.due();
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Reachable);
    c.now += kBefore;
    c.due();
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Stale);
}

TEST(Neighbours, D_19_one_in_doubt_is_asked_at_once_and_kept_where_it_answers) {
    NeighbourCache c;
    c.make_reachable(neighbour(1));
    const auto hint = c.hint_of(neighbour(1));
    c.now += 10s;
    c.cache.doubt(hint, c.now - 3s, c.now);
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Probe);
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Known) << "it is sent to meanwhile";
    const auto questions = c.due();
    ASSERT_EQ(questions.size(), 1U);
    EXPECT_EQ(questions[0].unicast, kMacA);
    c.cache.doubt(hint, c.now - 3s, c.now);
    EXPECT_TRUE(c.due().empty()) << "it is being asked";
    c.cache.learn(neighbour(1), kMacA, Heard::Answer, c.now);
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Reachable);
}

TEST(Neighbours, D_19_one_in_doubt_that_does_not_answer_is_forgotten) {
    NeighbourCache c;
    c.make_reachable(neighbour(1));
    const auto hint = c.hint_of(neighbour(1));
    c.now += 10s;
    c.cache.doubt(hint, c.now - 3s, c.now);
    for (int i = 0; i < 4; ++i) {
        c.due();
        c.now += 1s;
    }
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Free);
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Ask) << "everybody is asked";
}

TEST(Neighbours, D_19_one_confirmed_since_is_not_doubted) {
    NeighbourCache c;
    c.make_reachable(neighbour(1));
    const auto hint = c.hint_of(neighbour(1));
    c.now += 10s;
    c.cache.confirm(hint, c.now - 2s);
    c.cache.doubt(hint, c.now - 3s, c.now);
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Reachable);
    c.cache.doubt(ip::kNoNeighbour, c.now - 3s, c.now);
    c.cache.doubt(12'345, c.now - 3s, c.now);
    EXPECT_TRUE(c.due().empty());
}

TEST(Neighbours, I_13_a_stale_one_is_used_at_once_and_asked_alone_five_seconds_later) {
    NeighbourCache c;
    c.make_reachable(neighbour(1));
    c.now += 30s;
    c.due();
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Known);
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Probe);
    c.now += 5s - kBefore;
    EXPECT_TRUE(c.due().empty());
    c.now += kBefore;
    const auto questions = c.due();
    ASSERT_EQ(questions.size(), 1U);
    EXPECT_EQ(questions[0].unicast, kMacA);
}

TEST(Neighbours, I_13_three_unanswered_unicast_questions_delete_it_and_the_next_goes_to_all) {
    NeighbourCache c;
    c.make_reachable(neighbour(1));
    c.now += 30s;
    c.due();
    c.resolve(neighbour(1));
    c.now += 5s;
    std::size_t asked = c.due().size();
    for (int second = 0; second < 2; ++second) {
        c.now += 1s;
        asked += c.due().size();
    }
    EXPECT_EQ(asked, 3U);
    c.now += 1s - kBefore;
    c.due();
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Known);
    c.now += kBefore;
    EXPECT_TRUE(c.due().empty());
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Free);
    EXPECT_EQ(c.resolve(neighbour(1)), Answer::Ask);
}

TEST(Neighbours, I_13_an_answered_probe_and_tcp_progress_both_end_the_probing) {
    NeighbourCache answered;
    answered.make_reachable(neighbour(1));
    answered.now += 30s;
    answered.due();
    answered.resolve(neighbour(1));
    answered.cache.learn(neighbour(1), kMacA, Heard::Answer, answered.now);
    EXPECT_EQ(answered.state(neighbour(1)), NeighbourState::Reachable);

    NeighbourCache confirmed;
    confirmed.make_reachable(neighbour(1));
    confirmed.now += 30s;
    confirmed.due();
    confirmed.cache.confirm(confirmed.hint_of(neighbour(1)), confirmed.now);
    EXPECT_EQ(confirmed.state(neighbour(1)), NeighbourState::Reachable);
    confirmed.now += 5s;
    EXPECT_TRUE(confirmed.due().empty());
}

TEST(Neighbours, I_13_a_stale_one_that_nobody_uses_is_forgotten_after_a_minute) {
    NeighbourCache c;
    c.make_reachable(neighbour(1));
    c.now += 30s;
    c.due();
    c.now += 60s - kBefore;
    c.due();
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Stale);
    c.now += kBefore;
    EXPECT_TRUE(c.due().empty()) << "forgetting asks nobody";
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Free);
    EXPECT_EQ(c.cache.deadline(), std::nullopt);
}

TEST(Neighbours, I_13_a_new_mac_is_taken_over_and_doubted) {
    NeighbourCache c;
    c.make_reachable(neighbour(1), kMacA);
    c.cache.learn(neighbour(1), kMacB, Heard::Broadcast, c.now);
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Stale);
    ASSERT_EQ(c.rows().size(), 1U);
    EXPECT_EQ(c.rows()[0].mac, kMacB);
}

TEST(Neighbours, I_11_a_known_sender_with_the_mac_it_had_changes_nothing) {
    NeighbourCache c;
    c.make_reachable(neighbour(1), kMacA);
    c.cache.learn(neighbour(1), kMacA, Heard::Broadcast, c.now);
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Reachable);
}

TEST(Neighbours, I_11_a_request_to_us_makes_an_entry_and_nothing_else_does) {
    NeighbourCache c;
    c.cache.learn(neighbour(1), kMacA, Heard::Request, c.now);
    c.cache.learn(neighbour(2), kMacA, Heard::Answer, c.now);
    c.cache.learn(neighbour(3), kMacA, Heard::Broadcast, c.now);  // I-15: gratuitous
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Stale);
    EXPECT_EQ(c.state(neighbour(2)), NeighbourState::Free);
    EXPECT_EQ(c.state(neighbour(3)), NeighbourState::Free);
}

TEST(Neighbours, an_unasked_answer_does_not_make_a_stale_one_reachable) {
    NeighbourCache c;
    c.cache.learn(neighbour(1), kMacA, Heard::Request, c.now);
    c.cache.learn(neighbour(1), kMacB, Heard::Answer, c.now);
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Stale);
}

TEST(Neighbours, the_same_address_on_two_interfaces_is_two_neighbours) {
    NeighbourCache c;
    c.make_reachable(neighbour(1, 0));
    EXPECT_EQ(c.resolve(neighbour(1, 1)), Answer::Ask);
}

TEST(Neighbours, work_does_one_thing_a_call_and_late_work_is_not_done_twice) {
    NeighbourCache c;
    c.resolve(neighbour(1));
    c.resolve(neighbour(2));
    c.now += 10s;
    EXPECT_TRUE(c.cache.work(c.now).did);
    EXPECT_TRUE(c.cache.work(c.now).did);
    EXPECT_FALSE(c.cache.work(c.now).did) << "one question per second and neighbour, however late";
    EXPECT_EQ(c.cache.deadline(), c.now + 1s);
}

TEST(Neighbours, I_12_what_waits_is_handed_over_in_order_when_the_answer_comes) {
    NeighbourCache c;
    for (const int mark : {1, 2, 3}) c.wait(neighbour(1), mark);
    EXPECT_EQ(c.buffers.held(), 3);
    const auto slot = c.cache.learn(neighbour(1), kMacA, Heard::Answer, c.now);
    ASSERT_NE(slot, base::kNoIndex);
    EXPECT_EQ(c.take_waiting(slot), (std::vector{1, 2, 3}));
    EXPECT_EQ(c.buffers.held(), 0);
    EXPECT_EQ(c.cache.waiting_frames(), 0U);
}

TEST(Neighbours, what_waits_goes_out_when_any_arp_tells_the_mac_and_that_is_a_use) {
    NeighbourCache c;
    c.wait(neighbour(1), 7);
    const auto slot = c.cache.learn(neighbour(1), kMacA, Heard::Request, c.now);
    ASSERT_NE(slot, base::kNoIndex);
    EXPECT_EQ(c.state(neighbour(1)), NeighbourState::Probe);
    EXPECT_EQ(c.take_waiting(slot), (std::vector{7}));
}

TEST(Neighbours, I_12_of_one_neighbour_only_so_many_wait_and_the_latest_are_kept) {
    NeighbourCache c;  // three each
    for (const int mark : {1, 2, 3, 4, 5}) c.wait(neighbour(1), mark);
    EXPECT_EQ(c.count(Counter::ArpWaitDrops), 2U);
    EXPECT_EQ(c.count(Counter::IpOutDiscards), 2U);
    EXPECT_EQ(c.buffers.held(), 3);
    EXPECT_EQ(c.take_waiting(c.cache.learn(neighbour(1), kMacA, Heard::Answer, c.now)),
              (std::vector{3, 4, 5}));
}

TEST(Neighbours, I_12_of_all_together_only_so_many_wait) {
    NeighbourCache c({.capacity = 8, .waiting_frames = 2, .waiting_each = 2});
    c.wait(neighbour(1), 1);
    c.wait(neighbour(2), 2);
    c.wait(neighbour(3), 3);  // no room, and none of its own to give
    c.wait(neighbour(2), 4);  // takes the place of 2
    EXPECT_EQ(c.count(Counter::ArpWaitDrops), 2U);
    EXPECT_EQ(c.cache.waiting_frames(), 2U);
    EXPECT_EQ(c.take_waiting(c.cache.learn(neighbour(1), kMacA, Heard::Answer, c.now)),
              (std::vector{1}));
    EXPECT_EQ(c.take_waiting(c.cache.learn(neighbour(2), kMacA, Heard::Answer, c.now)),
              (std::vector{4}));
    EXPECT_EQ(c.cache.learn(neighbour(3), kMacA, Heard::Answer, c.now), base::kNoIndex);
    EXPECT_EQ(c.buffers.held(), 0);
}

TEST(Neighbours, J_36_what_waits_is_released_when_nobody_answers) {
    NeighbourCache c;
    c.wait(neighbour(1), 1);
    c.wait(neighbour(1), 2);
    for (int second = 0; second < 3; ++second) {
        c.now += 1s;
        c.due();
    }
    EXPECT_EQ(c.buffers.held(), 0);
    EXPECT_EQ(c.count(Counter::IpOutDiscards), 2U);
    EXPECT_EQ(c.cache.waiting_frames(), 0U);
}

}  // namespace
}  // namespace lastack::test
