// A Runtime's inside: EAL, ports, pools, the Stack's memory and the worker, made in this order and
// taken down in the other; and the answers to control's questions (worker/inspector.hpp).
//
// One worker now. It runs on the thread that calls run(), which is pinned to its CPU meanwhile;
// control threads are the embedder's, and keep the process's affinity.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "lastack/runtime.hpp"
#include "port/eal.hpp"
#include "port/ethdev.hpp"
#include "port/pools.hpp"
#include "worker/arena_memory.hpp"
#include "worker/inspector.hpp"
#include "worker/worker.hpp"

namespace lastack {

class Runtime::Impl final : public worker::Inspector {
  public:
    /// Throws StartError or port::Error; nothing is left behind then.
    Impl(const Options& options, ApplicationFactory factory);
    ~Impl() override;

    int run();
    void stop(std::chrono::milliseconds patience) { worker_->request_stop(patience); }

    /// Whether everything came back, known after run() (J-36).
    struct Conservation {
        std::uint64_t mbufs_missing = 0;  // as of now
        /// False where a driver does not give all back: a ring port hands its frames to whoever
        /// reads the ring, and af_xdp keeps those in its fill queue.
        bool mbufs_countable = true;
        bool stack_quiescent = true;
        bool holds() const { return (mbufs_missing == 0 || !mbufs_countable) && stack_quiescent; }
    };
    std::optional<Conservation> conservation() const;

    /// As if the device had reported it: for tests, which have no device that does.
    void device_event(std::uint8_t port, port::PortEvent event) {
        ports_.at(port)->on_event(event);
    }

    // --- worker::Inspector
    unsigned workers() const override { return 1; }
    worker::CounterValues counters(unsigned worker) const override;
    stack::StateGauges gauges(unsigned worker) const override;
    worker::WorkerStatus status(unsigned worker) const override;
    std::vector<worker::PortStatus> ports() override;
    worker::ClockAnchor clock_anchor() const override;
    std::vector<std::string> notices() const override { return notices_; }
    worker::Answer<worker::ConnectionPage> list(unsigned worker, stack::ListCursor from,
                                                const stack::ListFilter& filter,
                                                worker::Patience patience) override;
    worker::Answer<worker::TracePage> trace(unsigned worker, std::uint64_t from_number,
                                            worker::Patience patience) override;
    worker::Answer<std::vector<worker::MemoryRow>> memory(unsigned worker,
                                                          worker::Patience patience) override;
    worker::Answer<std::vector<worker::NeighbourRow>> neighbours(
        unsigned worker, worker::Patience patience) override;
    worker::Answer<std::string> report(unsigned worker, worker::Patience patience) override;
    void begin_drain(worker::Patience patience) override { stop(patience); }
    worker::DrainProgress drain_progress() const override;

  private:
    void start_eal();
    void open_ports();
    void make_pools();
    void make_worker();
    void notice(std::string text);
    void close();
    int socket() const;
    worker::PortStatus status_of(const port::Ethdev& port) const;

    template <class Function>
    auto ask(unsigned number, worker::Patience patience, Function function);

    Options options_;
    ApplicationFactory factory_;
    unsigned cpu_ = 0;
    std::vector<std::string> notices_;
    std::unique_ptr<port::Eal> eal_;
    std::unique_ptr<port::Pools> pools_;
    std::vector<std::unique_ptr<port::Ethdev>> ports_;
    std::unique_ptr<worker::ArenaMemory> arena_;
    std::unique_ptr<worker::Worker> worker_;
    mutable std::mutex ports_lock_;  // control asks about ports while run() closes them
    bool mbufs_countable_ = true;
    bool closed_ = false;
};

}  // namespace lastack
