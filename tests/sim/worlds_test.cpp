// Worlds drawn from seeds, a few of each kind; sim_run has the many. LASTACK_SEED=n is the first.
#include <gtest/gtest.h>

#include "tests/sim/world.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

TEST(Worlds, K_39_K_40_H_47_every_connection_ends_in_order_or_for_a_reason_and_nothing_leaks) {
    const std::uint64_t first = seed_or(1'000);
    for (std::uint64_t seed = first; seed < first + 2 * kImpairments; ++seed) {
        World world(seed);
        ASSERT_TRUE(world.run()) << world.fault();  // the first seed that fails says it all
    }
}

TEST(Worlds, a_seed_replays_to_the_last_octet_and_another_does_not) {
    const auto digest = [](std::uint64_t seed) {
        World world(seed);
        EXPECT_TRUE(world.run()) << world.fault();
        return world.digest();
    };
    const std::uint64_t once = digest(10);
    EXPECT_EQ(digest(10), once);
    EXPECT_NE(digest(10 + kImpairments), once);
}

}  // namespace
}  // namespace lastack::test
