// A process's lastack: EAL, ports and workers, from a configuration and an application.
//
//     lastack::Options options;
//     options.ports.push_back({.device = "net_tap0,iface=la0", .addresses = {...}});
//     lastack::Runtime runtime(options, [](unsigned) { return std::make_unique<MyService>(); });
//     return runtime.run();
//
// Link with `pkg-config --libs lastack`. One Runtime per process, for EAL is one per process.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>

#include "lastack/core.hpp"
#include "lastack/counters.hpp"
#include "lastack/options.hpp"

namespace lastack {

/// The configuration cannot be put into effect: what() names the place and the remedy.
class StartError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Runtime {
  public:
    /// Starts EAL, opens the ports, reserves memory, makes the workers. Throws StartError, and
    /// then leaves nothing behind.
    Runtime(const Options& options, ApplicationFactory factory);
    ~Runtime();
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    /// Runs until stop(), or until every application has finished. Returns 0, or 1 where an
    /// application refused to start or a worker failed. Once per Runtime: the ports are closed
    /// when it ends, and a second call throws StartError.
    int run();

    /// Ends run() after draining: no new connections, open ones finish, at most `patience`.
    /// Safe from any thread and from a signal handler; a second call ends it at once.
    void stop(std::chrono::milliseconds patience = std::chrono::seconds(10));

    /// The counters of all workers, summed. From any thread.
    Counters counters() const;

    class Impl;
    /// For control/: the runtime's inside (worker/runtime_impl.hpp).
    Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace lastack
