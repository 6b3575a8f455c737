// The wheel against std::priority_queue with lazy deletion, in the same run.
//
// The queue is what one would write without a wheel: pairs of {tick, id}, a table of the deadlines
// that count, and stale pairs dropped when they surface. Times are per timer.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <queue>
#include <random>
#include <vector>

#include "tests/support/arena_memory.hpp"
#include "time/wheel.hpp"

namespace lastack::time {
namespace {

class Ours {
  public:
    explicit Ours(std::uint32_t capacity)
        : memory_([&](base::Arena& arena) { Wheel(arena, capacity, Instant{}); }),
          arena_(memory_.bytes()),
          wheel_(arena_, capacity, Instant{}) {}

    void arm(std::uint32_t id, Tick tick) { wheel_.arm(id, start_of(tick)); }
    void cancel(std::uint32_t id) { wheel_.cancel(id); }

    template <class Fire, class Soon>
    std::uint32_t advance(Tick tick, std::uint32_t at_most, Fire&& fire, Soon&& soon) {
        return wheel_.advance(start_of(tick), at_most, fire, soon);
    }
    bool has_due(Tick tick) const { return wheel_.has_due(start_of(tick)); }

  private:
    test::ArenaMemory memory_;
    base::Arena arena_;
    Wheel wheel_;
};

class Peer {
  public:
    explicit Peer(std::uint32_t capacity) : deadlines_(capacity, kNone) {}

    void arm(std::uint32_t id, Tick tick) {
        deadlines_[id] = tick;
        queue_.emplace(tick, id);
    }
    void cancel(std::uint32_t id) { deadlines_[id] = kNone; }

    template <class Fire, class Soon>
    std::uint32_t advance(Tick tick, std::uint32_t at_most, Fire&& fire, Soon&&) {
        std::uint32_t fired = 0;
        while (fired < at_most && has_due(tick)) {
            const auto [due, id] = queue_.top();
            queue_.pop();
            if (deadlines_[id] != due) continue;
            deadlines_[id] = kNone;
            ++fired;
            fire(id);
        }
        return fired;
    }
    bool has_due(Tick tick) const { return !queue_.empty() && queue_.top().first <= tick; }

  private:
    using Entry = std::pair<Tick, std::uint32_t>;
    static constexpr Tick kNone = ~Tick{0};

    std::vector<Tick> deadlines_;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue_;
};

struct alignas(64) Record {
    std::uint64_t touched = 0;
};

std::vector<std::uint32_t> shuffled(std::uint32_t count) {
    std::vector<std::uint32_t> ids(count);
    for (std::uint32_t i = 0; i < count; ++i) ids[i] = i;
    std::shuffle(ids.begin(), ids.end(), std::mt19937_64(7));
    return ids;
}

// A retransmission timer that every ACK pushes further away, eight times before it would be due.
template <class Timers>
void arm_later(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    Timers timers(count);
    const std::vector<std::uint32_t> ids = shuffled(count);
    Tick tick = 8;
    std::size_t i = 0;
    for ([[maybe_unused]] auto _ : state) {
        timers.arm(ids[i], tick);
        if (++i == count) {
            i = 0;
            timers.advance(
                ++tick - 8, 1U << 20, [](std::uint32_t) {}, [](std::uint32_t) {});
        }
    }
    state.SetItemsProcessed(state.iterations());
}

// A delayed ACK's: armed, and cancelled before it is due.
template <class Timers>
void arm_and_cancel(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    Timers timers(count);
    const std::vector<std::uint32_t> ids = shuffled(count);
    Tick now = 0;
    std::size_t i = 0;
    for ([[maybe_unused]] auto _ : state) {
        timers.arm(ids[i], now + 40);
        timers.cancel(ids[i]);
        if (++i == count) i = 0;
        if (i % 1'024 == 0) {
            timers.advance(
                ++now, 1'024, [](std::uint32_t) {}, [](std::uint32_t) {});
        }
    }
    state.SetItemsProcessed(state.iterations());
}

// TIME-WAIT in a steady state: each record expires after 60 s and is taken again at once. A tick
// fires as many as come due; each fire touches its record.
template <class Timers>
void time_wait(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    Timers timers(count);
    std::vector<Record> records(count);
    const std::vector<std::uint32_t> ids = shuffled(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        timers.arm(ids[i], 1 + std::uint64_t{i} * 60'000 / count);
    }
    Tick now = 0;
    std::int64_t fired = 0;
    for ([[maybe_unused]] auto _ : state) {
        ++now;
        const auto again = [&](std::uint32_t id) {
            ++records[id].touched;
            timers.arm(id, now + 60'000);
        };
        const auto soon = [&](std::uint32_t id) { __builtin_prefetch(&records[id], 1); };
        while (timers.has_due(now)) fired += timers.advance(now, 256, again, soon);
    }
    state.SetItemsProcessed(fired);
}

// All records in one tick, in random order, drained 256 at a time.
template <class Timers>
void drain_one_tick(benchmark::State& state) {
    const auto count = static_cast<std::uint32_t>(state.range(0));
    Timers timers(count);
    std::vector<Record> records(count);
    const std::vector<std::uint32_t> ids = shuffled(count);
    Tick now = 0;
    std::int64_t fired = 0;
    for ([[maybe_unused]] auto _ : state) {
        state.PauseTiming();
        now += 100;
        for (const std::uint32_t id : ids) timers.arm(id, now);
        state.ResumeTiming();
        const auto touch = [&](std::uint32_t id) { ++records[id].touched; };
        const auto soon = [&](std::uint32_t id) { __builtin_prefetch(&records[id], 1); };
        while (timers.has_due(now)) fired += timers.advance(now, 256, touch, soon);
    }
    state.SetItemsProcessed(fired);
}

// An hour in which one far timer is all there is, in one call.
void idle_hour(benchmark::State& state) {
    Ours timers(1);
    Tick now = 0;
    for ([[maybe_unused]] auto _ : state) {
        timers.arm(0, now + 10'000'000);
        timers.advance(
            now += 3'600'000, 64, [](std::uint32_t) {}, [](std::uint32_t) {});
    }
}

#define LA_TIMERS ->Arg(64 << 10)->Arg(1 << 20)
BENCHMARK_TEMPLATE(arm_later, Ours) LA_TIMERS;
BENCHMARK_TEMPLATE(arm_later, Peer) LA_TIMERS;
BENCHMARK_TEMPLATE(arm_and_cancel, Ours) LA_TIMERS;
BENCHMARK_TEMPLATE(arm_and_cancel, Peer) LA_TIMERS;
BENCHMARK_TEMPLATE(time_wait, Ours) LA_TIMERS;
BENCHMARK_TEMPLATE(time_wait, Peer) LA_TIMERS;
BENCHMARK_TEMPLATE(drain_one_tick, Ours) LA_TIMERS;
BENCHMARK_TEMPLATE(drain_one_tick, Peer) LA_TIMERS;
BENCHMARK(idle_hour);

}  // namespace
}  // namespace lastack::time
