// The clocks inside a record: 32 bits of milliseconds, which come round every 49.7 days.

#include <gtest/gtest.h>

#include "tcp/timers.hpp"

namespace lastack::tcp {
namespace {

TEST(AnswerStamp, E_9_one_answer_an_interval_probed_on_both_sides_of_it) {
    AnswerStamp stamp;
    EXPECT_TRUE(stamp.claim(0xffff'ff00, 500));
    EXPECT_FALSE(stamp.claim(0xffff'ff00 + 499, 500));
    EXPECT_TRUE(stamp.claim(0xffff'ff00 + 500, 500));
}

TEST(AnswerStamp, E_9_an_answer_of_a_month_ago_limits_nothing) {
    AnswerStamp stamp;
    constexpr std::uint32_t kMonthMs = 30U * 24 * 3600 * 1000;
    EXPECT_TRUE(stamp.claim(1'000, 500));
    EXPECT_TRUE(stamp.claim(1'000 + kMonthMs, 500));
}

}  // namespace
}  // namespace lastack::tcp
