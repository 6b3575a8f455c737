// A histogram of durations in fixed memory, with a bounded relative error.
//
// Log-linear buckets: values below 256 ns have a bucket each; above, every power of two is cut into
// 128 equal buckets, so a bucket is at most 1/128 of its lower end wide, and its middle is off by
// less than 0.4 %. From 1 ns to 78 hours in 42 KiB; longer ones count in the last bucket (max()
// stays exact).
//
//     0 1 2 ... 255 | 256 258 ... 510 | 512 516 ... 1020 | 1024 ...
//      width 1      |    width 2      |     width 4      | width 8
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace lastack::service {

class Histogram {
  public:
    void add(std::chrono::nanoseconds value) {
        const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(value.count(), 0));
        ++buckets_[bucket_of(std::min(ns, kLargest))];
        ++count_;
        sum_ += static_cast<double>(ns);
        min_ = std::min(min_, ns);
        max_ = std::max(max_, ns);
    }

    std::uint64_t count() const { return count_; }
    std::chrono::nanoseconds min() const { return to_duration(count_ == 0 ? 0 : min_); }
    std::chrono::nanoseconds max() const { return to_duration(max_); }
    double mean_ns() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

    /// The value that `fraction` (0 .. 1) of all are not above, off by less than 0.4 %; 0 when
    /// empty.
    std::chrono::nanoseconds quantile(double fraction) const {
        const double exact_rank = fraction * static_cast<double>(count_);
        auto rank = static_cast<std::uint64_t>(exact_rank);
        if (static_cast<double>(rank) < exact_rank) ++rank;
        rank = std::max<std::uint64_t>(rank, 1);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i];
            if (seen >= rank) return to_duration(std::clamp(middle_of(i), min_, max_));
        }
        return to_duration(0);
    }

  private:
    static constexpr unsigned kHalfBits = 7;  // 128 buckets per power of two
    static constexpr std::uint64_t kHalf = 1U << kHalfBits;
    static constexpr unsigned kValueBits = 48;
    static constexpr std::uint64_t kLargest = (std::uint64_t{1} << kValueBits) - 1;
    static constexpr std::size_t kBuckets = (kValueBits - kHalfBits + 1) * kHalf;

    /// value = (128 + low) << shift, for shift > 0; the first 256 values stand for themselves.
    static std::size_t bucket_of(std::uint64_t value) {
        const unsigned bits = static_cast<unsigned>(std::bit_width(value));
        const unsigned shift = bits > kHalfBits + 1 ? bits - kHalfBits - 1 : 0;
        return shift * kHalf + (value >> shift);
    }
    static std::uint64_t middle_of(std::size_t bucket) {
        const std::size_t shift = bucket < 2 * kHalf ? 0 : bucket / kHalf - 1;
        const std::uint64_t low = (bucket - shift * kHalf) << shift;
        return low + ((std::uint64_t{1} << shift) - 1) / 2;
    }
    static std::chrono::nanoseconds to_duration(std::uint64_t ns) {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(ns));
    }

    std::array<std::uint64_t, kBuckets> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t min_ = UINT64_MAX;
    std::uint64_t max_ = 0;
    double sum_ = 0;
};

}  // namespace lastack::service
