#include "worker/capture_replay.hpp"

#include <algorithm>

#include "port/capture_time.hpp"
#include "worker/worker.hpp"

namespace lastack::worker {

CaptureReplay::CaptureReplay(Worker& worker)
    : worker_(worker),
      ahead_(worker.receivers_.size()),
      now_(TickClock::kStart),
      last_frame_(TickClock::kStart) {}

void CaptureReplay::run() {
    while (worker_.drain_.phase() != Drain::Phase::Ended) {
        const std::optional<time::Instant> at = next_turn();
        if (!at && !worker_.drain_.requested()) worker_.drain_.request(std::chrono::seconds(0));
        now_ = std::max(now_, at.value_or(now_ + time::kTick));
        worker_.work_through(now_, deliver(now_));
    }
    for (const auto& frame : ahead_) {
        if (frame) worker_.shell_->release(frame->buffer);
    }
}

std::optional<time::Instant> CaptureReplay::next_turn() {
    const std::optional<Next> frame = next_frame();
    const std::optional<time::Instant> deadline = worker_.stack_->next_deadline();
    if (frame && (!deadline || frame->at <= *deadline)) return frame->at;
    if (frame) return deadline;
    if (!deadline || *deadline > last_frame_ + kAfterwards) return std::nullopt;
    return deadline;
}

void CaptureReplay::fill(std::size_t port) {
    if (ahead_[port]) return;
    port::ReceivedFrame frame;
    if (worker_.receivers_[port].receive({&frame, 1}) == 1) ahead_[port] = frame;
}

std::optional<CaptureReplay::Next> CaptureReplay::next_frame() {
    std::optional<Next> earliest;
    for (std::size_t port = 0; port < ahead_.size(); ++port) {
        fill(port);
        if (!ahead_[port]) continue;
        const std::uint64_t us = port::capture_time_us(ahead_[port]->buffer);
        if (!first_us_) first_us_ = us;
        const auto since = std::chrono::microseconds(us > *first_us_ ? us - *first_us_ : 0);
        const time::Instant at = TickClock::kStart + since;
        if (!earliest || at < earliest->at) earliest = Next{.port = port, .at = at};
    }
    return earliest;
}

// Returns how many frames that was: 1 or 0.
std::uint32_t CaptureReplay::deliver(time::Instant now) {
    const std::optional<Next> next = next_frame();
    if (!next || next->at > now) return 0;
    const port::ReceivedFrame frame = *ahead_[next->port];
    ahead_[next->port].reset();
    last_frame_ = now;
    worker_.hand_over(next->port, {&frame, 1}, now);
    return 1;
}

}  // namespace lastack::worker
