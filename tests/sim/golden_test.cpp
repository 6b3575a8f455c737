// The table of results: what came of the same worlds as ever, per impairment (K-40, K-39).
//
// It changes when the protocol or the draws do, and shows in what: LASTACK_UPDATE_GOLDEN=1 writes
// it anew, to be looked at with git diff and committed on purpose.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/sim/world.hpp"
#include "tests/support/golden.hpp"

namespace lastack::test {
namespace {

constexpr std::uint64_t kWorlds = 6;  // of each kind

std::string results() {
    std::array<Tally, kImpairments> sums;
    for (std::uint64_t seed = 0; seed < kWorlds * kImpairments; ++seed) {
        World world(seed);
        EXPECT_TRUE(world.run()) << world.fault();
        sums[static_cast<std::size_t>(impairment_of(seed))] += world.tally();
    }
    std::ostringstream text;
    text << "# Worlds 0 to " << kWorlds * kImpairments - 1
         << ", by impairment. Made by LASTACK_UPDATE_GOLDEN=1 sim_test.\n";
    for (std::size_t kind = 0; kind < kImpairments; ++kind) {
        text << "\n[" << name(static_cast<Impairment>(kind)) << "]\n";
        for (const auto& [what, count] : sums[kind].rows()) {
            if (count != 0) text << what << " = " << count << '\n';
        }
    }
    return text.str();
}

TEST(Golden, K_39_K_40_what_comes_of_each_impairment_is_what_the_table_says) {
    expect_golden("results.txt", results());
}

}  // namespace
}  // namespace lastack::test
