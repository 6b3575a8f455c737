#include "port/eal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>

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

TEST_F(EalDeathTest, SaysOnceWhyItFailedAndNothingElse) {
    const auto run = [] {
        EalConfig config = eal_config_of_tests();
        config.extra = {"--no-such-argument"};
        dup2(2, 1);  // the usage text would go to stdout
        try {
            const Eal eal(config);
        } catch (const Error& error) {
            std::fprintf(stderr, "%s\n", error.what());
            std::_Exit(0);
        }
        std::_Exit(2);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0),
                "^EAL: rte_eal_init failed: Invalid argument, DPDK says \"EAL: Invalid 'command "
                "line' arguments., lastack: unrecognized option '--no-such-argument'\"; look at "
                "eal.extra and eal.allow\n$");
}

TEST_F(EalDeathTest, AMistakeInAllowIsNoSuchDevice) {
    const auto run = [] {
        EalConfig config = eal_config_of_tests();
        config.allow = {"zz"};
        try {
            const Eal eal(config);
        } catch (const Error& error) {
            std::fprintf(stderr, "%s\n", error.what());
            std::_Exit(0);
        }
        std::_Exit(2);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0), "No such device.*'zz'.*look at eal.allow");
}

/// A process that does `hold` and keeps what it holds until it is killed.
class Holder {
  public:
    explicit Holder(const std::function<void()>& hold) {
        int pipe_ends[2];
        if (pipe(pipe_ends) != 0) std::_Exit(10);
        process_ = fork();
        if (process_ == 0) {
            hold();
            if (write(pipe_ends[1], "x", 1) == 1) pause();
            std::_Exit(11);
        }
        close(pipe_ends[1]);
        char held = 0;
        if (read(pipe_ends[0], &held, 1) != 1) std::_Exit(12);
        close(pipe_ends[0]);
    }
    ~Holder() {
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
    }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;

  private:
    pid_t process_ = -1;
};

/// Starts an Eal of that prefix and says what came of it.
void start_and_say(const EalConfig& config) {
    try {
        const Eal eal(config);
        std::fprintf(stderr, "started\n");
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
}

constexpr const char* kTaken =
    "^EAL: file_prefix lastack-test-[0-9]+ is used by another process; choose another "
    "eal.file_prefix\n$";

TEST_F(EalDeathTest, ASecondOneOfTheSamePrefixIsRefusedAndTheFirstKeepsItsDirectory) {
    for (const EalConfig::Memory memory : {EalConfig::Memory::None, EalConfig::Memory::Huge}) {
        const auto run = [memory] {
            EalConfig config = eal_config_of_tests();
            config.memory = memory;  // without shared memory, DPDK itself locks nothing
            config.file_prefix = prefix_of_this_test();
            const std::filesystem::path directory = eal_runtime_directory(config.file_prefix);
            bool kept = false;
            {
                const Holder first([&config] { new Eal(config); });
                start_and_say(config);
                kept = std::filesystem::exists(directory / "dpdk_telemetry.v2");
            }
            std::filesystem::remove_all(directory);
            std::_Exit(kept ? 0 : 3);
        };
        EXPECT_EXIT(run(), testing::ExitedWithCode(0), kTaken);
    }
}

TEST_F(EalDeathTest, ADirectoryThatAnotherProgramOfDpdksHasLockedIsLeftAlone) {
    const auto run = [] {
        EalConfig config = eal_config_of_tests();
        config.file_prefix = prefix_of_this_test();
        const std::filesystem::path directory = eal_runtime_directory(config.file_prefix);
        std::filesystem::create_directories(directory);
        bool kept = false;
        {
            const Holder foreign([&directory] {
                const int fd = open((directory / "config").c_str(), O_RDWR | O_CREAT, 0600);
                struct flock lock {};
                lock.l_type = F_WRLCK;
                lock.l_whence = SEEK_SET;
                lock.l_start = 64;
                lock.l_len = 64;
                if (fcntl(fd, F_SETLK, &lock) != 0) std::_Exit(13);
            });
            start_and_say(config);
            kept = std::filesystem::exists(directory / "config");
        }
        std::filesystem::remove_all(directory);
        std::_Exit(kept ? 0 : 3);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0), kTaken);
}

TEST_F(EalDeathTest, WhatAKilledOneLeftIsTakenOverAndThenRemoved) {
    const auto run = [] {
        EalConfig config = eal_config_of_tests();
        config.file_prefix = prefix_of_this_test();
        const std::filesystem::path directory = eal_runtime_directory(config.file_prefix);
        {
            const Holder killed([&config] { new Eal(config); });
        }
        if (!std::filesystem::exists(directory)) std::_Exit(3);
        start_and_say(config);
        if (std::filesystem::exists(directory)) std::_Exit(4);
        std::_Exit(0);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0), "^started\n$");
}

TEST(EalDirectory, OneThatNoLastackMadeIsNotRemoved) {
    const std::string prefix = prefix_of_this_test() + "-foreign";
    const std::filesystem::path path = eal_runtime_directory(prefix);
    std::filesystem::create_directories(path / "of-others");
    {
        const EalDirectory directory(prefix);
        EXPECT_TRUE(std::filesystem::exists(path / "lastack.lock"));
    }
    EXPECT_TRUE(std::filesystem::exists(path / "of-others"));
    EXPECT_FALSE(std::filesystem::exists(path / "lastack.lock"));
    std::filesystem::remove_all(path);
}

TEST(EalDirectory, TwoCannotHaveTheSameAndTheNextOneCan) {
    const std::string prefix = prefix_of_this_test() + "-twice";
    {
        const EalDirectory first(prefix);
        EXPECT_THROW(EalDirectory{prefix}, Error);
        EXPECT_TRUE(std::filesystem::exists(eal_runtime_directory(prefix)));
    }
    EXPECT_FALSE(std::filesystem::exists(eal_runtime_directory(prefix)));
    const EalDirectory next(prefix);
}

TEST(EalDirectory, APrefixIsANameAndNoPath) {
    for (const char* const good : {"a", "lastack-12", "A_b.c", "...", "-"}) {
        EXPECT_TRUE(valid_file_prefix(good)) << good;
    }
    for (const char* const bad : {"", ".", "..", "a/b", "../x", "/", "a b", "a\n", "\xc3\xa4"}) {
        EXPECT_FALSE(valid_file_prefix(bad)) << bad;
    }
    EXPECT_TRUE(valid_file_prefix(std::string(48, 'x')));
    EXPECT_FALSE(valid_file_prefix(std::string(49, 'x')));
}

TEST_F(EalDeathTest, APrefixThatLeadsElsewhereNeverReachesTheFileSystem) {
    const auto run = [] {
        EalConfig config = eal_config_of_tests();
        config.file_prefix = "../lastack-test";
        const Eal eal(config);
    };
    EXPECT_DEATH(run(), "assertion failed: valid_file_prefix");
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
