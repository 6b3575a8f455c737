// lastackd as a process: what it says to whoever starts it, and that it leaves nothing behind.
// On a net_null device and ordinary pages, so that no privilege is needed.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "control/cli/client.hpp"
#include "control/exit_code.hpp"
#include "tests/control/temporary_directory.hpp"

namespace lastack::control {
namespace {

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return condition();
}

std::string content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A lastackd, its stdout and stderr in a file. Killed at the end, if it still runs.
class Process {
  public:
    Process(std::vector<std::string> arguments, const std::string& output) {
        arguments.insert(arguments.begin(), LASTACKD);
        std::vector<char*> argv;
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, 1, output.c_str(),
                                           O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
        EXPECT_EQ(::posix_spawn(&pid_, LASTACKD, &actions, nullptr, argv.data(), environ), 0);
        ::posix_spawn_file_actions_destroy(&actions);
    }
    ~Process() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void signal(int number) const { ::kill(pid_, number); }
    pid_t pid() const { return pid_; }

    /// Waits for its end; -1 where a signal ended it.
    int exit_code() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

  private:
    pid_t pid_ = -1;
};

class Daemon : public testing::Test {
  protected:
    Daemon() {
        // Where an ordinary user's DPDK keeps its run-time files.
        ::setenv("XDG_RUNTIME_DIR", directory.file("").c_str(), 0);
        std::ofstream(config) << "[eal]\nmemory = \"none\"\n"
                                 "[limits]\nmax_connections = 256\nmax_time_wait = 256\n"
                                 "max_half_open = 256\nmbufs = 2048\n"
                                 "[[port]]\ndevice = \"net_null0\"\n"
                                 "addresses = [\"198.18.0.2/24\"]\n"
                                 "[control]\nsocket = \""
                              << socket << "\"\n[[service]]\nkind = \"echo\"\n";
    }
    int run(std::vector<std::string> arguments) {
        return Process(std::move(arguments), output).exit_code();
    }
    std::string said() const { return content(output); }
    bool answers() const {
        try {
            const cli::Answer answer = cli::Client(socket).get("/v1/status");
            const auto json = nlohmann::json::parse(answer.body);
            return json.at("workers").at(0).at("running") == true;
        } catch (const cli::NoDaemon&) {
            return false;
        }
    }

    TemporaryDirectory directory;
    std::string config = directory.file("lastack.toml");
    std::string output = directory.file("output");
    std::string second_output = directory.file("output2");
    std::string socket = directory.file("control.sock");
};

TEST_F(Daemon, AnswersWhileItRunsAndEndsWith0OnSigterm) {
    Process daemon({"-c", config}, output);
    ASSERT_TRUE(eventually([this] { return answers(); })) << said();
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.exit_code(), 0) << said();
    EXPECT_NE(said().find("info: ready\n"), std::string::npos);
    EXPECT_NE(said().find("info: stopped; 0 connections were in TIME-WAIT\n"), std::string::npos);
    EXPECT_NE(::access(socket.c_str(), F_OK), 0) << "the socket is left behind";
}

TEST_F(Daemon, EndsWhenItIsDrainedOverItsSocket) {
    Process daemon({"-c", config}, output);
    ASSERT_TRUE(eventually([this] { return answers(); })) << said();
    EXPECT_EQ(cli::Client(socket).post("/v1/drain?patience=1s").status, 200);
    EXPECT_EQ(daemon.exit_code(), 0) << said();
}

TEST_F(Daemon, ASecondOneOnTheSameSocketEndsWith5AndTheFirstGoesOn) {
    Process first({"-c", config}, output);
    ASSERT_TRUE(eventually([this] { return answers(); })) << said();
    EXPECT_EQ(Process({"-c", config}, second_output).exit_code(), to_int(ExitCode::in_use));
    EXPECT_NE(content(second_output).find("another lastackd answers there"), std::string::npos);
    EXPECT_TRUE(answers());
    first.signal(SIGINT);
    EXPECT_EQ(first.exit_code(), 0) << said();
}

TEST_F(Daemon, TheSocketOfAKilledOneIsTakenOver) {
    Process killed({"-c", config}, output);
    ASSERT_TRUE(eventually([this] { return answers(); })) << said();
    // Whoever kills a daemon so hard cleans up after it: DPDK's run-time files stay.
    const std::string left_behind = "/var/run/dpdk/lastack-" + std::to_string(killed.pid());
    killed.signal(SIGKILL);
    EXPECT_EQ(killed.exit_code(), -1);
    std::error_code ignored;
    std::filesystem::remove_all(left_behind, ignored);
    Process next({"-c", config}, second_output);
    EXPECT_TRUE(eventually([this] { return answers(); })) << content(second_output);
    next.signal(SIGTERM);
    EXPECT_EQ(next.exit_code(), 0) << content(second_output);
}

TEST_F(Daemon, ABadConfigurationEndsWith3AndItsPlace) {
    EXPECT_EQ(run({"-c", config, "--set", "tcp.mls=1s"}), to_int(ExitCode::configuration));
    EXPECT_EQ(said(), "lastackd: --set tcp.mls=1s: unknown key tcp.mls; did you mean tcp.msl?\n");
    EXPECT_EQ(run({"-c", config + ".none"}), to_int(ExitCode::configuration));
    EXPECT_EQ(said(),
              "lastackd: " + config + ".none: cannot read this file: No such file or directory\n");
}

TEST_F(Daemon, ABadCommandLineEndsWith2) {
    EXPECT_EQ(run({"--frobnicate"}), to_int(ExitCode::usage));
    EXPECT_EQ(run({"-c", config, "--check-config", "--print-config"}), to_int(ExitCode::usage));
    EXPECT_EQ(run({"--help"}), 0);
    EXPECT_NE(said().find("Exit codes:"), std::string::npos);
    EXPECT_EQ(run({"--version"}), 0);
    EXPECT_TRUE(said().starts_with("lastackd ")) << said();
}

TEST_F(Daemon, ChecksAndPrintsWithoutStarting) {
    EXPECT_EQ(run({"-c", config, "--check-config"}), 0);
    EXPECT_EQ(said(), config + ": ok, 1 port(s), 1 service(s)\n");
    EXPECT_EQ(run({"-c", config, "--print-config", "--set", "tcp.msl=1s"}), 0);
    EXPECT_NE(said().find("msl = \"1s\"                                  # --set\n"),
              std::string::npos)
        << said();
}

TEST_F(Daemon, ADeviceThatDoesNotExistEndsWith4AndIsNamed) {
    EXPECT_EQ(run({"-c", config, "--set", "port.0.device=net_nothing0"}),
              to_int(ExitCode::cannot_start));
    EXPECT_NE(said().find("net_nothing0"), std::string::npos) << said();
    EXPECT_NE(::access(socket.c_str(), F_OK), 0) << "the socket is left behind";
}

TEST_F(Daemon, ASocketThatCannotBeMadeEndsWith4BeforeAnythingStarts) {
    EXPECT_EQ(run({"-c", config, "--set", "control.socket=/proc/x/y"}),
              to_int(ExitCode::cannot_start));
    EXPECT_NE(said().find("control socket /proc/x/y: "), std::string::npos) << said();
}

}  // namespace
}  // namespace lastack::control
