// The generator's loop: a burst in, judged and answered; what is due begun; a burst out.
//
// One thread, on a core of its own. It polls, and notes how much of its time it had something to
// do: a generator that is always busy measures itself.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "tests/bench/generator/crossover.hpp"
#include "tests/bench/generator/pace.hpp"
#include "tests/bench/generator/plan.hpp"
#include "tests/bench/generator/player.hpp"
#include "worker/clock.hpp"

namespace lastack::bench {

/// What other threads may read while the loop runs.
struct Progress {
    std::atomic<std::uint64_t> begun{0};
    std::atomic<std::uint64_t> completed{0};
    std::atomic<bool> finished{false};
};

class Generator {
  public:
    Generator(const Plan& plan, const Pace& pace, const Stations& stations, Crossover& cable);

    /// Plays until stop(); on the calling thread, pinned to `cpu`.
    void run(unsigned cpu);
    /// One turn of run(), for who has a loop already. False: there was nothing to do.
    bool step();
    void stop() { stopped_.store(true, std::memory_order_release); }

    const Progress& progress() const { return progress_; }

    /// After run().
    const Tally& tally() const { return tally_; }
    double busy_share() const {
        const auto all = static_cast<double>(busy_cycles_ + idle_cycles_);
        return all > 0 ? static_cast<double>(busy_cycles_) / all : 0;
    }
    std::uint64_t busy_cycles() const { return busy_cycles_; }

  private:
    static constexpr std::uint16_t kBurst = 64;

    bool turn(const Now& now);
    Now now_at(std::uint64_t tick);
    void take(rte_mbuf* frame, const Now& now);
    Fault judge(Octets frame, const Now& now);
    void take_arp(Octets frame);
    void introduce(const Now& now);
    void report(Fault fault, Octets frame);

    Stations stations_;
    Crossover& cable_;
    Tally tally_;
    std::unique_ptr<Player> player_;
    Outbox out_;
    Progress progress_;
    std::atomic<bool> stopped_{false};
    bool known_ = false;  // lastack has answered our ARP request, so it knows the gateway
    std::uint64_t ask_again_ns_ = 0;
    worker::TickScale scale_;
    std::uint64_t began_ = 0;  // ticks: when the first turn began, and the last one
    std::uint64_t turn_began_ = 0;
    std::uint64_t busy_cycles_ = 0;
    std::uint64_t idle_cycles_ = 0;
    unsigned reported_ = 0;
};

}  // namespace lastack::bench
