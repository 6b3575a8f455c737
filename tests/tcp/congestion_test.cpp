// NewReno's arithmetic: RFC 5681, 6582, 6928.

#include "tcp/congestion.hpp"

#include <gtest/gtest.h>

namespace lastack::tcp {
namespace {

using wire::Seq;
constexpr std::uint32_t kMss = 1'000;

/// A connection's window, with what its losses leave behind.
struct Window : Congestion {
    Loss loss;

    void acknowledged(std::uint32_t bytes, std::uint32_t mss, bool limited,
                      std::uint32_t abc_limit = 1) {
        Congestion::acknowledged(loss, bytes, mss, limited, abc_limit);
    }
    void enter_recovery(std::uint32_t flight, std::uint32_t mss, Seq snd_max) {
        Congestion::enter_recovery(loss, flight, mss, snd_max);
    }
    void leave_recovery(std::uint32_t flight, std::uint32_t mss) {
        Congestion::leave_recovery(loss, flight, mss);
    }
    void timed_out(std::uint32_t flight, std::uint32_t mss, Seq snd_max, bool first_time) {
        Congestion::timed_out(loss, flight, mss, snd_max, first_time);
    }
    void set_threshold(std::uint32_t bytes) {
        lossy = true;
        loss.ssthresh = bytes;
    }
};

Window begun() {
    Window congestion;
    congestion.start(kMss, false);
    return congestion;
}

TEST(Congestion, H_8_the_initial_window_is_that_of_rfc_6928) {
    const auto window = [](std::uint32_t mss, bool resent) {
        Congestion congestion;
        congestion.start(mss, resent);
        return congestion.cwnd;
    };
    EXPECT_EQ(window(1'460, false), 14'600U);
    EXPECT_EQ(window(536, false), 5'360U);
    EXPECT_EQ(window(8'960, false), 17'920U) << "two large segments";
    EXPECT_EQ(window(1'460, true), 1'460U) << "5681 3.1: the SYN was lost";
}

TEST(Congestion, H_8_slow_start_grows_by_what_is_acknowledged_at_most_a_segment) {
    Window congestion = begun();
    congestion.acknowledged(400, kMss, true);
    EXPECT_EQ(congestion.cwnd, 10'400U);
    congestion.acknowledged(5'000, kMss, true);
    EXPECT_EQ(congestion.cwnd, 11'400U);
}

TEST(Congestion, H_8_by_rfc_3465_at_most_two_segments_but_one_after_a_timeout) {
    Window congestion = begun();
    congestion.acknowledged(1'500, kMss, true, 2);
    EXPECT_EQ(congestion.cwnd, 11'500U);
    congestion.acknowledged(5'000, kMss, true, 2);
    EXPECT_EQ(congestion.cwnd, 13'500U);
    congestion.timed_out(10'000, kMss, Seq(5), true);
    congestion.acknowledged(5'000, kMss, true, 2);
    EXPECT_EQ(congestion.cwnd, 2'000U);
    congestion.leave_recovery(0, kMss);
    congestion.acknowledged(5'000, kMss, true, 2);
    EXPECT_EQ(congestion.cwnd, 3'000U) << "the slow start goes on to the threshold";
}

TEST(Congestion, H_8_a_later_slow_start_is_none_after_a_timeout) {
    Window congestion = begun();
    congestion.timed_out(4'000, kMss, Seq(5), true);
    congestion.leave_recovery(0, kMss);
    for (int i = 0; i < 4; ++i) congestion.acknowledged(kMss, kMss, true, 2);
    congestion.set_threshold(100'000);
    const std::uint32_t before = congestion.cwnd;
    congestion.acknowledged(5'000, kMss, true, 2);
    EXPECT_EQ(congestion.cwnd, before + 2 * kMss);
}

TEST(Congestion, K_35_dividing_acknowledgments_gains_a_peer_nothing) {
    Window whole = begun();
    Window divided = begun();
    whole.acknowledged(kMss, kMss, true);
    for (int i = 0; i < 1'000; ++i) divided.acknowledged(1, kMss, true);
    EXPECT_EQ(divided.cwnd, whole.cwnd);
}

TEST(Congestion, H_8_avoidance_grows_by_a_segment_a_window) {
    Window congestion = begun();
    congestion.set_threshold(10'000);
    for (int i = 0; i < 9; ++i) congestion.acknowledged(kMss, kMss, true);
    EXPECT_EQ(congestion.cwnd, 10'000U);
    congestion.acknowledged(kMss, kMss, true);
    EXPECT_EQ(congestion.cwnd, 11'000U);
}

TEST(Congestion, a_window_that_does_not_hold_us_back_does_not_grow) {
    Window congestion = begun();
    congestion.acknowledged(kMss, kMss, false);
    EXPECT_EQ(congestion.cwnd, 10'000U);
}

TEST(Congestion, H_9_a_timeout_leaves_one_segment_and_half_the_flight_as_threshold) {
    Window congestion = begun();
    congestion.timed_out(10'000, kMss, Seq(5), true);
    EXPECT_EQ(congestion.cwnd, kMss);
    EXPECT_EQ(congestion.loss.ssthresh, 5'000U);
    congestion.timed_out(1'000, kMss, Seq(5), false);
    EXPECT_EQ(congestion.loss.ssthresh, 5'000U) << "the second for the same data changes nothing";
}

TEST(Congestion, H_9_the_threshold_is_at_least_two_segments) {
    Window congestion = begun();
    congestion.timed_out(1'000, kMss, Seq(5), true);
    EXPECT_EQ(congestion.loss.ssthresh, 2'000U);
}

TEST(Congestion, H_12_recovery_inflates_deflates_and_ends_at_the_threshold) {
    Window congestion = begun();
    congestion.enter_recovery(10'000, kMss, Seq(9'000));
    EXPECT_EQ(congestion.loss.ssthresh, 5'000U);
    EXPECT_EQ(congestion.cwnd, 8'000U) << "ssthresh and three segments that have left";
    congestion.inflate(kMss);
    EXPECT_EQ(congestion.cwnd, 9'000U);
    congestion.deflate(3'000, kMss);
    EXPECT_EQ(congestion.cwnd, 7'000U) << "less what was acknowledged, and a segment";
    congestion.leave_recovery(4'000, kMss);
    EXPECT_EQ(congestion.cwnd, 5'000U);
    EXPECT_EQ(congestion.phase, Congestion::Phase::Open);
}

TEST(Congestion, H_13_recovery_by_sack_halves_the_window_and_leaves_it_so) {
    Window congestion = begun();
    congestion.enter_sack_recovery(congestion.loss, 10'000, kMss, Seq(1'000), Seq(11'000));
    EXPECT_EQ(congestion.loss.ssthresh, 5'000U);
    EXPECT_EQ(congestion.cwnd, 5'000U) << "the pipe counts what has left, not the window";
    EXPECT_EQ(congestion.loss.recover, Seq(11'000));
    EXPECT_EQ(congestion.loss.high_rxt, Seq(1'000));
    congestion.leave_sack_recovery(congestion.loss);
    EXPECT_EQ(congestion.cwnd, 5'000U);
    EXPECT_EQ(congestion.phase, Congestion::Phase::Open);
    congestion.enter_sack_recovery(congestion.loss, 1'000, kMss, Seq(1'000), Seq(2'000));
    EXPECT_EQ(congestion.cwnd, 2'000U) << "at least two segments";
}

TEST(Congestion, H_12_leaving_recovery_does_not_allow_a_burst) {
    Window congestion = begun();
    congestion.enter_recovery(40'000, kMss, Seq(9'000));
    congestion.leave_recovery(0, kMss);
    EXPECT_EQ(congestion.cwnd, 2'000U) << "6582 3.2 step 3 (1): at most the flight and a segment";
}

TEST(Congestion, a_deflation_never_takes_the_whole_window) {
    Window congestion = begun();
    congestion.enter_recovery(4'000, kMss, Seq(9'000));
    congestion.deflate(100'000, kMss);
    EXPECT_GE(congestion.cwnd, kMss);
}

}  // namespace
}  // namespace lastack::tcp
