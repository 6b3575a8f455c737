// A thread while it runs a worker: on its CPU, known to DPDK, waking on time. All of it is put back
// when this goes out of scope.
#pragma once

#include <sched.h>

#include <optional>
#include <vector>

namespace lastack::worker {

/// The CPUs that this process may use, in order.
std::vector<unsigned> allowed_cpus();

class RunningThread {
  public:
    explicit RunningThread(unsigned cpu);
    ~RunningThread();
    RunningThread(const RunningThread&) = delete;
    RunningThread& operator=(const RunningThread&) = delete;

  private:
    std::optional<cpu_set_t> affinity_;
    bool registered_ = false;
    long timer_slack_ns_ = 0;
};

}  // namespace lastack::worker
