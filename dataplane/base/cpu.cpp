#include "base/cpu.hpp"

#include <cpuid.h>

#include <cstdio>
#include <cstdlib>

#ifndef LASTACK_CPU
#define LASTACK_CPU "the default"
#endif

// Here nothing may be used that some CPU lacks, whatever -march says. So no inline function of a
// header is called either: it would be compiled as everything else is.
#define LA_ANY_CPU __attribute__((target("arch=x86-64")))

namespace lastack::base {
namespace {

struct Need {
    const char* name;
    std::uint32_t CpuWords::*word;
    std::uint32_t bits;
};

constexpr std::uint32_t bit(unsigned number) {
    return std::uint32_t{1} << number;
}

// The compiler defines a macro for each instruction set it may use; the bits are those of Intel's
// and AMD's manuals for CPUID.
constexpr Need kNeeds[] = {
    {"x86-64", &CpuWords::leaf1_ecx, 0},  // for a build that needs no more
#ifdef __SSE3__
    {"sse3", &CpuWords::leaf1_ecx, bit(0)},
#endif
#ifdef __SSSE3__
    {"ssse3", &CpuWords::leaf1_ecx, bit(9)},
#endif
#ifdef __GCC_HAVE_SYNC_COMPARE_AND_SWAP_16
    {"cx16", &CpuWords::leaf1_ecx, bit(13)},
#endif
#ifdef __SSE4_1__
    {"sse4.1", &CpuWords::leaf1_ecx, bit(19)},
#endif
#ifdef __SSE4_2__
    {"sse4.2", &CpuWords::leaf1_ecx, bit(20)},
#endif
#ifdef __POPCNT__
    {"popcnt", &CpuWords::leaf1_ecx, bit(23)},
#endif
#ifdef __MOVBE__
    {"movbe", &CpuWords::leaf1_ecx, bit(22)},
#endif
#ifdef __AES__
    {"aes", &CpuWords::leaf1_ecx, bit(25)},
#endif
#ifdef __LZCNT__
    {"lzcnt", &CpuWords::extended_ecx, bit(5)},
#endif
#ifdef __BMI__
    {"bmi", &CpuWords::leaf7_ebx, bit(3)},
#endif
#ifdef __BMI2__
    {"bmi2", &CpuWords::leaf7_ebx, bit(8)},
#endif
#ifdef __AVX__
    {"avx", &CpuWords::leaf1_ecx, bit(28)},
    {"operating system that saves avx's registers", &CpuWords::xcr0, bit(1) | bit(2)},
#endif
#ifdef __F16C__
    {"f16c", &CpuWords::leaf1_ecx, bit(29)},
#endif
#ifdef __FMA__
    {"fma", &CpuWords::leaf1_ecx, bit(12)},
#endif
#ifdef __AVX2__
    {"avx2", &CpuWords::leaf7_ebx, bit(5)},
#endif
#ifdef __AVX512F__
    {"avx512f", &CpuWords::leaf7_ebx, bit(16)},
    {"operating system that saves avx512's registers", &CpuWords::xcr0, bit(5) | bit(6) | bit(7)},
#endif
#ifdef __AVX512DQ__
    {"avx512dq", &CpuWords::leaf7_ebx, bit(17)},
#endif
#ifdef __AVX512CD__
    {"avx512cd", &CpuWords::leaf7_ebx, bit(28)},
#endif
#ifdef __AVX512BW__
    {"avx512bw", &CpuWords::leaf7_ebx, bit(30)},
#endif
#ifdef __AVX512VL__
    {"avx512vl", &CpuWords::leaf7_ebx, bit(31)},
#endif
};

}  // namespace

LA_ANY_CPU CpuWords cpu_words() {
    constexpr std::uint32_t kOsxsave = std::uint32_t{1} << 27;
    CpuWords out{};
    std::uint32_t most = 0;
    std::uint32_t eax = 0;
    std::uint32_t ebx = 0;
    std::uint32_t ecx = 0;
    std::uint32_t edx = 0;
    __cpuid(0, most, ebx, ecx, edx);
    __cpuid(1, eax, ebx, out.leaf1_ecx, edx);
    if (most >= 7) __cpuid_count(7, 0, eax, out.leaf7_ebx, ecx, edx);
    __cpuid(0x80000000, most, ebx, ecx, edx);
    if (most >= 0x80000001) __cpuid(0x80000001, eax, ebx, out.extended_ecx, edx);
    if ((out.leaf1_ecx & kOsxsave) != 0) __asm__("xgetbv" : "=a"(out.xcr0), "=d"(edx) : "c"(0));
    return out;
}

LA_ANY_CPU const char* first_missing(const CpuWords& cpu) {
    for (const Need& need : kNeeds) {
        if ((cpu.*need.word & need.bits) != need.bits) return need.name;
    }
    return nullptr;
}

LA_ANY_CPU void refuse_cpu(const char* missing) {
    constexpr int kCannotStart = 4;
    std::fputs("lastack: this machine has no ", stderr);
    std::fputs(missing, stderr);
    std::fputs(", but lastack was built for " LASTACK_CPU
               ": rebuild it here with `meson configure build -Dcpu=native`\n",
               stderr);
    std::_Exit(kCannotStart);
}

}  // namespace lastack::base

// Not static, so that the linker can be told to keep it: nobody calls it by name.
extern "C" {
__attribute__((constructor(101))) LA_ANY_CPU void lastack_cpu_guard();

void lastack_cpu_guard() {
    const char* const missing = lastack::base::first_missing(lastack::base::cpu_words());
    if (missing != nullptr) lastack::base::refuse_cpu(missing);
}
}
