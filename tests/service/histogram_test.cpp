#include "service/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

using service::Histogram;
using std::chrono::nanoseconds;

/// The exact quantile by the same definition: the smallest value that `fraction` are not above.
std::int64_t exact(std::vector<std::int64_t> values, double fraction) {
    std::sort(values.begin(), values.end());
    const double rank = std::ceil(fraction * static_cast<double>(values.size()));
    return values[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

TEST(HistogramTest, is_empty_at_first) {
    const Histogram histogram;
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.quantile(0.5).count(), 0);
    EXPECT_EQ(histogram.min().count(), 0);
    EXPECT_EQ(histogram.mean_ns(), 0);
}

TEST(HistogramTest, values_below_256_ns_are_exact) {
    for (std::int64_t value = 0; value < 256; ++value) {
        Histogram histogram;
        histogram.add(nanoseconds(value));
        histogram.add(nanoseconds(1'000'000));
        EXPECT_EQ(histogram.quantile(0.5).count(), value);
    }
}

TEST(HistogramTest, quantiles_are_within_one_percent_of_exact_sorting) {
    std::mt19937_64 random(seed_or(128));
    for (int round = 0; round < 40; ++round) {
        Histogram histogram;
        std::vector<std::int64_t> values;
        std::lognormal_distribution<double> spread(4 + round * 0.5, 2.0);
        const std::size_t count = 1 + random() % 5'000;
        for (std::size_t i = 0; i < count; ++i) {
            const auto value = static_cast<std::int64_t>(std::min(spread(random), 2e14));
            values.push_back(value);
            histogram.add(nanoseconds(value));
        }
        for (const double fraction : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
            const auto expected = static_cast<double>(exact(values, fraction));
            const auto found = static_cast<double>(histogram.quantile(fraction).count());
            ASSERT_LE(std::abs(found - expected), 0.01 * expected) << "quantile " << fraction;
        }
        EXPECT_EQ(histogram.max().count(), *std::max_element(values.begin(), values.end()));
        EXPECT_EQ(histogram.min().count(), *std::min_element(values.begin(), values.end()));
    }
}

TEST(HistogramTest, every_power_of_two_and_its_neighbours_are_within_one_percent) {
    for (int bit = 0; bit < 48; ++bit) {
        for (const std::int64_t offset : {-1, 0, 1}) {
            const std::int64_t value = (std::int64_t{1} << bit) + offset;
            Histogram histogram;
            histogram.add(nanoseconds(value));
            histogram.add(nanoseconds(value * 3));  // so that min and max do not give it away
            const auto found = static_cast<double>(histogram.quantile(0.5).count());
            if (value < (std::int64_t{1} << 48)) {
                EXPECT_NEAR(found, static_cast<double>(value), 0.01 * static_cast<double>(value));
            }
        }
    }
}

TEST(HistogramTest, values_outside_its_range_count_at_its_ends) {
    Histogram histogram;
    histogram.add(nanoseconds(-5));
    histogram.add(std::chrono::hours(1'000));
    EXPECT_EQ(histogram.count(), 2U);
    EXPECT_EQ(histogram.min().count(), 0);
    EXPECT_EQ(histogram.max(), std::chrono::hours(1'000));
}

}  // namespace
}  // namespace lastack::test
