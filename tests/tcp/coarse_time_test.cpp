// Ages of compact records, kept in 16 bits.

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>

#include "tcp/time_wait.hpp"

namespace lastack::tcp {
namespace {

TEST(CoarseTime, C_19_an_age_is_never_taken_for_more_and_for_less_by_two_units_at_most) {
    const std::uint32_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (int i = 0; i < 100'000; ++i) {
        const auto at = static_cast<std::uint32_t>(random());
        const auto age = static_cast<std::uint32_t>(random() % (65'534U << 3));
        const std::uint32_t least = CoarseTime<3>(at).least_age(at + age);
        ASSERT_LE(least, age) << at;
        ASSERT_LT(age - least, 16U) << at;
    }
}

TEST(CoarseTime, C_19_F_17_a_stamp_of_24_days_is_told_from_a_younger_one) {
    const std::uint32_t at = 1'234'567;
    const CoarseTime<6> stamp(at);
    EXPECT_LT(stamp.least_age(at + kStampTooOldS - 1), kStampTooOldS);
    EXPECT_GE(stamp.least_age(at + kStampTooOldS + 128), kStampTooOldS);
    EXPECT_GE(stamp.least_age(at + 2 * kStampTooOldS - 3'600), kStampTooOldS) << "48 days";
}

TEST(CoarseTime, C_19_an_entry_into_TIME_WAIT_is_told_for_all_of_the_longest_2MSL) {
    const std::uint32_t at = 0xffff'ff00;  // the clock of milliseconds begins anew meanwhile
    EXPECT_GE(CoarseTime<3>(at).least_age(at + 240'000), 240'000U - 16);
}

}  // namespace
}  // namespace lastack::tcp
