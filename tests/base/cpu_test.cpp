#include "base/cpu.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace lastack::base {
namespace {

// That this test runs proves that the CPU suffices, so the question must be answered so.
TEST(Cpu, ACpuThatRunsTheBuildIsSupportedAndThereIsNothingToComplainOf) {
    EXPECT_TRUE(cpu_supported());
    EXPECT_EQ(cpu_complaint(), nullptr);
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
