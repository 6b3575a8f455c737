// RFC 6298, number for number.

#include "tcp/rtt.hpp"

#include <gtest/gtest.h>

namespace lastack::tcp {
namespace {

constexpr Config kConfig{.rto_initial_ms = 1'000, .rto_min_ms = 200, .rto_max_ms = 60'000};

TEST(Rtt, H_2_without_a_sample_the_configured_beginning_holds) {
    EXPECT_EQ(Rtt{}.rto_ms(kConfig), 1'000U);
}

TEST(Rtt, G_16_without_a_sample_a_connection_may_begin_more_carefully) {
    Rtt rtt;
    rtt.syn_was_lost = true;
    EXPECT_EQ(rtt.rto_ms(kConfig), 3'000U);
    rtt.sample(100'000);
    EXPECT_EQ(rtt.srtt_us, 100'000U) << "it was no sample";
}

TEST(Rtt, H_1_the_first_sample_sets_srtt_and_half_of_it_as_variation) {
    Rtt rtt;
    rtt.sample(100'000);
    EXPECT_EQ(rtt.srtt_us, 100'000U);
    EXPECT_EQ(rtt.rttvar_us, 50'000U);
    EXPECT_EQ(rtt.rto_ms(kConfig), 300U);
}

TEST(Rtt, H_1_later_samples_move_the_variation_before_the_mean) {
    Rtt rtt;
    rtt.sample(100'000);
    rtt.sample(200'000);
    EXPECT_EQ(rtt.rttvar_us, 50'000U - 12'500U + 25'000U) << "with the SRTT of before";
    EXPECT_EQ(rtt.srtt_us, 112'500U);
    rtt.sample(0);
    EXPECT_EQ(rtt.srtt_us, 112'500U - 14'062U);
}

TEST(Rtt, H_2_the_timeout_stays_between_its_bounds) {
    Rtt quick;
    quick.sample(10);
    EXPECT_EQ(quick.rto_ms(kConfig), 200U);
    Rtt slow;
    slow.sample(100'000'000);
    EXPECT_EQ(slow.rto_ms(kConfig), 60'000U);
}

// However even the round trip, the ACK of a lone segment may be 200 ms late (H-23).
TEST(Rtt, H_1_H_2_H_23_the_least_spread_is_a_delayed_ack) {
    Rtt rtt;
    for (int i = 0; i < 200; ++i) rtt.sample(500'000);
    EXPECT_LE(rtt.rttvar_us, 3U);
    EXPECT_EQ(rtt.rto_ms(kConfig), 700U);
    Config strict = kConfig;
    strict.rto_min_ms = 1'000;
    EXPECT_EQ(rtt.rto_ms(strict), 1'000U) << "a bound of the sum beyond that, as in RFC 6298 2.4";
    rtt.own_min_ms = 20;
    EXPECT_EQ(rtt.rto_ms(kConfig), 520U) << "who asks for less is given less";
}

TEST(Rtt, H_5_a_back_off_doubles_up_to_the_maximum_and_ends_with_a_sample) {
    Rtt rtt;
    rtt.sample(100'000);
    rtt.back_off();
    EXPECT_EQ(rtt.rto_ms(kConfig), 600U);
    rtt.back_off();
    EXPECT_EQ(rtt.rto_ms(kConfig), 1'200U);
    for (int i = 0; i < 100; ++i) rtt.back_off();
    EXPECT_EQ(rtt.rto_ms(kConfig), 60'000U);
    EXPECT_EQ(rtt.base_ms(kConfig), 300U);
    rtt.sample(100'000);
    EXPECT_EQ(rtt.backoff, 0U);
}

TEST(Rtt, D_18_fifteen_retries_are_fifteen_minutes) {
    EXPECT_EQ(elapsed_of_retries_ms(Config{}, 15), 924'600U) << "as Linux documents it";
    EXPECT_EQ(elapsed_of_retries_ms(Config{}, 0), 200U);
}

}  // namespace
}  // namespace lastack::tcp
