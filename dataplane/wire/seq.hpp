// TCP sequence numbers: points on a circle of 2^32 (RFC 9293 3.4).
//
// They have an order only within half the circle, and that order is not transitive; so there is no
// operator<, only named questions. All arithmetic is modulo 2^32 in 32-bit unsigned integers.
#pragma once

#include <cstdint>

namespace lastack::wire {

class Seq {
  public:
    constexpr Seq() = default;
    constexpr explicit Seq(std::uint32_t value) : value_(value) {}

    constexpr std::uint32_t value() const { return value_; }

    constexpr bool operator==(const Seq&) const = default;
    constexpr Seq operator+(std::uint32_t count) const { return Seq(value_ + count); }
    constexpr Seq operator-(std::uint32_t count) const { return Seq(value_ - count); }
    constexpr Seq& operator+=(std::uint32_t count) {
        value_ += count;
        return *this;
    }

    /// This lies before `other`, going less than half the circle forward.
    constexpr bool before(Seq other) const {
        return static_cast<std::int32_t>(value_ - other.value_) < 0;
    }
    constexpr bool after(Seq other) const { return other.before(*this); }
    constexpr bool at_or_before(Seq other) const { return !after(other); }
    constexpr bool at_or_after(Seq other) const { return !before(other); }

    /// How many numbers to go forward from this to `other`: 0 .. 2^32-1.
    constexpr std::uint32_t distance(Seq other) const { return other.value_ - value_; }

    /// `first` <= this < `first` + `size`.
    constexpr bool in_window(Seq first, std::uint32_t size) const {
        return first.distance(*this) < size;
    }

  private:
    std::uint32_t value_ = 0;
};

constexpr Seq later(Seq a, Seq b) {
    return a.before(b) ? b : a;
}
constexpr Seq earlier(Seq a, Seq b) {
    return a.before(b) ? a : b;
}

}  // namespace lastack::wire
