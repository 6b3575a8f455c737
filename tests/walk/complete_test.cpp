// Whether the walk is whole: 11 states x 32 events, named here and not taken from the tables.

#include <gtest/gtest.h>

#include <array>
#include <iostream>
#include <set>

#include "tests/walk/cell.hpp"

namespace lastack::test::walk {
namespace {

constexpr std::array kStates{"CLOSED", "LISTEN", "SYNS", "SYNR", "EST", "CW",
                             "FW1",    "FW2",    "CLG",  "LA",   "TW"};
constexpr std::array kEvents{"E01", "E02", "E03", "E04", "E05", "E06", "E07", "E08",
                             "E09", "E10", "E11", "E12", "E13", "E14", "E15", "E16",
                             "E17", "E18", "A01", "A02", "A03", "A04", "A05", "A06",
                             "T01", "T02", "T03", "T04", "T05", "T06", "I01", "I02"};

// What section B says and nothing runs yet. A name of two words is a variant of a cell that is
// walked otherwise. Each entry goes when its feature comes.
constexpr std::array kWaiting{
    Waiting{"LISTEN.A01 unaccepted_child", "accept queue (G-22 to G-25, the socket layer)"},
    Waiting{"SYNR.E04 accept_queue_full", "accept queue (G-24, the socket layer)"},
    Waiting{"SYNS.A04 data_on_syn", "TFO (G-32, optional)"},
    Waiting{"SYNR.A06 tfo", "TFO (G-32, optional)"},
    Waiting{"SYNS.T01 ecn_fallback", "ECN (G-33, S)"},
};

std::vector<Cell> all_rows() {
    std::vector<Cell> rows;
    for (const char* table : {kClosed, kListen, kSynSent, kSynReceived, kEstablished, kCloseWait,
                              kFinWait1, kFinWait2, kClosing, kLastAck, kTimeWait}) {
        std::ranges::move(read_table(table), std::back_inserter(rows));
    }
    return rows;
}

std::set<std::string> cells_of_section_B() {
    std::set<std::string> cells;
    for (const char* state : kStates) {
        for (const char* event : kEvents) cells.insert(std::string(state) + '.' + event);
    }
    return cells;
}

TEST(WalkComplete, B_has_a_row_for_each_of_352_cells_and_for_no_other) {
    const std::set<std::string> expected = cells_of_section_B();
    ASSERT_EQ(expected.size(), 352U);
    std::set<std::string> walked;
    for (const Cell& cell : all_rows()) walked.insert(cell.id);
    EXPECT_EQ(walked, expected);
}

TEST(WalkComplete, no_two_rows_have_one_name) {
    std::set<std::string> names;
    for (const Cell& cell : all_rows()) {
        EXPECT_TRUE(names.insert(cell.name()).second) << cell.name();
    }
}

TEST(WalkComplete, what_waits_is_printed_and_stands_in_no_table) {
    const std::set<std::string> cells = cells_of_section_B();
    std::set<std::string> names;
    for (const Cell& cell : all_rows()) names.insert(cell.name());
    for (const Waiting& waiting : kWaiting) {
        std::cout << "waiting: " << waiting.name << ": " << waiting.reason << '\n';
        const std::string name = waiting.name;
        EXPECT_TRUE(cells.contains(name.substr(0, name.find(' ')))) << name;
        EXPECT_FALSE(names.contains(name)) << name;
    }
}

}  // namespace
}  // namespace lastack::test::walk
