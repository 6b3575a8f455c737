// What is done to each kind of timers, and timed: the same work on the same data for all.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <vector>

#include "tests/bench/wheel/fired.hpp"
#include "time/instant.hpp"

namespace lastack::bench {

inline constexpr time::Tick kLongest = 240'000;   // random durations: 1 ms to 2MSL of 240 s
inline constexpr time::Tick kEqual = 60'000;      // equal durations: 2MSL of a minute
inline constexpr std::uint32_t kPerTick = 1'000;  // armed per ms at equal durations

/// CPU time of this thread: what others do on its CPU is not counted.
inline double cpu_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// Nanoseconds per each of `count` that `work` does.
template <class Work>
double per_record(std::uint64_t count, Work&& work) {
    const double before = cpu_ns();
    work();
    return (cpu_ns() - before) / static_cast<double>(count);
}

/// Which timers, and when each is due. Timers below `pending` are armed before anything is timed;
/// those behind are armed and cancelled again.
struct Plan {
    Plan(std::uint32_t pending_, std::uint32_t touched_, bool equal_)
        : pending(pending_), touched(touched_), equal(equal_) {
        std::mt19937_64 random(pending);
        const auto some = [&] { return equal ? kEqual : 1 + random() % kLongest; };
        for (std::uint32_t i = 0; i < pending + touched; ++i) {
            due.push_back(static_cast<std::uint32_t>(some()));
        }
        for (std::uint32_t i = 0; i < touched; ++i) {
            victims.push_back(static_cast<std::uint32_t>(random() % pending));
            again.push_back(static_cast<std::uint32_t>(some()));
        }
        by_deadline.resize(pending);
        std::iota(by_deadline.begin(), by_deadline.end(), 0U);
        std::stable_sort(by_deadline.begin(), by_deadline.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return due[a] < due[b]; });
    }

    std::uint32_t pending;
    std::uint32_t touched;
    bool equal;
    std::vector<std::uint32_t> due;      // tick of each timer
    std::vector<std::uint32_t> victims;  // re-armed, at random among those pending
    std::vector<std::uint32_t> again;    // the tick it is re-armed for
    std::vector<std::uint32_t> by_deadline;
};

struct Costs {
    double arm = 0;
    double rearm = 0;
    double cancel = 0;
};

/// Arms what is pending in order of the ids. (A skip list takes minutes for that: by_deadline.)
template <class Timers>
void fill(Timers& timers, const Plan& plan) {
    for (std::uint32_t id = 0; id < plan.pending; ++id) timers.arm(id, plan.due[id]);
}

/// At `now`, after which all deadlines are counted.
template <class Timers>
Costs churn(Timers& timers, const Plan& plan, time::Tick now) {
    const std::uint32_t end = plan.pending + plan.touched;
    Costs costs;
    timers.go_to(now);
    costs.arm = per_record(plan.touched, [&] {
        for (std::uint32_t id = plan.pending; id < end; ++id) timers.arm(id, now + plan.due[id]);
    });
    costs.rearm = per_record(plan.touched, [&] {
        for (std::uint32_t i = 0; i < plan.touched; ++i) {
            timers.arm(plan.victims[i], now + plan.again[i]);
        }
    });
    costs.cancel = per_record(plan.touched, [&] {
        for (std::uint32_t id = plan.pending; id < end; ++id) timers.cancel(id);
    });
    return costs;
}

inline void require_all(const char* name, const Fired& fired, std::uint32_t pending) {
    if (fired.all_of(pending)) return;
    std::printf("%s: %llu of %u fired\n", name, static_cast<unsigned long long>(fired.count),
                pending);
    std::exit(1);
}

/// When the last of timers that are armed kPerTick a tick, for kEqual each, is due.
inline time::Tick last_equal(const Plan& plan) {
    return plan.pending / kPerTick + kEqual;
}

/// Random: all armed at once. Equal: as time goes by, kPerTick a tick.
template <class Timers>
double expire(Timers& timers, const Plan& plan) {
    time::Tick last = kLongest;
    if (plan.equal) {
        last = last_equal(plan);
        for (std::uint32_t id = 0; id < plan.pending; ++id) {
            if (id % kPerTick == 0) timers.go_to(id / kPerTick);
            timers.arm(id, id / kPerTick + kEqual);
        }
    } else {
        fill(timers, plan);
    }
    Fired fired;
    const double cost = per_record(plan.pending, [&] { timers.drain(last, fired); });
    require_all(Timers::kName, fired, plan.pending);
    return cost;
}

}  // namespace lastack::bench
