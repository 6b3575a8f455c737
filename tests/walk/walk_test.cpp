// The state x event walk: every row of the tables is played on a Host and compared (issue 3,
// proof 2).

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/walk/cell.hpp"
#include "tests/walk/stage.hpp"

namespace lastack::test::walk {
namespace {

using base::Counter;

// Counters of ends and of refusals: a row has to name every one of them that moves.
constexpr std::array kToBeNamed{
    Counter::TCPAbortOnData,    Counter::TCPAbortOnClose,   Counter::TCPAbortOnMemory,
    Counter::TCPAbortOnTimeout, Counter::TCPAbortOnLinger,  Counter::TCPAbortByApplication,
    Counter::OrphanKilled,      Counter::TimeWaitEntered,   Counter::TimeWaitExpired,
    Counter::TimeWaitReopened,  Counter::TimeWaitReturned,  Counter::TimeWaitResetByPeer,
    Counter::TimeWaitAborted,   Counter::TimeWaitRestarted, Counter::TCPTimeWaitOverflow,
    Counter::FinWait1Timeout,   Counter::ClosingTimeout,    Counter::LastAckTimeout,
    Counter::CloseWaitTimeout,  Counter::LingerExpired,     Counter::FinWait2Timeout,
    Counter::SynRecvTimeouts,   Counter::EstabResets,       Counter::AttemptFails,
    Counter::SimultaneousClose, Counter::TCPChallengeACK,   Counter::StaleHandle,
    Counter::OutOfWindowIcmps,
};

class Walk : public testing::TestWithParam<Cell> {
  protected:
    using Numbers = std::array<std::uint64_t, base::kCounterCount>;

    Stage stage_;

    Numbers counters() {
        Numbers numbers{};
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            numbers[i] = stage_.host().count(static_cast<Counter>(i));
        }
        return numbers;
    }

    Trace expected_answers(const Cell& cell) const {
        Trace trace;
        for (const std::string& text : parts_of(cell.answer, ',')) {
            trace.push_back(stage_.segment(text));
        }
        return trace;
    }

    // SACK blocks are compared where the row names one.
    static void compare_answers(const Trace& answers, const Trace& expected) {
        ASSERT_EQ(answers, expected);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const wire::TcpOptions& options = expected[i].options;
            if (options.sack_count == 0) continue;
            EXPECT_EQ(answers[i].options.sack_count, options.sack_count);
            EXPECT_EQ(answers[i].options.sack[0].left, options.sack[0].left);
            EXPECT_EQ(answers[i].options.sack[0].right, options.sack[0].right);
        }
    }

    void compare_state(const Cell& cell, const std::string& before) {
        const std::string after = stage_.state();
        if (cell.after == "=") {
            EXPECT_EQ(after, before);
        } else if (cell.after == "CLOSED" && !cell.id.starts_with("LISTEN")) {
            EXPECT_TRUE(after == "CLOSED" || after == "LISTEN") << after;  // no record
        } else {
            EXPECT_EQ(after, cell.after);
        }
    }

    void compare_counters(const Cell& cell, const Numbers& before) {
        const Numbers after = counters();
        Numbers expected{};
        Numbers named{};
        for (std::string name : parts_of(cell.counters, ' ')) {
            std::uint64_t times = 1;
            if (name.ends_with("*2")) {
                times = 2;
                name.resize(name.size() - 2);
            }
            const auto info = std::ranges::find(base::kCounters, name, &base::CounterInfo::name);
            ASSERT_NE(info, base::kCounters.end()) << "no such counter: " << name;
            const auto index = static_cast<std::size_t>(info - base::kCounters.begin());
            expected[index] = times;
            named[index] = 1;
        }
        for (const Counter counter : kToBeNamed) {
            // Section B calls the answers of TIME-WAIT just ACKs, throttled.
            if (counter == Counter::TCPChallengeACK && cell.id.starts_with("TW")) continue;
            named[static_cast<std::size_t>(counter)] = 1;
        }
        for (std::size_t i = 0; i < named.size(); ++i) {
            if (named[i] == 0) continue;
            EXPECT_EQ(after[i] - before[i], expected[i]) << base::kCounters[i].name;
        }
    }

    void play(const Cell& cell) {
        stage_.prepare(cell.given);
        if (HasFatalFailure()) return;
        const std::string state = stage_.state();
        const std::string timer = stage_.timer();
        const Numbers before = counters();
        const Trace expected = cell.answer == "*" ? Trace{} : expected_answers(cell);
        stage_.happen(cell.event);
        const Trace answers = stage_.host().sent();
        if (cell.answer != "*") compare_answers(answers, expected);
        compare_state(cell, state);
        EXPECT_EQ(stage_.app().events, parts_of(cell.told, ','));
        compare_counters(cell, before);
        if (cell.timer != "*") {
            EXPECT_EQ(stage_.timer(), cell.timer == "=" ? timer : cell.timer);
        }
        stage_.tear_down();
    }
};

// What a row cannot say: the options of the SYN, once more.
TEST(WalkOptions, SYNS_T01_the_syn_again_has_the_same_options_and_a_later_time_stamp) {
    Conversation talk;
    talk.host.wait_for_isn(Conversation::kHostPort, Conversation::kPeerPort, 5'000);
    const auto result =
        talk.host.stack().connect({Address::ipv4(kPeerAddress.value), Conversation::kPeerPort},
                                  talk.host.app(), {.local = {Address{}, Conversation::kHostPort}});
    ASSERT_TRUE(result);
    talk.host.turn();
    const Trace first = talk.host.sent();
    ASSERT_EQ(first, (Trace{{"S", 5'000, 0}}));
    talk.host.advance(1'001ms);
    const Trace second = talk.host.sent();
    ASSERT_EQ(second, first);
    const wire::TcpOptions& before = first[0].options;
    const wire::TcpOptions& after = second[0].options;
    EXPECT_EQ(after.mss, before.mss);
    EXPECT_EQ(after.window_scale, before.window_scale);
    EXPECT_EQ(after.sack_permitted, before.sack_permitted);
    ASSERT_TRUE(before.timestamps && after.timestamps);
    EXPECT_GE(after.timestamps->value - before.timestamps->value, 1'000U);
    EXPECT_LE(after.timestamps->value - before.timestamps->value, 1'002U);
}

TEST_P(Walk, as_section_B_says) {
    play(GetParam());
}

std::string name_of(const testing::TestParamInfo<Cell>& info) {
    std::string name = info.param.name();
    std::ranges::replace_if(
        name, [](char c) { return c == '.' || c == ' ' || c == '-'; }, '_');
    return name;
}

std::vector<Cell> read(std::initializer_list<const char*> tables) {
    std::vector<Cell> cells;
    for (const char* table : tables)
        std::ranges::move(read_table(table), std::back_inserter(cells));
    return cells;
}

INSTANTIATE_TEST_SUITE_P(B_1, Walk,
                         testing::ValuesIn(read({kClosed, kListen, kSynSent, kSynReceived})),
                         name_of);
INSTANTIATE_TEST_SUITE_P(B_2, Walk, testing::ValuesIn(read({kEstablished, kCloseWait, kFinWait1})),
                         name_of);
INSTANTIATE_TEST_SUITE_P(B_3, Walk, testing::ValuesIn(read({kFinWait2, kClosing, kLastAck})),
                         name_of);
INSTANTIATE_TEST_SUITE_P(B_4, Walk, testing::ValuesIn(read({kTimeWait})), name_of);

}  // namespace
}  // namespace lastack::test::walk
