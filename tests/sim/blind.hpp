// What the scenarios of attackers begin with: a Duo without timestamps, whose numbers they know.
#pragma once

#include "tests/sim/duo.hpp"

namespace lastack::test {

class Blind : public testing::Test {
  protected:
    void start() {
        duo.open();
        duo.say(duo.at_a, 1);
        duo.say(duo.at_b, 1);
        duo.run(100ms);
        to_b = duo.end_of(Duo::kFromA);
        to_a = duo.end_of(Duo::kFromB);
    }

    void expect_data_flows() {
        const std::size_t before = duo.b.app().received.size();
        duo.say(duo.at_a, 100);
        duo.run(2s);
        EXPECT_EQ(duo.b.app().received.size(), before + 100);
    }

    Duo duo{plain(), plain()};
    std::uint32_t to_a = 0;
    std::uint32_t to_b = 0;
};

}  // namespace lastack::test
