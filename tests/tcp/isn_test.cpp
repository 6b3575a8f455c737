// Initial sequence numbers: RFC 6528's clock over a hash of the tuple.

#include "tcp/isn.hpp"

#include <gtest/gtest.h>

#include <array>

namespace lastack::tcp {
namespace {

using namespace std::chrono_literals;
constexpr std::array<std::uint64_t, 2> kTuple{1, 2};
constexpr std::array<std::uint64_t, 2> kOther{1, 3};
constexpr base::SipKey kSecret{11, 12};
constexpr base::SipKey kAnotherSecret{11, 13};
constexpr time::Instant kNow{100s};

TEST(Isn, G_9_the_clock_ticks_every_four_microseconds) {
    const auto first = initial_sequence(kSecret, kTuple, kNow);
    EXPECT_EQ(initial_sequence(kSecret, kTuple, kNow + 3us), first);
    EXPECT_EQ(initial_sequence(kSecret, kTuple, kNow + 4us), first + 1);
    EXPECT_EQ(initial_sequence(kSecret, kTuple, kNow + 1s), first + 250'000);
}

TEST(Isn, G_9_it_wraps_after_four_and_three_quarter_hours_and_goes_on) {
    const auto first = initial_sequence(kSecret, kTuple, kNow);
    EXPECT_EQ(initial_sequence(kSecret, kTuple, kNow + 4us * (1LL << 31)), first + 0x8000'0000)
        << "and not before: all 32 bits are used";
    EXPECT_EQ(initial_sequence(kSecret, kTuple, kNow + 4us * (1LL << 32)), first);
}

TEST(Isn, G_9_tuples_and_secrets_have_numbers_of_their_own) {
    const auto here = initial_sequence(kSecret, kTuple, kNow);
    EXPECT_NE(initial_sequence(kSecret, kOther, kNow), here);
    EXPECT_NE(initial_sequence(kAnotherSecret, kTuple, kNow), here);
}

TEST(Isn, C_30_the_timestamp_offset_depends_on_tuple_and_secret_but_not_on_time) {
    EXPECT_EQ(timestamp_offset(kSecret, kTuple), timestamp_offset(kSecret, kTuple));
    EXPECT_NE(timestamp_offset(kSecret, kTuple), timestamp_offset(kSecret, kOther));
    EXPECT_NE(timestamp_offset(kSecret, kTuple), timestamp_offset(kAnotherSecret, kTuple));
}

}  // namespace
}  // namespace lastack::tcp
