// What a worker hears between two turns: devices, control, and the wish that it end.
#include <cstdio>
#include <exception>

#include "worker/worker.hpp"

namespace lastack::worker {

namespace {

// Commands of one turn: the longest of them walks kPageRows rows.
constexpr std::uint32_t kCommandsPerTurn = 4;

// Ports that report no link changes are looked at this often.
constexpr time::Duration kLinkLookEvery = std::chrono::milliseconds(500);

// A reset that failed is tried again after this.
constexpr time::Duration kResetAgainAfter = std::chrono::milliseconds(500);

}  // namespace

Worker::Work Worker::listen_to_control(time::Instant now) {
    for (port::Ethdev* const port : parts_.ports) heed_device(*port, now);
    if (now >= next_link_look_) {
        next_link_look_ = now + kLinkLookEvery;
        for (port::Ethdev* const port : parts_.ports) {
            if (!port->reports_link_changes()) tell_link(*port, now);
        }
    }
    const std::uint32_t commands = mailbox_.work_off(kCommandsPerTurn);
    if (commands != 0) counters_.add(base::Counter::MailboxCommands, commands);
    stats_.set_live_connections(stack_->live_connections());
    step_drain(now);
    return commands;
}

void Worker::heed_device(port::Ethdev& port, time::Instant now) {
    const port::EventsTaken events = port.take_events();
    std::optional<time::Instant>& reset_at = reset_at_[port.number()];
    if (events.removed) {
        std::fprintf(stderr, "lastack: port %s was removed\n", port.device().text().c_str());
    }
    if (port.gone()) reset_at.reset();
    const bool reset = !port.gone() && (events.reset || (reset_at && now >= *reset_at));
    if (reset) {
        reset_at = reset_device(port) ? std::nullopt : std::optional(now + kResetAgainAfter);
    }
    const bool ask = events.link || reset || events.removed || ask_link_again_[port.number()];
    if (ask) tell_link(port, now);
}

/// Control may be reading the device's statistics: then it is asked in the next turn.
void Worker::tell_link(const port::Ethdev& port, time::Instant now) {
    const std::optional<port::Link> link = port.link_if_free();
    ask_link_again_[port.number()] = !link;
    if (!link || link_up_[port.number()] == link->up) return;
    link_up_[port.number()] = link->up;
    stack_->set_link(port.number(), link->up, now);
}

/// False where the port stays down; everything else goes on.
bool Worker::reset_device(port::Ethdev& port) {
    try {
        port.reset();
        std::fprintf(stderr, "lastack: port %s asked for a reset and was restarted\n",
                     port.device().text().c_str());
        return true;
    } catch (const std::exception& error) {
        // Said once, not twice a second.
        if (!reset_at_[port.number()]) std::fprintf(stderr, "lastack: %s\n", error.what());
        return false;
    }
}

void Worker::step_drain(time::Instant now) {
    if (application_ != nullptr && !drain_.requested() && application_->finished()) {
        drain_.request(std::chrono::seconds(10));
    }
    if (!drain_.requested()) return;
    const Drain::Facts facts{
        .connections_left = stack_->live_connections() > 0,
        .frames_left = stack_->has_work() || shell_->flush().waiting > 0,
    };
    switch (drain_.step(now, facts)) {
        case Drain::Action::None:
            return;
        case Drain::Action::BeginDrain:
            application_->drain();         // first: it may close its own listeners
            stack_->stop_listening_all();  // and what it has left open
            return;
        case Drain::Action::AbortRest:
            stack_->abort_all();
            return;
    }
}

}  // namespace lastack::worker
