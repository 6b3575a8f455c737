// The draws of one world: the same seed gives the same draws on every platform.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>

#include "time/instant.hpp"

namespace lastack::test {

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    std::uint64_t bits() { return random_(); }
    bool per_cent(unsigned percent) { return random_() % 100 < percent; }
    bool chance(double probability) {
        if (probability <= 0) return false;
        return static_cast<double>(random_() >> 11) * 0x1p-53 < probability;
    }
    std::uint64_t up_to(std::uint64_t most) { return random_() % (most + 1); }
    time::Duration up_to(time::Duration most) {
        return time::Duration(
            static_cast<std::int64_t>(up_to(static_cast<std::uint64_t>(most.count()))));
    }
    template <class T>
    T one_of(std::initializer_list<T> choices) {
        return choices.begin()[random_() % choices.size()];
    }

  private:
    std::mt19937_64 random_;
};

}  // namespace lastack::test
