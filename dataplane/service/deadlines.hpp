// Deadlines of many connections on one timer.
//
// A service has a handful of timeouts, each of one fixed length. Connections that wait for the same
// timeout expire in the order in which they began to wait, so each timeout is a queue:
//
//     idle    [ 7 ]-[ 3 ]-[ 12 ]      the head expires first; set() appends, O(1)
//     header  [ 5 ]                   one timer of the core serves all: it is due not later than
//     the stall   [ 9 ]-[ 1 ]             earliest head, and looks again when it fires
//
// A connection waits for one deadline at a time. Setting and clearing call into the core only when
// the earliest deadline moves forward, or the last one goes: churn costs a few stores. Never early;
// late by at most the timer's tick plus what kBudget defers. Nothing is allocated after start().
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "lastack/core.hpp"

namespace lastack::service {

/// Told that a connection's deadline has passed; it waits for none then.
class DeadlineOwner {
  public:
    virtual void on_deadline(std::uint32_t slot, unsigned queue) = 0;

  protected:
    ~DeadlineOwner() = default;
};

class Deadlines final : public TimerHandler {
  public:
    static constexpr unsigned kMaxQueues = 6;
    static constexpr unsigned kBudget = 256;  ///< Deadlines handled in one event.

    /// `lengths[q]` is the timeout of queue q. `owner` and `core` outlive this.
    void start(Core& core, DeadlineOwner& owner, std::uint32_t slots,
               std::initializer_list<std::chrono::nanoseconds> lengths);

    /// `slot` waits for `queue` from now on, and for nothing else.
    void set(std::uint32_t slot, unsigned queue);
    void clear(std::uint32_t slot);

    void on_timer(std::uint64_t cookie) override;

  private:
    static constexpr std::uint32_t kNone = 0xffff'ffff;
    static constexpr std::uint8_t kNoQueue = 0xff;
    static constexpr std::chrono::nanoseconds kNever = std::chrono::nanoseconds::max();

    struct Node {
        std::chrono::nanoseconds deadline{0};
        std::uint32_t previous = kNone;
        std::uint32_t next = kNone;
        std::uint8_t queue = kNoQueue;
    };
    struct Queue {
        std::chrono::nanoseconds length{0};
        std::uint32_t head = kNone;
        std::uint32_t tail = kNone;
    };

    void append(std::uint32_t slot, unsigned queue);
    void unlink(std::uint32_t slot);
    std::uint32_t earliest() const;
    void arm(std::chrono::nanoseconds deadline);
    void disarm();

    Core* core_ = nullptr;
    DeadlineOwner* owner_ = nullptr;
    std::vector<Node> nodes_;
    std::array<Queue, kMaxQueues> queues_;
    std::uint32_t waiting_ = 0;
    Timer timer_;
    std::chrono::nanoseconds armed_for_ = kNever;
};

}  // namespace lastack::service
