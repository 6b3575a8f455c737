// One core's run-to-completion turn: a Stack, its ports and its application, driven by one thread.
//
//     turn():  receive            bursts of all ports -> stack
//              expire             timers that are due, at most a budget of them
//              serve              the application's events
//              transmit           what records owe -> ports
//              listen_to_control  device events, stop requests, mailbox
//              idle               spin, pause or sleep (worker/idle.hpp)
//
// The clock is read once, when a turn begins. Nothing up to idle() takes a lock, allocates or makes
// a system call, but for what a driver does and what control asks for.
//
// No rule about a segment lives here: those are the Stack's, which the tests drive without this.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/counters.hpp"
#include "lastack/core.hpp"
#include "port/receiver.hpp"
#include "stack/stack.hpp"
#include "worker/clock.hpp"
#include "worker/drain.hpp"
#include "worker/idle.hpp"
#include "worker/mailbox.hpp"
#include "worker/mbuf_shell.hpp"
#include "worker/worker_stats.hpp"

namespace lastack::worker {

struct WorkerSettings {
    unsigned number = 0;
    unsigned cpu = 0;
    IdlePolicy::Mode idle = IdlePolicy::Mode::Adaptive;
    std::uint16_t burst = 64;
    std::uint32_t expire_budget = 512;
    bool replay = false;  // time from the capture instead of the CPU
    int socket = 0;       // NUMA node
};

/// What a worker drives; all of it outlives the worker.
struct WorkerParts {
    std::vector<port::Ethdev*> ports;
    port::Pools* pools = nullptr;
};

class Worker {
  public:
    Worker(const WorkerSettings& settings, const WorkerParts& parts);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Makes the Stack in `memory` (stack::Stack::arena_bytes(config) of it, which outlives us).
    void create_stack(const stack::Config& config, std::span<std::byte> memory);

    /// On the calling thread, until drained: starts the application, turns, ends it. False where
    /// the application did not start; it has said why through `complain`.
    bool run(std::unique_ptr<Application> application,
             const std::function<void(std::string_view)>& complain);

    /// From any thread and from signal handlers.
    void request_stop(std::chrono::milliseconds patience) { drain_.request(patience); }

    /// Gives back every frame that waits for a port. After run(), before the ports close.
    void let_go_of_frames() { shell_.reset(); }

    // --- Any thread
    Mailbox& mailbox() { return mailbox_; }
    const Drain& drain() const { return drain_; }
    WorkerStatus status() const;
    /// The Stack's and our own, added up.
    CounterValues counters() const;
    const stack::Stack& stack() const { return *stack_; }
    time::Instant now_from_any_thread() const;

    // --- The worker's thread, as a mailbox command
    stack::Stack& stack() { return *stack_; }
    Application* application() { return application_.get(); }
    std::uint32_t frames_waiting(std::size_t port) const {
        return shell_ ? shell_->waiting(port) : 0;
    }

  private:
    friend class CaptureReplay;
    using Work = std::uint32_t;  // how much a phase found to do

    bool turn();
    Work receive(time::Instant now);
    Work expire(time::Instant now);
    Work serve(time::Instant now);
    Work transmit(time::Instant now);
    Work listen_to_control(time::Instant now);
    void idle(time::Instant now, bool worked);

    /// The turn behind receive(), which found `received` frames. True where there was work.
    bool work_through(time::Instant now, Work received);
    void hand_over(std::size_t port, std::span<const port::ReceivedFrame> frames,
                   time::Instant now);
    void heed_device(port::Ethdev& port, time::Instant now);
    void tell_link(const port::Ethdev& port, time::Instant now);
    bool reset_device(port::Ethdev& port);
    void step_drain(time::Instant now);
    void end_run();

    WorkerSettings settings_;
    WorkerParts parts_;
    base::Counters counters_;
    WorkerStats stats_;
    Mailbox mailbox_;
    Drain drain_;
    TickClock clock_;
    IdlePolicy idle_;
    std::unique_ptr<MbufShell> shell_;
    std::vector<port::Receiver> receivers_;
    std::array<port::ReceivedFrame, port::Receiver::kMostFrames> received_{};
    std::array<stack::Frame, port::Receiver::kMostFrames> frames_{};
    stack::Stack* stack_ = nullptr;
    std::unique_ptr<Application> application_;
    std::vector<bool> link_up_;                           // by port, as the Stack was told
    std::vector<bool> ask_link_again_;                    // by port: another thread was asking it
    std::vector<std::optional<time::Instant>> reset_at_;  // by port: when to try again
    std::uint64_t turn_began_ = 0;
    bool last_worked_ = false;
    time::Instant next_link_look_{};
};

}  // namespace lastack::worker
