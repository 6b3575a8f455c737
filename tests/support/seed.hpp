// The seed of a random test: fixed unless LASTACK_SEED says otherwise, and always printed.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace lastack::test {

/// `usual`, or what the environment's LASTACK_SEED holds.
inline std::uint64_t seed_or(std::uint64_t usual) {
    const char* text = std::getenv("LASTACK_SEED");
    const std::uint64_t seed = text == nullptr ? usual : std::strtoull(text, nullptr, 0);
    std::printf("seed %llu; replay with LASTACK_SEED=%llu\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(seed));
    return seed;
}

}  // namespace lastack::test
