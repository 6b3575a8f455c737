// How many records use each port.

#include "table/port_use.hpp"

#include <gtest/gtest.h>

#include "tests/support/arena_memory.hpp"

namespace lastack::table {
namespace {

class PortUseTest : public testing::TestWithParam<std::uint32_t> {
  protected:
    test::ArenaMemory memory_{[](base::Arena& arena) { PortUse measured(arena, GetParam()); }};
    base::Arena arena_{memory_.bytes()};
    PortUse use_{arena_, GetParam()};
};

TEST_P(PortUseTest, C_31_reuse_looks_past_records_whose_owner_had_asked_for_it) {
    use_.add(80, true);
    use_.add(80, true);
    EXPECT_EQ(use_.conflicts(80, false), 2U);
    EXPECT_EQ(use_.conflicts(80, true), 0U);
    use_.add(80, false);
    EXPECT_EQ(use_.conflicts(80, false), 3U);
    EXPECT_EQ(use_.conflicts(80, true), 1U);
}

TEST_P(PortUseTest, C_32_what_is_added_and_removed_leaves_nothing) {
    for (const std::uint16_t port : {std::uint16_t{0}, std::uint16_t{80}, std::uint16_t{65'535}}) {
        use_.add(port, true);
        use_.add(port, false);
    }
    for (const std::uint16_t port : {std::uint16_t{0}, std::uint16_t{80}, std::uint16_t{65'535}}) {
        use_.remove(port, true);
        use_.remove(port, false);
        EXPECT_EQ(use_.exact() ? use_.conflicts(port, false) : 0U, 0U);
    }
    EXPECT_EQ(use_.conflicts(80, false), 0U);
}

TEST_P(PortUseTest, C_31_only_a_counter_for_each_port_is_exact) {
    use_.add(80, false);
    EXPECT_EQ(use_.exact(), GetParam() >= PortUse::kPorts);
    EXPECT_EQ(use_.exact() ? use_.conflicts(81, false) : 0U, 0U);
}

INSTANTIATE_TEST_SUITE_P(Counters, PortUseTest, testing::Values(1U, 3U, 65'536U, 100'000U));

}  // namespace
}  // namespace lastack::table
