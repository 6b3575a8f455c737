// Readiness and signals, with real signals and a real notification socket. Waits poll to a
// deadline: the supervisor's own clock is the machine's.
#include "control/supervisor.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <thread>

#include "control/log.hpp"
#include "tests/control/fake_inspector.hpp"
#include "tests/control/temporary_directory.hpp"

namespace lastack::control {
namespace {

using std::chrono::milliseconds;

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
        if (condition()) return true;
        std::this_thread::sleep_for(milliseconds(2));
    }
    return condition();
}

class SupervisorTest : public testing::Test {
  protected:
    SupervisorTest() {
        set_log_level(ControlOptions::LogLevel::error);
        block_supervised_signals();
    }
    FakeInspector inspector;
};

TEST_F(SupervisorTest, TheFirstSignalDrainsAndTheSecondEndsAtOnce) {
    const Supervisor supervisor(inspector,
                                {.drain_patience = milliseconds(7'000), .on_thread_start = {}});
    ::kill(::getpid(), SIGTERM);
    ASSERT_TRUE(eventually([&] { return inspector.drains_so_far().size() == 1; }));
    EXPECT_EQ(inspector.drains_so_far()[0], milliseconds(7'000));
    ::kill(::getpid(), SIGINT);
    ASSERT_TRUE(eventually([&] { return inspector.drains_so_far().size() == 2; }));
    EXPECT_EQ(inspector.drains_so_far()[1], milliseconds(0));
}

TEST_F(SupervisorTest, AReloadIsDeclinedAndHarmsNothing) {
    const Supervisor supervisor(inspector, {});
    ::kill(::getpid(), SIGHUP);
    ::kill(::getpid(), SIGTERM);  // taken after it, so that the first was taken, too
    ASSERT_TRUE(eventually([&] { return !inspector.drains_so_far().empty(); }));
    EXPECT_EQ(inspector.drains_so_far().size(), 1U);
}

TEST_F(SupervisorTest, SystemdIsToldOfReadinessAndOfTheEnd) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("notify");
    const int receiver = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    ASSERT_EQ(::bind(receiver, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    const auto received = [receiver] {
        char text[64];
        const ssize_t got = ::recv(receiver, text, sizeof text, 0);
        return got < 0 ? std::string("nothing") : std::string(text, static_cast<std::size_t>(got));
    };
    {
        const Supervisor supervisor(inspector, {});
        inspector.set_running(true);
        EXPECT_EQ(received(), "READY=1");
        ::kill(::getpid(), SIGTERM);
        EXPECT_EQ(received(), "STOPPING=1");
    }
    ::unsetenv("NOTIFY_SOCKET");
    ::close(receiver);
}

}  // namespace
}  // namespace lastack::control
