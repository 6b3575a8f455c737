// The checker checked: each fault that is put into the world is found, by the check that is for it,
// and with a way that leads there. A world without a fault is proven by the same scenario.

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/model/explorer.hpp"
#include "tests/model/scenarios.hpp"
#include "tests/model/world.hpp"

namespace lastack::model {

namespace {

Result with_fault(Case explored, Fault fault, Bounds bounds = {0, 0, 0}) {
    explored.scenario.bounds = bounds;
    explored.scenario.fault = fault;
    return explore(explored.scenario, {.states = 500'000});
}

void expect_found(const Result& result, const char* finding) {
    EXPECT_FALSE(result.proven);
    EXPECT_NE(result.failure.find(finding), std::string::npos) << result.failure;
    EXPECT_NE(result.failure.find("ESTABLISHED"), std::string::npos) << "no ladder";
}

}  // namespace

TEST(ModelSelf, nothing_is_found_without_a_fault) {
    EXPECT_TRUE(with_fault(client_closes_first(), Fault::None, {1, 0, 0}).proven);
}

TEST(ModelSelf, a_time_wait_that_does_not_answer_the_fin_again_is_found_C_4) {
    const Result result =
        with_fault(active_close_segments_lost(), Fault::NoReAckInTimeWait, {1, 0, 0});
    expect_found(result, "no orderly end");
    EXPECT_NE(result.failure.find("(lost)"), std::string::npos);
}

TEST(ModelSelf, a_peer_that_never_hears_the_fin_is_found) {
    expect_found(with_fault(active_close_segments_lost(), Fault::FinLost), "no orderly end");
}

TEST(ModelSelf, a_life_without_an_end_is_found) {
    expect_found(with_fault(active_close_segments_lost(), Fault::FinLostForEver),
                 "no end can be reached");
}

TEST(ModelSelf, a_deadlock_is_found) {
    expect_found(with_fault(client_closes_first(), Fault::NoTimer, {1, 0, 0}),
                 "nothing can happen any more");
}

TEST(ModelSelf, a_time_wait_of_less_than_2MSL_is_found_C_2) {
    expect_found(with_fault(client_closes_first(), Fault::ShortTimeWait),
                 "TIME-WAIT does not end 2MSL after");
}

TEST(ModelSelf, a_changed_byte_is_found) {
    expect_found(with_fault(client_closes_first(), Fault::TextChanged), "a byte that was not sent");
}

TEST(ModelSelf, a_buffer_that_is_kept_is_found_J_36) {
    expect_found(with_fault(client_closes_first(), Fault::BufferKept), "a buffer that no piece");
}

TEST(ModelSelf, a_move_against_the_diagram_is_found) {
    expect_found(with_fault(client_closes_first(), Fault::StateWritten), "assertion failed");
}

// SYN, SYN,ACK, the peer's shutdown, and its FIN, which brings the ACK of the SYN with it.
TEST(ModelSelf, a_counterexample_is_a_shortest_one) {
    const Result result = with_fault(client_closes_first(), Fault::StateWritten);
    EXPECT_EQ(result.depth, 4U) << result.failure;  // the fifth step fails
}

// What a path leads to when it is replayed is what it led to when it was found.
TEST(ModelSelf, a_copy_put_back_goes_on_as_the_original_did) {
    Scenario scenario = client_closes_first().scenario;
    World world(scenario);
    std::vector<Action> actions;
    const std::vector<std::byte> first(world.memory().begin(), world.memory().end());
    const auto run = [&] {
        std::vector<Digest> digests;
        for (int i = 0; i < 40; ++i) {
            world.enabled(actions);
            if (actions.empty()) break;
            world.apply(actions.back());
            digests.push_back(canonical(world));
        }
        return digests;
    };
    const auto before = run();
    EXPECT_GT(before.size(), 10U);
    std::ranges::copy(first, world.memory().begin());
    EXPECT_EQ(run(), before);
}

}  // namespace lastack::model
