#include "base/cpu.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace lastack::base {
namespace {

constexpr std::uint32_t kAll = 0xffff'ffff;
constexpr CpuWords kEverything{
    .leaf1_ecx = kAll, .leaf7_ebx = kAll, .extended_ecx = kAll, .xcr0 = kAll};

/// What is missing on a CPU that has everything but this.
std::string missing_without(std::uint32_t CpuWords::*word, unsigned bit) {
    CpuWords cpu = kEverything;
    cpu.*word &= ~(std::uint32_t{1} << bit);
    const char* const missing = first_missing(cpu);
    return missing == nullptr ? "" : missing;
}

// That this test runs proves that the CPU suffices, so the question must be answered so.
TEST(Cpu, ACpuThatRunsTheBuildLacksNothing) {
    EXPECT_EQ(first_missing(cpu_words()), nullptr);
    EXPECT_EQ(first_missing(kEverything), nullptr);
}

TEST(Cpu, EveryInstructionSetOfX86_64_V3IsAskedFor) {
    if (std::string_view(LASTACK_CPU) != "x86-64-v3") {
        GTEST_SKIP() << "cpu=" << LASTACK_CPU << " promises no certain instruction set";
    }
    EXPECT_STREQ(first_missing({}), "sse3");
    EXPECT_EQ(missing_without(&CpuWords::leaf1_ecx, 12), "fma");
    EXPECT_EQ(missing_without(&CpuWords::leaf1_ecx, 20), "sse4.2");
    EXPECT_EQ(missing_without(&CpuWords::leaf1_ecx, 22), "movbe");
    EXPECT_EQ(missing_without(&CpuWords::leaf1_ecx, 23), "popcnt");
    EXPECT_EQ(missing_without(&CpuWords::leaf1_ecx, 28), "avx");
    EXPECT_EQ(missing_without(&CpuWords::leaf1_ecx, 29), "f16c");
    EXPECT_EQ(missing_without(&CpuWords::leaf7_ebx, 3), "bmi");
    EXPECT_EQ(missing_without(&CpuWords::leaf7_ebx, 5), "avx2");
    EXPECT_EQ(missing_without(&CpuWords::leaf7_ebx, 8), "bmi2");
    EXPECT_EQ(missing_without(&CpuWords::extended_ecx, 5), "lzcnt");
    EXPECT_EQ(missing_without(&CpuWords::xcr0, 2), "operating system that saves avx's registers");
    EXPECT_EQ(missing_without(&CpuWords::leaf1_ecx, 31), "") << "a hypervisor is no requirement";
}

TEST(Cpu, ACpuThatLacksSomethingEndsTheProcessWith4AndTheRemedy) {
    EXPECT_EXIT(refuse_cpu("movbe"), testing::ExitedWithCode(4),
                "^lastack: this machine has no movbe, but lastack was built for [^ ]+: rebuild it "
                "here with `meson configure build -Dcpu=native`\n$");
}

// DPDK's pkg-config says -march=corei7; ours must win, or AVX2 and BMI2 are silently lost.
TEST(Cpu, TheBuildUsesTheInstructionsThatTheCpuOptionGrants) {
    if (std::string_view(LASTACK_CPU) != "x86-64-v3") {
        GTEST_SKIP() << "cpu=" << LASTACK_CPU << " promises no certain instruction set";
    }
#if defined(__AVX2__) && defined(__BMI2__)
    const bool granted = true;
#else
    const bool granted = false;
#endif
    EXPECT_TRUE(granted);
}

}  // namespace
}  // namespace lastack::base
