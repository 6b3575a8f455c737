// What a worker publishes of itself: words that it alone writes and any thread reads.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include "worker/inspector.hpp"

namespace lastack::worker {

class alignas(64) WorkerStats {
  public:
    void turned(bool busy, std::uint64_t cycles) {
        add(turns_, 1);
        if (busy) add(busy_turns_, 1);
        add(busy ? busy_cycles_ : idle_cycles_, cycles);
    }
    void slept() { add(sleeps_, 1); }
    void received(std::size_t frames) { add(bursts_[bucket(frames)], 1); }
    void set_running(bool running) { running_.store(running, std::memory_order_release); }
    void set_timers_behind(bool behind) { timers_behind_.store(behind, std::memory_order_relaxed); }
    void set_live_connections(std::uint32_t count) {
        live_connections_.store(count, std::memory_order_relaxed);
    }

    bool running() const { return running_.load(std::memory_order_acquire); }
    std::uint32_t live_connections() const {
        return live_connections_.load(std::memory_order_relaxed);
    }
    std::uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }

    /// All but what the worker is and where it runs.
    WorkerStatus read() const {
        WorkerStatus out;
        out.running = running();
        out.turns = turns();
        out.busy_turns = busy_turns_.load(std::memory_order_relaxed);
        out.sleeps = sleeps_.load(std::memory_order_relaxed);
        out.busy_cycles = busy_cycles_.load(std::memory_order_relaxed);
        out.idle_cycles = idle_cycles_.load(std::memory_order_relaxed);
        for (std::size_t i = 0; i < kBurstBuckets; ++i) {
            out.bursts[i] = bursts_[i].load(std::memory_order_relaxed);
        }
        out.timers_behind = timers_behind_.load(std::memory_order_relaxed);
        out.live_connections = live_connections();
        return out;
    }

    /// 0 for 0, 1 for 1, 2 for 2, 3 for 3 and 4, 4 for 5 .. 8, and so on.
    static constexpr std::size_t bucket(std::size_t frames) {
        if (frames == 0) return 0;
        const auto index = static_cast<std::size_t>(std::bit_width(frames - 1)) + 1;
        return index < kBurstBuckets ? index : kBurstBuckets - 1;
    }

  private:
    using Word = std::atomic<std::uint64_t>;
    static void add(Word& word, std::uint64_t amount) {
        word.store(word.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }

    Word turns_{0};
    Word busy_turns_{0};
    Word sleeps_{0};
    Word busy_cycles_{0};
    Word idle_cycles_{0};
    std::array<Word, kBurstBuckets> bursts_{};
    std::atomic<std::uint32_t> live_connections_{0};
    std::atomic<bool> timers_behind_{false};
    std::atomic<bool> running_{false};
};

}  // namespace lastack::worker
