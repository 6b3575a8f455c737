// Scenarios of text that arrives to do harm: K-33 of requirements.md.
#include <map>
#include <random>

#include "tests/sim/blind.hpp"

namespace lastack::test {
namespace {

using base::Counter;

constexpr std::uint32_t kRuns = 64;  // tcp::Config::max_out_of_order_runs

std::uint32_t in_use(Host& host, std::string_view pool) {
    for (const stack::PoolUse& use : host.stack().memory()) {
        if (use.name == pool) return use.in_use;
    }
    ADD_FAILURE() << "no pool " << pool;
    return 0;
}

TEST_F(Blind, K_33_of_text_that_arrives_twice_the_first_bytes_win) {
    start();
    for (std::uint32_t i = 400; i > 0; --i) {  // backwards, a byte each
        duo.spoof(Duo::kFromA, {.flags = "A", .seq = to_b + i, .ack = to_a, .text = "A"});
    }
    for (std::uint32_t i = 1; i < 400; i += 7) {  // rewritten, in overlapping stretches
        duo.spoof(Duo::kFromA,
                  {.flags = "A", .seq = to_b + i, .ack = to_a, .text = std::string(20, 'B')});
    }
    EXPECT_LE(duo.b.shell().live(), 4'096U);
    // In order at last, and once more another text for all that waits.
    duo.spoof(Duo::kFromA, {.flags = "A", .seq = to_b, .ack = to_a, .text = std::string(300, 'C')});
    EXPECT_EQ(duo.b.app().received.substr(0, 402), "sC" + std::string(400, 'A'));
}

// Overlapping stretches whose contents contradict each other, in no order, some of them in order;
// against a map of octets in which the first to come wins.
TEST_F(Blind, K_33_inconsistent_rewrites_change_nothing_that_came_first) {
    std::mt19937 random(33);
    start();
    for (int round = 0; round < 40; ++round) {
        const std::size_t before = duo.b.app().received.size();
        constexpr std::uint32_t kRegion = 600;
        std::map<std::uint32_t, char> first;
        const auto offer = [&](std::uint32_t at, std::string text) {
            for (std::uint32_t k = 0; k < text.size(); ++k) first.emplace(at + k, text[k]);
            duo.spoof(Duo::kFromA,
                      {.flags = "A", .seq = to_b + at, .ack = to_a, .text = std::move(text)});
        };
        for (int i = 0; i < 60; ++i) {
            const std::size_t size = 1 + random() % 40;
            const auto at = static_cast<std::uint32_t>(1 + random() % (kRegion - 40));
            offer(at, std::string(size, static_cast<char>('a' + i % 26)));
        }
        offer(0, std::string(kRegion, '0'));
        std::string expected;
        for (const auto& [at, octet] : first) expected += octet;
        ASSERT_EQ(duo.b.app().received.substr(before), expected) << round;
        to_b += kRegion;
    }
    EXPECT_EQ(duo.b.count(Counter::TCPOFODrop), 0U);
    duo.at_b.abort();
    duo.run(1s);
    EXPECT_EQ(duo.b.shell().live(), 0U);
}

// What a segment costs is a walk over the runs (tcp/reassembly.hpp), and so is bounded by them.
TEST_F(Blind, K_33_a_hundred_thousand_holes_find_room_for_few) {
    start();
    for (std::uint32_t i = 0; i < 100'000; ++i) {
        duo.spoof(Duo::kFromA, {.flags = "A", .seq = to_b + 10 + 2 * i, .ack = to_a, .text = "H"});
        if (i % 100 != 0) continue;
        ASSERT_LE(in_use(duo.b, "run"), kRuns);
        ASSERT_LE(in_use(duo.b, "piece"), kRuns + 1);
        ASSERT_LE(duo.b.shell().live(), kRuns + 1);
    }
    EXPECT_EQ(in_use(duo.b, "run"), kRuns);
    EXPECT_EQ(duo.b.count(Counter::TCPOFODrop), 100'000U - kRuns);
    EXPECT_EQ(duo.state_b(), "ESTABLISHED");
    // Whoever means it well is still served, and the holes' text comes with the rest.
    const std::string rest(200'000, 'r');
    for (std::uint32_t at = 0; at < rest.size(); at += 1'000) {
        duo.spoof(Duo::kFromA,
                  {.flags = "A", .seq = to_b + at, .ack = to_a, .text = rest.substr(at, 1'000)});
    }
    EXPECT_EQ(duo.b.app().received.size(), 1 + rest.size());
    EXPECT_EQ(in_use(duo.b, "run"), 0U);
    EXPECT_EQ(in_use(duo.b, "piece"), 0U);
    EXPECT_EQ(duo.b.shell().live(), 0U);
    duo.at_b.abort();
    duo.run(1s);
    EXPECT_TRUE(duo.b.stack().quiescent());
}

}  // namespace
}  // namespace lastack::test
