#include "tests/bench/table/pages.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace lastack::bench {

namespace {

bool huge_wanted = true;

double of_smaps(const std::string& name) {
    std::ifstream in("/proc/self/smaps_rollup");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(name + ":")) return std::atof(line.c_str() + name.size() + 1);
    }
    return 0;
}

}  // namespace

void Pages::want_huge(bool huge) {
    huge_wanted = huge;
}

std::string Pages::describe() {
    const double all = of_smaps("Anonymous");
    return fmt::format("{:.0f} % of memory (transparent, by madvise)",
                       all > 0 ? of_smaps("AnonHugePages") / all * 100 : 0.0);
}

// A huge page more than asked, so that a multiple of its size lies within; the ends are given back.
Pages::Pages(std::size_t bytes) : size_((bytes + kHuge - 1) / kHuge * kHuge) {
    void* const got = mmap(nullptr, size_ + kHuge, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) {
        std::perror("bench: no memory");
        std::exit(2);
    }
    auto* const whole = static_cast<std::byte*>(got);
    const std::size_t ahead = (kHuge - reinterpret_cast<std::uintptr_t>(whole) % kHuge) % kHuge;
    start_ = whole + ahead;
    if (ahead != 0) munmap(whole, ahead);
    munmap(start_ + size_, kHuge - ahead);
    madvise(start_, size_, huge_wanted ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

Pages::~Pages() {
    munmap(start_, size_);
}

}  // namespace lastack::bench
