#include "ip/token_bucket.hpp"

#include <gtest/gtest.h>

namespace lastack::test {
namespace {

using namespace std::chrono_literals;

int take_all(ip::TokenBucket& bucket, time::Instant now) {
    int taken = 0;
    while (taken < 100'000 && bucket.take(now)) ++taken;
    return taken;
}

TEST(TokenBucket, a_burst_is_a_tenth_of_a_seconds_worth) {
    ip::TokenBucket bucket(1'000);
    EXPECT_EQ(take_all(bucket, time::Instant(5s)), 100);
}

TEST(TokenBucket, the_next_token_is_there_one_interval_later_and_not_before) {
    ip::TokenBucket bucket(1'000);
    take_all(bucket, time::Instant(5s));
    EXPECT_FALSE(bucket.take(time::Instant(5s + 1ms - 1ns)));
    EXPECT_TRUE(bucket.take(time::Instant(5s + 1ms)));
    EXPECT_FALSE(bucket.take(time::Instant(5s + 1ms)));
}

TEST(TokenBucket, over_a_second_the_rate_holds) {
    ip::TokenBucket bucket(1'000);
    int taken = take_all(bucket, time::Instant(0s));
    for (auto now = time::Instant(0s); now < time::Instant(1s); now += 100us) {
        taken += bucket.take(now) ? 1 : 0;
    }
    EXPECT_GE(taken, 1'098);
    EXPECT_LE(taken, 1'100);
}

TEST(TokenBucket, idle_time_earns_no_more_than_one_burst) {
    ip::TokenBucket bucket(50);
    take_all(bucket, time::Instant(0s));
    EXPECT_EQ(take_all(bucket, time::Instant(24h)), 5);
}

TEST(TokenBucket, rates_below_ten_a_second_still_give_one_at_a_time) {
    ip::TokenBucket bucket(1);
    EXPECT_EQ(take_all(bucket, time::Instant(1s)), 1);
    EXPECT_FALSE(bucket.take(time::Instant(2s - 1ns)));
    EXPECT_TRUE(bucket.take(time::Instant(2s)));
}

TEST(TokenBucket, zero_refuses_everything) {
    ip::TokenBucket none(0);
    EXPECT_FALSE(none.take(time::Instant(1h)));
}

}  // namespace
}  // namespace lastack::test
