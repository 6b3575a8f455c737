// A worker whose time is that of a capture: debug.replay, over net_pcap ports.
//
//     capture    ----f1-------f2--f3--------------------------------|
//     timers     -----------t1----------t2-----------t3
//     turns at       f1     t1 f2 f3    t2           t3              nothing is due: drain
//
// Each turn is at the instant of the next frame or of the next deadline, whichever comes first; the
// first frame is at TickClock::kStart. So a run depends on the file alone. After the last frame,
// time goes on until nothing is due any more, but no longer than kAfterwards.
#pragma once

#include <optional>
#include <vector>

#include "port/receiver.hpp"
#include "time/instant.hpp"

namespace lastack::worker {

class Worker;

class CaptureReplay {
  public:
    static constexpr time::Duration kAfterwards = std::chrono::minutes(10);

    explicit CaptureReplay(Worker& worker);

    /// Until the worker's drain has ended.
    void run();

  private:
    struct Next {
        std::size_t port = 0;
        time::Instant at{};
    };
    /// Looks one frame ahead on each port.
    std::optional<Next> next_frame();
    std::optional<time::Instant> next_turn();
    void fill(std::size_t port);
    std::uint32_t deliver(time::Instant now);

    Worker& worker_;
    std::vector<std::optional<port::ReceivedFrame>> ahead_;
    std::optional<std::uint64_t> first_us_;
    time::Instant now_;
    time::Instant last_frame_;
};

}  // namespace lastack::worker
