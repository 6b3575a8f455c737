#include "control/supervisor.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <thread>

#include "control/config/units.hpp"
#include "control/log.hpp"
#include "control/notify.hpp"

namespace lastack::control {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWhileStarting{10};
constexpr milliseconds kWhileRunning{200};  // how late a drain by the API is noticed
constexpr milliseconds kDrainLine{1'000};

sigset_t supervised_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
    return set;
}

int checked(int fd, const char* what) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
    return fd;
}

}  // namespace

void block_supervised_signals() {
    const sigset_t set = supervised_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

class Supervisor::Impl {
  public:
    Impl(worker::Inspector& inspector, SupervisorOptions options)
        : inspector_(inspector), options_(std::move(options)) {
        const sigset_t set = supervised_signals();
        signals_ = checked(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
        end_ = checked(::eventfd(0, EFD_CLOEXEC), "eventfd");
        thread_ = std::thread([this] {
            if (options_.on_thread_start) options_.on_thread_start();
            watch();
        });
    }

    ~Impl() {
        ::eventfd_write(end_, 1);
        thread_.join();
        ::close(signals_);
        ::close(end_);
    }

  private:
    enum class Phase { starting, running, draining };

    void watch() {
        while (true) {
            std::array<pollfd, 2> fds{pollfd{.fd = signals_, .events = POLLIN, .revents = 0},
                                      pollfd{.fd = end_, .events = POLLIN, .revents = 0}};
            ::poll(fds.data(), fds.size(), static_cast<int>(pause().count()));
            if ((fds[1].revents & POLLIN) != 0) return;
            if ((fds[0].revents & POLLIN) != 0) read_signals();
            look();
        }
    }

    milliseconds pause() const {
        return phase_ == Phase::starting ? kWhileStarting : kWhileRunning;
    }

    void read_signals() {
        signalfd_siginfo info{};
        while (::read(signals_, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
            take_signal(static_cast<int>(info.ssi_signo));
        }
    }

    void take_signal(int number) {
        if (number == SIGHUP) {
            log_warning("SIGHUP: reloading is not built yet; nothing has changed");
        } else if (!inspector_.drain_progress().draining) {
            log_info("draining for at most " + format_duration(options_.drain_patience) +
                     ": no new connections, open ones may finish; a second signal ends it at once");
            inspector_.begin_drain(options_.drain_patience);
        } else {
            log_warning("ending at once");
            inspector_.begin_drain(milliseconds(0));
        }
    }

    /// What has changed since the last look.
    void look() {
        if (phase_ == Phase::starting && inspector_.status(0).running) {
            phase_ = Phase::running;
            log_info("ready");
            if (!notify("READY=1")) log_warning("NOTIFY_SOCKET does not take READY=1");
        }
        const worker::DrainProgress progress = inspector_.drain_progress();
        if (!progress.draining) return;
        if (phase_ != Phase::draining) {
            phase_ = Phase::draining;
            notify("STOPPING=1");
            next_line_ = std::chrono::steady_clock::now() + kDrainLine;
        }
        if (std::chrono::steady_clock::now() < next_line_) return;
        next_line_ += kDrainLine;
        log_info("draining: " + std::to_string(progress.live_connections) +
                 " connections are left, and " + std::to_string(progress.patience_left.count()) +
                 " ms of patience");
    }

    worker::Inspector& inspector_;
    SupervisorOptions options_;
    int signals_ = -1;
    int end_ = -1;
    Phase phase_ = Phase::starting;
    std::chrono::steady_clock::time_point next_line_{};
    std::thread thread_;
};

Supervisor::Supervisor(worker::Inspector& inspector, SupervisorOptions options)
    : impl_(std::make_unique<Impl>(inspector, std::move(options))) {}

Supervisor::~Supervisor() = default;

}  // namespace lastack::control
