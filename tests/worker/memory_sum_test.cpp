#include "worker/memory_sum.hpp"

#include <gtest/gtest.h>

#include "stack/stack.hpp"

namespace lastack::worker {
namespace {

stack::Config config() {
    stack::Config out;
    out.interfaces.push_back(
        {.mac = {{2, 0, 0, 0, 0, 1}}, .addresses = {{.address = {0xc612'0001}}}});
    out.limits.max_time_wait = 10'000'000;
    return out;
}

TEST(MemorySum, is_all_of_the_arena) {
    std::size_t all = 0;
    for (const MemoryShare& share : memory_shares(config())) all += share.bytes;
    EXPECT_EQ(all, stack::Stack::arena_bytes(config()));
}

TEST(MemorySum, C_19_a_time_wait_has_56_octets_of_it) {
    for (const MemoryShare& share : memory_shares(config())) {
        if (share.what != std::string("limits.max_time_wait")) continue;
        EXPECT_EQ(share.count, 10'000'000U);
        EXPECT_NEAR(static_cast<double>(share.bytes) / share.count, 55.8, 0.2);
        return;
    }
    FAIL() << "no share of limits.max_time_wait";
}

TEST(MemorySum, names_every_limit_with_its_value) {
    const std::string text = memory_sum(config());
    EXPECT_NE(text.find("limits.max_time_wait = 10000000: 53"), std::string::npos) << text;
    EXPECT_NE(text.find("limits.max_connections = "), std::string::npos) << text;
    EXPECT_NE(text.find("the rest: "), std::string::npos) << text;
    EXPECT_NE(text.find("in all "), std::string::npos) << text;
}

TEST(MemorySum, the_machine_says_what_it_has) {
    const auto available = available_bytes();
    ASSERT_TRUE(available);
    EXPECT_GT(*available, std::size_t{64} << 20);
}

}  // namespace
}  // namespace lastack::worker
