// Does this CPU have what we were compiled for?
//
// The option `cpu` sets -march for everything but DPDK's own libraries, so a build made on one
// machine may die of an illegal instruction on another. Every program that links this folder asks
// before it does anything else: lastack_cpu_guard() runs ahead of all constructors that no compiler
// has reserved, is itself compiled for any x86-64, and ends the process with a sentence and code 4
// (docs/operations.md). What stands here is for it, and for its test.
#pragma once

#include <cstdint>

namespace lastack::base {

/// What CPUID and XGETBV say, as far as it is about instruction sets. Without initialisers, for
/// they would make a constructor, which is compiled as everything else is.
struct CpuWords {
    std::uint32_t leaf1_ecx;
    std::uint32_t leaf7_ebx;
    std::uint32_t extended_ecx;  // leaf 0x80000001
    std::uint32_t xcr0;          // the registers that the operating system saves
};

CpuWords cpu_words();

/// The first instruction set that the build may use and such a CPU has not; nullptr where it has
/// them all.
const char* first_missing(const CpuWords& cpu);

/// Says on stderr what is missing, with the remedy, and ends the process.
[[noreturn]] void refuse_cpu(const char* missing);

}  // namespace lastack::base
