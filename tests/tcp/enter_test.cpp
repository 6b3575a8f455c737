// enter(): the only writer of a state, its gauges and its counts; and the timers and stamps that a
// record carries.

#include "tcp/enter.hpp"

#include <gtest/gtest.h>

#include "tcp/timers.hpp"

namespace lastack::tcp {
namespace {

TEST(Enter, J_12_every_edge_is_followed_gauged_and_counted) {
    for (std::size_t i = 0; i < kDiagram.size(); ++i) {
        const Edge& edge = kDiagram[i];
        // A walk from CLOSED to the edge's beginning, by breadth-first search over the list.
        std::array<const Edge*, kStateCount> came_by{};
        std::array<bool, kStateCount> seen{};
        seen[static_cast<std::size_t>(State::Closed)] = true;
        for (std::size_t round = 0; round < kStateCount; ++round) {
            for (const Edge& step : kDiagram) {
                if (!seen[static_cast<std::size_t>(step.from)] ||
                    seen[static_cast<std::size_t>(step.to)]) {
                    continue;
                }
                seen[static_cast<std::size_t>(step.to)] = true;
                came_by[static_cast<std::size_t>(step.to)] = &step;
            }
        }
        std::vector<Cause> walk;
        for (State at = edge.from; at != State::Closed;) {
            const Edge* step = came_by[static_cast<std::size_t>(at)];
            ASSERT_NE(step, nullptr);
            walk.insert(walk.begin(), step->cause);
            at = step->from;
        }
        StateBook book;
        StateCell cell;
        for (const Cause cause : walk) enter(book, cell, cause);
        ASSERT_EQ(cell.get(), edge.from);
        const std::uint64_t before = book.taken(i);
        enter(book, cell, edge.cause);
        EXPECT_EQ(cell.get(), edge.to);
        EXPECT_EQ(book.taken(i), before + 1);
        for (std::size_t state = 1; state < kStateCount; ++state) {
            EXPECT_EQ(book.count(static_cast<State>(state)),
                      static_cast<State>(state) == edge.to ? 1U : 0U);
        }
    }
}

TEST(Enter, J_12_an_edge_that_figure_5_lacks_ends_the_process) {
    StateBook book;
    StateCell cell;
    enter(book, cell, Cause::ActiveOpen);
    EXPECT_DEATH(enter(book, cell, Cause::TwoMsl), "assertion");
}

TEST(Enter, a_state_that_moves_to_another_record_is_counted_once) {
    StateBook book;
    StateCell cell;
    enter_as_child(book, cell);
    StateCell moved;
    move(cell, moved);
    EXPECT_EQ(cell.get(), State::Closed);
    EXPECT_EQ(moved.get(), State::SynReceived);
    EXPECT_EQ(book.count(State::SynReceived), 1U);
}

TEST(Timers, the_earliest_is_found_across_the_wrap_of_the_tick) {
    Timers timers;
    EXPECT_FALSE(timers.earliest());
    timers.arm(Timer::KeepAlive, 100);  // after the wrap
    timers.arm(Timer::Retransmit, 0xffff'fff0);
    ASSERT_TRUE(timers.earliest());
    EXPECT_EQ(timers.earliest()->timer, Timer::Retransmit);
    timers.disarm(Timer::Retransmit);
    EXPECT_EQ(timers.earliest()->deadline_ms, 100U);
    EXPECT_FALSE(timers.due(Timer::KeepAlive, 0xffff'ffff));
    EXPECT_FALSE(timers.due(Timer::KeepAlive, 99));
    EXPECT_TRUE(timers.due(Timer::KeepAlive, 100));
    timers.disarm_all();
    EXPECT_FALSE(timers.earliest());
}

TEST(AnswerStamp, E_9_F_9_one_answer_an_interval_from_tick_zero_on) {
    AnswerStamp stamp;
    EXPECT_TRUE(stamp.claim(0, 500)) << "tick 0 is a time like any other";
    EXPECT_FALSE(stamp.claim(0, 500));
    EXPECT_FALSE(stamp.claim(499, 500));
    EXPECT_TRUE(stamp.claim(500, 500));
    AnswerStamp late;
    EXPECT_TRUE(late.claim(0xffff'ff00, 500));
    EXPECT_FALSE(late.claim(0x10, 500)) << "272 ms later, across the wrap";
    EXPECT_TRUE(late.claim(0xf4, 500));
}

}  // namespace
}  // namespace lastack::tcp
