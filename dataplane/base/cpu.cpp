#include "base/cpu.hpp"

#include <array>
#include <cstdio>

#ifndef LASTACK_CPU
#define LASTACK_CPU "the default"
#endif

namespace lastack::base {
namespace {

// The compiler defines a macro for each instruction set it may use; we ask the CPU for the same.
// What runs here is compiled for the same -march, but none of it is work that vectorises.
const char* first_missing() {
    __builtin_cpu_init();
#ifdef __SSE4_2__
    if (!__builtin_cpu_supports("sse4.2")) return "sse4.2";
#endif
#ifdef __POPCNT__
    if (!__builtin_cpu_supports("popcnt")) return "popcnt";
#endif
#ifdef __AVX__
    if (!__builtin_cpu_supports("avx")) return "avx";
#endif
#ifdef __AVX2__
    if (!__builtin_cpu_supports("avx2")) return "avx2";
#endif
#ifdef __FMA__
    if (!__builtin_cpu_supports("fma")) return "fma";
#endif
#ifdef __BMI__
    if (!__builtin_cpu_supports("bmi")) return "bmi";
#endif
#ifdef __BMI2__
    if (!__builtin_cpu_supports("bmi2")) return "bmi2";
#endif
#ifdef __AES__
    if (!__builtin_cpu_supports("aes")) return "aes";
#endif
#ifdef __AVX512F__
    if (!__builtin_cpu_supports("avx512f")) return "avx512f";
#endif
#ifdef __AVX512BW__
    if (!__builtin_cpu_supports("avx512bw")) return "avx512bw";
#endif
#ifdef __AVX512VL__
    if (!__builtin_cpu_supports("avx512vl")) return "avx512vl";
#endif
    return nullptr;
}

}  // namespace

bool cpu_supported() {
    return first_missing() == nullptr;
}

const char* cpu_complaint() {
    static std::array<char, 256> text;
    const char* missing = first_missing();
    if (missing == nullptr) return nullptr;
    std::snprintf(text.data(), text.size(),
                  "this CPU has no %s, but lastack was built for %s: rebuild it here with "
                  "`meson configure build -Dcpu=native`",
                  missing, LASTACK_CPU);
    return text.data();
}

}  // namespace lastack::base
