// What is measured: the wheel and its peers, each by its best API, behind one set of names.
//
//   arm(id, tick)       arms or re-arms, for that tick of 1 ms
//   cancel(id)
//   go_to(tick)         lets time pass in which nothing is due
//   drain(tick, fired)  fires all that is due until then
#pragma once

#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_timer.h>

#include <cstdint>

#include "base/arena.hpp"
#include "tests/bench/wheel/fired.hpp"
#include "tests/bench/wheel/memory.hpp"
#include "time/wheel.hpp"

namespace lastack::bench {

class Ours {
  public:
    static constexpr const char* kName = "lastack";
    static constexpr std::uint32_t kBudget = 512;  // of a turn, as worker.expire_budget

    explicit Ours(std::uint32_t capacity)
        : memory_(bytes_for(capacity)),
          arena_(memory_.bytes()),
          wheel_(arena_, capacity, time::Instant{}) {}

    void arm(std::uint32_t id, time::Tick tick) { wheel_.arm(id, time::start_of(tick)); }
    void cancel(std::uint32_t id) { wheel_.cancel(id); }
    void go_to(time::Tick tick) {
        Fired none;
        drain(tick, none);
    }
    void drain(time::Tick tick, Fired& fired) {
        const time::Instant now = time::start_of(tick);
        do {
            wheel_.advance(now, kBudget, fired);
        } while (wheel_.has_due(now));
    }

    static std::size_t bytes_for(std::uint32_t capacity) {
        base::Arena measuring;
        const time::Wheel wheel(measuring, capacity, time::Instant{});
        return measuring.used_bytes();
    }

  private:
    Memory memory_;
    base::Arena arena_;
    time::Wheel wheel_;
};

/// DPDK's skip list, with one thread and one lcore. It reads the TSC itself, so a tick is as many
/// cycles as its owner says, and who wants a timer to be due has to wait for it.
class RteTimers {
  public:
    static constexpr const char* kName = "rte_timer";

    RteTimers(std::uint32_t capacity, std::uint64_t cycles_per_tick)
        : timers_(capacity), cycles_per_tick_(cycles_per_tick) {
        for (std::uint32_t id = 0; id < capacity; ++id) rte_timer_init(&timers_[id]);
    }

    void arm(std::uint32_t id, time::Tick tick) {
        rte_timer_reset(&timers_[id], (tick - now_) * cycles_per_tick_, SINGLE, rte_lcore_id(),
                        &on_expiry, reinterpret_cast<void*>(std::uintptr_t{id}));
    }
    void cancel(std::uint32_t id) { rte_timer_stop(&timers_[id]); }
    void go_to(time::Tick tick) { now_ = tick; }

    /// Until `tick` has come by the TSC, however late something was armed.
    void wait_for(time::Tick tick) const {
        const std::uint64_t end = rte_get_timer_cycles() + (tick - now_) * cycles_per_tick_;
        while (rte_get_timer_cycles() <= end) rte_pause();
    }
    void drain(time::Tick, Fired& fired) {
        fired_ = &fired;
        rte_timer_manage();
    }

  private:
    static void on_expiry(rte_timer*, void* argument) {
        (*fired_)(static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(argument)));
    }

    static inline Fired* fired_ = nullptr;

    Array<rte_timer> timers_;
    std::uint64_t cycles_per_tick_;
    time::Tick now_ = 0;
};

/// A doubly linked list in order of arming, which is the order of expiry where all durations are
/// equal: what FreeBSD's TIME-WAIT and dperf have. A tick that comes out of order is a mistake.
class Fifo {
  public:
    static constexpr const char* kName = "fifo list";

    explicit Fifo(std::uint32_t capacity) : head_(capacity), nodes_(capacity + 1) {
        for (std::uint32_t i = 0; i <= capacity; ++i) nodes_[i] = {i, i, 0};
    }

    void arm(std::uint32_t id, time::Tick tick) {
        unlink(id);
        const std::uint32_t last = nodes_[head_].previous;
        nodes_[id] = {head_, last, tick};
        nodes_[last].next = id;
        nodes_[head_].previous = id;
    }
    void cancel(std::uint32_t id) {
        unlink(id);
        nodes_[id].next = nodes_[id].previous = id;
    }
    void go_to(time::Tick) {}
    void drain(time::Tick tick, Fired& fired) {
        for (std::uint32_t id; (id = nodes_[head_].next) != head_ && nodes_[id].tick <= tick;) {
            cancel(id);
            fired(id);
        }
    }

  private:
    struct Node {
        std::uint32_t next;
        std::uint32_t previous;
        time::Tick tick;
    };

    void unlink(std::uint32_t id) {
        const Node node = nodes_[id];
        nodes_[node.previous].next = node.next;
        nodes_[node.next].previous = node.previous;
    }

    std::uint32_t head_;
    Array<Node> nodes_;
};

}  // namespace lastack::bench
