#include "port/eal.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "port/error.hpp"
#include "tests/port/eal_for_tests.hpp"

namespace lastack::port {
namespace {

// EAL is once per process, so these start a process each: gtest runs the statement in a fresh copy
// of this program, in which no other test has run.
class EalDeathTest : public testing::Test {
  protected:
    EalDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

std::string prefix_of_this_test() {
    return "lastack-test-" + std::to_string(getpid());
}

TEST_F(EalDeathTest, LeavesNothingBehind) {
    const auto run = [] {
        EalConfig config = eal_config_of_tests();
        config.file_prefix = prefix_of_this_test();
        {
            const Eal eal(config);
            if (!std::filesystem::exists(eal.runtime_directory())) _exit(2);
        }
        _exit(std::filesystem::exists(eal_runtime_directory(config.file_prefix)) ? 3 : 0);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

TEST_F(EalDeathTest, LeavesNothingBehindWhereItFails) {
    const auto run = [] {
        EalConfig config = eal_config_of_tests();
        config.file_prefix = prefix_of_this_test();
        config.extra = {"--no-such-argument"};
        try {
            const Eal eal(config);
        } catch (const Error& error) {
            std::fprintf(stderr, "%s\n", error.what());
            _exit(std::filesystem::exists(eal_runtime_directory(config.file_prefix)) ? 3 : 0);
        }
        _exit(2);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0), "EAL: rte_eal_init failed.*eal.extra");
}

TEST_F(EalDeathTest, KeepsTheThreadsAffinity) {
    const auto run = [] {
        cpu_set_t before{};
        cpu_set_t after{};
        sched_getaffinity(0, sizeof before, &before);
        {
            const Eal eal(eal_config_of_tests());
            sched_getaffinity(0, sizeof after, &after);
        }
        std::_Exit(CPU_EQUAL(&before, &after) ? 0 : 1);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

TEST_F(EalDeathTest, StartsOnlyOnceAndSaysSo) {
    const auto run = [] {
        { const Eal first(eal_config_of_tests()); }
        try {
            const Eal second(eal_config_of_tests());
        } catch (const Error& error) {
            std::fprintf(stderr, "%s\n", error.what());
            std::_Exit(0);
        }
        std::_Exit(1);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0), "starts only once; start the process anew");
}

// More than there are huge pages free now.
std::uint32_t more_than_huge_pages() {
    std::uint32_t mib = 160;
    while (huge_pages_available(std::uint64_t{mib} << 20)) mib += 512;
    return mib;
}

TEST_F(EalDeathTest, WithoutHugePagesFallsBackAndSaysSo) {
    const auto run = [] {
        EalConfig config = eal_config_of_tests();
        config.memory = EalConfig::Memory::Huge;
        config.memory_mib = more_than_huge_pages();
        {
            const Eal eal(config);
            if (eal.uses_huge_pages() || eal.notices().size() != 1) std::_Exit(1);
            std::fprintf(stderr, "%s\n", eal.notices()[0].c_str());
        }
        std::_Exit(0);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0), "MiB of free huge pages: using ordinary pages");
}

TEST(Eal, HugePageFilesWithoutHugePagesAreRefusedWithTheRemedy) {
    EalConfig config = eal_config_of_tests();
    config.memory = EalConfig::Memory::HugeFiles;
    config.memory_mib = more_than_huge_pages();
    try {
        const Eal eal(config);
        FAIL() << "EAL started";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("mount hugetlbfs"), std::string::npos);
    }
}

TEST(Eal, ASecondOneUsesTheFirstAsItIs) {
    eal_of_tests();
    {
        const Eal second(eal_config_of_tests());
        EXPECT_TRUE(second.adopted());
        EXPECT_EQ(second.notices().size(), 1U);
    }
    EXPECT_TRUE(std::filesystem::exists(eal_of_tests().runtime_directory()));
}

TEST(Eal, OrdinaryUsersGetADirectoryOfTheirOwn) {
    if (geteuid() == 0) {
        EXPECT_EQ(eal_runtime_directory("x"), "/var/run/dpdk/x");
    } else {
        EXPECT_EQ(eal_runtime_directory("x").find("/var/run"), std::string::npos);
    }
}

}  // namespace
}  // namespace lastack::port
