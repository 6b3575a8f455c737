// Instructions and cycles of one thread, from the CPU's own counters where we may read them.
//
// Unlike a time they hardly depend on what else the machine does. A polling thread executes
// instructions while it waits, too; how many, its idle turns tell.
#pragma once

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace lastack::bench {

class HardwareCounter {
  public:
    /// `event`: PERF_COUNT_HW_INSTRUCTIONS, ... of the thread `tid`, in user mode.
    HardwareCounter(std::uint64_t event, pid_t tid) {
        perf_event_attr attributes{};
        attributes.size = sizeof attributes;
        attributes.type = PERF_TYPE_HARDWARE;
        attributes.config = event;
        attributes.exclude_kernel = 1;
        attributes.exclude_hv = 1;
        fd_ = static_cast<int>(syscall(SYS_perf_event_open, &attributes, tid, -1, -1, 0UL));
    }
    ~HardwareCounter() {
        if (fd_ >= 0) close(fd_);
    }
    HardwareCounter(const HardwareCounter&) = delete;
    HardwareCounter& operator=(const HardwareCounter&) = delete;

    /// 0 where there is no such counter.
    std::uint64_t read() const {
        std::uint64_t value = 0;
        if (fd_ < 0 || ::read(fd_, &value, sizeof value) != sizeof value) return 0;
        return value;
    }

  private:
    int fd_ = -1;
};

}  // namespace lastack::bench
