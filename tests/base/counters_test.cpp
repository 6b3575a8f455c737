#include "base/counters.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace lastack::base {
namespace {

TEST(Counters, StartAtZeroAndAddWhatTheyAreTold) {
    const auto counters = std::make_unique<Counters>();
    EXPECT_EQ(counters->value(Counter::LinkInFrames), 0U);
    counters->add(Counter::LinkInFrames);
    counters->add(Counter::LinkInFrames, 64);
    EXPECT_EQ(counters->value(Counter::LinkInFrames), 65U);
}

TEST(Counters, NeighboursInTheListDoNotShareAWord) {
    const auto counters = std::make_unique<Counters>();
    counters->add(Counter::LinkOutFrames, 3);
    EXPECT_EQ(counters->value(Counter::LinkInFrames), 0U);
    EXPECT_EQ(counters->value(Counter::LinkInTooShort), 0U);
}

TEST(Counters, OccupyCacheLinesThatNoOtherCoreWrites) {
    EXPECT_EQ(alignof(Counters), 64U);
    EXPECT_EQ(sizeof(Counters) % 64, 0U);
}

TEST(Counters, TheListGivesEachCounterItsOwnName) {
    EXPECT_EQ(info(Counter::LinkInFrames).name, "LinkInFrames");
    EXPECT_EQ(info(Counter::ArpInRequests).group, CounterGroup::Arp);
    std::set<std::string_view> names;
    for (const CounterInfo& counter : kCounters) {
        EXPECT_TRUE(names.insert(counter.name).second) << counter.name << " stands there twice";
    }
}

// `explain COUNTER` and the metrics' HELP lines print the text as it is.
TEST(Counters, EveryHelpIsOneSentenceWithAFullStop) {
    for (const CounterInfo& counter : kCounters) {
        ASSERT_GT(counter.help.size(), 10U) << counter.name;
        EXPECT_EQ(counter.help.back(), '.') << counter.name;
        EXPECT_EQ(counter.help.find('\n'), std::string_view::npos) << counter.name;
    }
}

}  // namespace
}  // namespace lastack::base
