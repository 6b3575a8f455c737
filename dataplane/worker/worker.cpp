#include "worker/worker.hpp"

#include <rte_cycles.h>
#include <rte_pause.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "worker/capture_replay.hpp"

namespace lastack::worker {

namespace {

stack::Checksum to_stack(port::ChecksumVerdict verdict) {
    switch (verdict) {
        case port::ChecksumVerdict::Unknown:
            return stack::Checksum::Unknown;
        case port::ChecksumVerdict::Good:
            return stack::Checksum::Good;
        case port::ChecksumVerdict::Bad:
            return stack::Checksum::Bad;
    }
    return stack::Checksum::Unknown;
}

void sleep_for(time::Duration duration) {
    const timespec request{.tv_sec = 0, .tv_nsec = duration.count()};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &request, nullptr);  // an early wake does no harm
}

}  // namespace

Worker::Worker(const WorkerSettings& settings, const WorkerParts& parts)
    : settings_(settings),
      parts_(parts),
      mailbox_(settings.number, settings.socket),
      clock_(rte_get_tsc_hz(), rte_rdtsc()),
      idle_(settings.idle, TickClock::kStart),
      shell_(std::make_unique<MbufShell>(*parts.pools)) {
    receivers_.reserve(parts_.ports.size());
    link_up_.assign(parts_.ports.size(), true);  // as the Stack assumes at first
    ask_link_again_.assign(parts_.ports.size(), false);
    reset_at_.resize(parts_.ports.size());
    for (port::Ethdev* const port : parts_.ports) {
        shell_->add_port(std::make_unique<port::Transmitter>(*port, *parts_.pools, counters_));
        receivers_.emplace_back(*port, *parts_.pools, counters_);
    }
}

Worker::~Worker() = default;

void Worker::create_stack(const stack::Config& config, std::span<std::byte> memory) {
    const time::Instant now = settings_.replay ? TickClock::kStart : clock_.at(rte_rdtsc());
    stack_ = &stack::Stack::create(config, memory, *shell_, now);
}

bool Worker::run(std::unique_ptr<Application> application,
                 const std::function<void(std::string_view)>& complain) {
    // However the run ends (an application may throw), questions are refused from then on.
    struct AtEnd {
        Worker& worker;
        ~AtEnd() { worker.end_run(); }
    } const at_end{*this};
    parts_.pools->owned_by_this_thread();
    application_ = std::move(application);
    turn_began_ = rte_rdtsc();
    stats_.set_running(true);
    const time::Instant now = settings_.replay ? TickClock::kStart : clock_.at(turn_began_);
    for (port::Ethdev* const port : parts_.ports) tell_link(*port, now);
    stack_->announce(now);
    const bool started = application_->start(*stack_, complain);
    if (!started) {
        drain_.request(std::chrono::milliseconds(0));
    }
    if (settings_.replay) {
        CaptureReplay(*this).run();
    } else {
        while (turn()) {
        }
    }
    return started;
}

void Worker::end_run() {
    stats_.set_running(false);
    mailbox_.close();
    parts_.pools->collect_returned();
    application_.reset();
}

bool Worker::turn() {
    const std::uint64_t tick = rte_rdtsc();
    stats_.turned(last_worked_, tick - std::exchange(turn_began_, tick));
    const time::Instant now = clock_.at(tick);
    last_worked_ = work_through(now, receive(now));
    idle(now, last_worked_);
    return drain_.phase() != Drain::Phase::Ended;
}

bool Worker::work_through(time::Instant now, Work received) {
    counters_.add(base::Counter::WorkerTurns);
    Work work = received + expire(now);
    work += serve(now);
    work += transmit(now);
    work += listen_to_control(now);
    if (work != 0) counters_.add(base::Counter::WorkerBusyTurns);
    return work != 0;
}

Worker::Work Worker::receive(time::Instant now) {
    Work work = 0;
    for (std::size_t port = 0; port < receivers_.size(); ++port) {
        if (!parts_.ports[port]->running() || parts_.ports[port]->gone()) continue;
        const std::size_t count =
            receivers_[port].receive(std::span(received_).first(settings_.burst));
        stats_.received(count);
        if (count > 0) hand_over(port, std::span(received_).first(count), now);
        work += static_cast<Work>(count);
    }
    return work;
}

void Worker::hand_over(std::size_t port, std::span<const port::ReceivedFrame> frames,
                       time::Instant now) {
    const std::uint8_t number = parts_.ports[port]->number();
    for (std::size_t i = 0; i < frames.size(); ++i) {
        // One by one: an object would be copied in units that its stores have to be waited for.
        stack::Frame& out = frames_[i];
        out.buffer = frames[i].buffer;
        out.bytes = frames[i].bytes;
        out.chained_bytes = frames[i].chained_bytes;
        out.port = number;
        out.ip_checksum = to_stack(frames[i].ip_checksum);
        out.l4_checksum = to_stack(frames[i].l4_checksum);
    }
    stack_->receive(std::span(frames_).first(frames.size()), now);
}

Worker::Work Worker::expire(time::Instant now) {
    const std::uint32_t fired = stack_->expire(now, settings_.expire_budget);
    stats_.set_timers_behind(fired >= settings_.expire_budget);
    return fired;
}

Worker::Work Worker::serve(time::Instant now) {
    parts_.pools->collect_returned();
    const bool work = stack_->has_work();
    stack_->serve(now);
    return work ? 1 : 0;
}

Worker::Work Worker::transmit(time::Instant now) {
    const bool work = stack_->has_work();
    stack_->transmit(now);
    // Frames that the port does not take are no work: trying again may wait for an idle moment.
    return (work ? 1U : 0U) + shell_->flush().sent;
}

void Worker::idle(time::Instant now, bool worked) {
    // The deadline costs a search of the wheel's bitmaps, so it is asked for only where it matters.
    const bool may_sleep = !worked && settings_.idle == IdlePolicy::Mode::Adaptive;
    const IdleAdvice advice = idle_.after_turn(
        now, worked, may_sleep ? stack_->next_deadline() : std::optional<time::Instant>());
    switch (advice.step) {
        case IdleStep::Spin:
            return;
        case IdleStep::Pause:
            for (int i = 0; i < 16; ++i) rte_pause();
            return;
        case IdleStep::Sleep:
            stats_.slept();
            counters_.add(base::Counter::WorkerSleeps);
            sleep_for(advice.sleep);
            return;
    }
}

WorkerStatus Worker::status() const {
    WorkerStatus out = stats_.read();
    out.worker = settings_.number;
    out.lcore = settings_.cpu;
    out.tsc_hz = rte_get_tsc_hz();
    return out;
}

CounterValues Worker::counters() const {
    CounterValues out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto counter = static_cast<base::Counter>(i);
        out[i] = counters_.value(counter) + stack_->counters().value(counter);
    }
    return out;
}

time::Instant Worker::now_from_any_thread() const {
    return clock_.instant(rte_rdtsc());
}

}  // namespace lastack::worker
