// A control thread that lists a worker's connections from first to last, again and again, without
// pause: what that costs the worker is the difference to a run without it.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "worker/inspector.hpp"

namespace lastack::bench {

struct Listed {
    std::uint64_t listings = 0;
    std::uint64_t rows = 0;
};

class Lister {
  public:
    /// Lists worker 0, on `cpu`, until stop().
    Lister(worker::Inspector& inspector, unsigned cpu);
    ~Lister() { stop(); }
    Lister(const Lister&) = delete;
    Lister& operator=(const Lister&) = delete;

    Listed stop();

  private:
    void run(unsigned cpu);

    worker::Inspector& inspector_;
    std::atomic<bool> stopped_{false};
    Listed listed_;
    std::thread thread_;
};

}  // namespace lastack::bench
