// docs/teardown.md shows figure 5 edge by edge; it must be the list that the code goes by.

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "tcp/state.hpp"

namespace lastack::tcp {
namespace {

std::vector<std::string> rows_of_the_page() {
    std::ifstream page(LASTACK_SOURCE_ROOT "/docs/teardown.md");
    EXPECT_TRUE(page.is_open());
    std::vector<std::string> rows;
    bool in_table = false;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("## ")) in_table = line.starts_with("## Figure 5");
        const bool row = in_table && line.starts_with("| ") && !line.starts_with("| from");
        if (row) rows.push_back(line);
    }
    return rows;
}

TEST(TeardownPage, S_1_shows_every_edge_of_the_diagram_and_no_other) {
    std::vector<std::string> expected;
    for (const Edge& edge : kDiagram) {
        expected.push_back("| " + std::string(name(edge.from)) + " | " +
                           std::string(name(edge.cause)) + " | " + std::string(name(edge.to)) +
                           " |");
    }
    EXPECT_EQ(rows_of_the_page(), expected);
}

}  // namespace
}  // namespace lastack::tcp
