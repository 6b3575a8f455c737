// The thread that watches over a running daemon: readiness, signals, the drain.
//
//     running? --READY=1--> ... SIGTERM or SIGINT --> drain, STOPPING=1, a line a second
//                                 a second one    --> the end, at once
//                               SIGHUP            --> said to be not built
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "worker/inspector.hpp"

namespace lastack::control {

/// Blocks the signals that a Supervisor waits for, in this thread and all that it makes later. To
/// be called before any other thread exists.
void block_supervised_signals();

struct SupervisorOptions {
    std::chrono::milliseconds drain_patience{10'000};
    std::function<void()> on_thread_start;  ///< A place to set the thread's CPUs.
};

class Supervisor {
  public:
    /// `inspector` must outlive it.
    Supervisor(worker::Inspector& inspector, SupervisorOptions options);

    /// Ends the thread.
    ~Supervisor();
    Supervisor(const Supervisor&) = delete;
    Supervisor& operator=(const Supervisor&) = delete;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace lastack::control
