#include "worker/running_thread.hpp"

#include <rte_lcore.h>
#include <sys/prctl.h>

namespace lastack::worker {

std::vector<unsigned> allowed_cpus() {
    std::vector<unsigned> out;
    cpu_set_t set{};
    if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &set)) out.push_back(cpu);
    }
    return out;
}

RunningThread::RunningThread(unsigned cpu) {
    cpu_set_t before{};
    if (sched_getaffinity(0, sizeof before, &before) == 0) affinity_ = before;
    cpu_set_t one{};
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);  // where that fails the scheduler decides
    // Mempool caches belong to lcores; a thread that EAL does not know goes without.
    if (rte_lcore_id() == LCORE_ID_ANY) registered_ = rte_thread_register() == 0;
    // A sleep of 100 us shall not become one of 150.
    timer_slack_ns_ = prctl(PR_GET_TIMERSLACK);
    prctl(PR_SET_TIMERSLACK, 1UL);
}

RunningThread::~RunningThread() {
    if (timer_slack_ns_ > 0) prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(timer_slack_ns_));
    if (registered_) rte_thread_unregister();
    if (affinity_) sched_setaffinity(0, sizeof *affinity_, &*affinity_);
}

}  // namespace lastack::worker
