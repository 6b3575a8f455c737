// Plays the rows of d16_close.cpp, which are Cells with other words for three of the fields: what
// the peer does afterwards stands in `told`, and the state that this leads to in `timer`.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/walk/cell.hpp"
#include "tests/walk/stage.hpp"

namespace lastack::test::walk {
namespace {

using base::Counter;

std::string without_owner(std::string state) {
    return state.substr(0, state.find(' '));
}

bool impossible(const Cell& cell) {
    return cell.id == "FW2" && !cell.variant.ends_with("unsent_0");
}

class CloseMatrix : public testing::TestWithParam<Cell> {
  protected:
    Stage stage_;

    std::string state() const {
        const std::string state = without_owner(stage_.state());
        return state == "LISTEN" ? "CLOSED" : state;  // no record
    }

    void expect_counter(const Cell& cell) {
        for (const auto counter : {Counter::TCPAbortOnClose, Counter::TCPAbortOnLinger,
                                   Counter::TCPAbortOnData, Counter::OrphanKilled}) {
            const std::string name(base::kCounters[static_cast<std::size_t>(counter)].name);
            EXPECT_EQ(stage_.host().count(counter), name == cell.counters ? 1U : 0U) << name;
        }
    }
};

TEST_P(CloseMatrix, D_16_first_segment_and_end_state) {
    const Cell& cell = GetParam();
    stage_.prepare(cell.given);
    ASSERT_FALSE(HasFatalFailure());
    Trace expected;
    for (const std::string& text : parts_of(cell.answer, ',')) {
        expected.push_back(stage_.segment(text));
    }
    stage_.happen(cell.event);
    EXPECT_EQ(stage_.host().sent(), expected);
    EXPECT_EQ(state(), cell.after);
    if (cell.event.starts_with("send")) {
        EXPECT_TRUE(stage_.app().saw(impossible(cell) ? "send=0" : "send=10"));
    }
    expect_counter(cell);
    for (const std::string& step : parts_of(cell.told, ';')) stage_.prepare(step);
    EXPECT_EQ(state(), cell.timer);
    expect_counter(cell);
    stage_.tear_down();
}

std::string name_of(const testing::TestParamInfo<Cell>& info) {
    return info.param.id + '_' + info.param.variant;
}

INSTANTIATE_TEST_SUITE_P(D_16, CloseMatrix, testing::ValuesIn(read_table(kCloseMatrix)), name_of);

TEST(CloseMatrixTable, D_16_has_each_of_72_combinations_once) {
    std::set<std::string> names;
    for (const Cell& cell : read_table(kCloseMatrix)) names.insert(cell.id + ' ' + cell.variant);
    std::set<std::string> expected;
    for (const char* state : {"EST", "CW", "FW1", "FW2"}) {
        for (const char* linger : {"off", "0", "5"}) {
            for (const char* unread : {"0", "1"}) {
                for (const char* unsent : {"0", "1", "shut"}) {
                    expected.insert(std::string(state) + " linger_" + linger + "_unread_" + unread +
                                    "_unsent_" + unsent);
                }
            }
        }
    }
    EXPECT_EQ(expected.size(), 72U);
    EXPECT_EQ(names, expected);
}

}  // namespace
}  // namespace lastack::test::walk
