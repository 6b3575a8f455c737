#include "tests/sim/auditor.hpp"

#include <algorithm>
#include <array>

#include "stack/fields.hpp"
#include "tests/support/conservation.hpp"

namespace lastack::test {

using base::Counter;
using stack::StackFields;
using stack::TraceEvent;

namespace {

constexpr time::Duration kTicks = 2ms;

std::uint32_t ports(std::uint16_t local, std::uint16_t remote) {
    return std::uint32_t{local} << 16 | remote;
}

std::uint32_t ports(const TraceEvent& event) {
    return ports(event.local.port, event.remote.port);
}

std::uint64_t syn_key(std::uint16_t port, std::uint32_t iss) {
    return std::uint64_t{port} << 32 | iss;
}

bool half_open(tcp::State state) {
    return state == tcp::State::Listen || state == tcp::State::SynReceived;
}

}  // namespace

std::string Auditor::look() {
    if (const char* wrong = counts()) return wrong;
    if (host_->count(Counter::TimeWaitRestarted) != restarted_) restarts();
    if (std::string wrong = changes(); !wrong.empty()) return wrong;
    if (const char* wrong = guard_counts()) return wrong;
    if (++turns_ % kWalkEvery == 0) return walk();
    return {};
}

std::string Auditor::walk() const {
    const char* wrong =
        conservation_fault(host_->stack(), host_->now(), host_->shell().references());
    return wrong == nullptr ? "" : wrong;
}

const char* Auditor::counts() const {
    const stack::Stack& stack = host_->stack();
    // Who wants to send and finds no memory is asked again each turn.
    if (stack.has_work() && !host_->shell().limited()) return "work is left after a turn";
    if (host_->count(Counter::StaleTimer) != 0) return "a timer fired for nobody";
    if (host_->count(Counter::StaleHandle) != 0) return "a handle was stale";
    const auto& pieces = StackFields::pieces(stack);
    if (stack.ip().waiting_frames() == 0 && host_->shell().live() > pieces.in_use()) {
        return "a buffer that no piece holds";
    }
    const std::uint32_t live = stack.live_connections();
    const std::uint32_t waiting = host_->in_state(tcp::State::TimeWait);
    if (StackFields::table(stack).size() != live + waiting) {
        return "the table and the gauges of states differ";
    }
    const std::uint32_t timers = StackFields::timers(stack).in_use();
    if (StackFields::wheel(stack).armed_count() > live + timers ||
        StackFields::time_wait_wheel(stack).armed_count() >
            StackFields::time_waits(stack).in_use()) {
        return "more timers than records";
    }
    return nullptr;
}

std::string Auditor::changes() {
    std::array<TraceEvent, 64> events;
    while (true) {
        const std::size_t count = host_->stack().read_trace(next_event_, events);
        for (const TraceEvent& event : std::span(events).first(count)) {
            if (event.number != next_event_) return "the trace has overrun: events went unseen";
            next_event_ = event.number + 1;
            if (std::string wrong = change(event); !wrong.empty()) return wrong;
        }
        if (count < events.size()) return {};
    }
}

std::string Auditor::change(const TraceEvent& event) {
    using tcp::State;
    const auto about = [&](const char* what) {
        return std::string(what) + ": " + std::to_string(event.local.port) + ">" +
               std::to_string(event.remote.port) + ' ' + std::string(tcp::name(event.before)) +
               " to " + std::string(tcp::name(event.after)) + " by " +
               std::string(tcp::name(event.cause));
    };
    if (event.kind == TraceEvent::Kind::Sent) {
        const char* wrong = sent(event);
        return wrong == nullptr ? "" : about(wrong);
    }
    note_cookie(event);
    const bool half_closed = half_open(event.before) && event.after == State::Closed;
    if (event.kind == TraceEvent::Kind::Received && half_closed && event.flags.syn()) {
        half_given_up_[event.remote.port].push_back(event.at);
    }
    if (event.kind == TraceEvent::Kind::Changed) {
        const tcp::Edge* edge = tcp::find_edge(event.before, event.cause);
        if (edge == nullptr || edge->to != event.after) return about("an illegal transition");
    }
    if (event.before == event.after) return {};
    if (const char* wrong = guarded(event)) return about(wrong);
    if (event.after == State::TimeWait) {
        if (event.before == State::SynReceived) {
            waits_[ports(event)].returned = true;
        } else {
            waits_[ports(event)] = {.entered = event.at, .since = event.at};
        }
        return {};
    }
    // The way back (C-11) is gone.
    if (half_open(event.before) && !half_open(event.after)) waits_.erase(ports(event));
    if (event.before != State::TimeWait) return {};
    const char* wrong = left_time_wait(event);
    return wrong == nullptr ? "" : about(wrong);
}

const char* Auditor::sent(const TraceEvent& event) {
    // C-4, C-5: TIME-WAIT acknowledges, whatever comes; but where a reset of our own led there it
    // is that reset which is repeated (M-16).
    if (event.flags.rst()) {
        if (event.before != tcp::State::TimeWait) {
            reset_at_[ports(event)] = event.at;
            return nullptr;
        }
        const auto wait = waits_.find(ports(event));
        const auto reset = reset_at_.find(ports(event));
        const bool led_there =
            wait != waits_.end() &&
            (wait->second.entered == event.at ||
             (reset != reset_at_.end() && wait->second.entered == reset->second));
        if (!host_->config().tcp.tw_after_reset || !led_there) return "a reset out of TIME-WAIT";
        reset_at_[ports(event)] = wait->second.entered;
    }
    // Where the SYN,ACK has no record its number is a cookie.
    if (event.flags.syn() && event.flags.ack() && event.before == tcp::State::Closed) {
        cookies_sent_.insert(syn_key(event.remote.port, event.ack.value() - 1));
    }
    return nullptr;
}

// A connection of ours opens from SYN-RECEIVED; only a cookie opens one from LISTEN, or beside a
// half-open record, which is given up within the same segment's turn.
void Auditor::note_cookie(const TraceEvent& event) {
    using tcp::State;
    const bool arrived = event.kind == TraceEvent::Kind::Received;
    if (arrived) arrived_ = event;
    const bool opened = half_open(arrived_.before) && !half_open(arrived_.after) &&
                        arrived_.after != State::Closed && arrived_.after != State::TimeWait;
    const bool beside = !arrived && event.before == State::SynReceived &&
                        event.cause == tcp::Cause::Abort && ports(event) == ports(arrived_);
    if (!opened || !(beside || (arrived && event.before == State::Listen))) return;
    cookie_opens_[arrived_.remote.port].push_back(arrived_.at);
    cookies_redeemed_.insert(syn_key(arrived_.remote.port, arrived_.seq.value() - 1));
}

// Null, or what is wrong with how it ended.
const char* Auditor::left_time_wait(const TraceEvent& event) {
    const bool arrived = event.kind == TraceEvent::Kind::Received;
    if (arrived && event.after == tcp::State::Closed) {
        // C-14; by nothing but a reset even so
        if (!event.flags.rst()) return "a segment ended TIME-WAIT";
        if (StackFields::config(host_->stack()).rfc1337) return "a reset ended TIME-WAIT";
        waits_.erase(ports(event));
        return nullptr;
    }
    const auto found = waits_.find(ports(event));
    // Where there was no room (C-23), entry and end are one segment's doing.
    const time::Instant entered = found == waits_.end() ? event.at : found->second.entered;
    gone_[ports(event)].push_back({entered, event.at});
    if (arrived) return nullptr;  // a SYN, which may turn out to be an old one
    const char* wrong = event.cause == tcp::Cause::TwoMsl ? timed_out(event) : nullptr;
    waits_.erase(ports(event));
    return wrong;
}

const char* Auditor::timed_out(const TraceEvent& event) {
    const auto found = waits_.find(ports(event));
    if (found == waits_.end()) return "a TIME-WAIT that nobody entered";
    const time::Duration lasted = event.at - found->second.since;
    if (lasted < two_msl_) return "TIME-WAIT was shorter than 2MSL";
    if (punctual_ && !found->second.returned && lasted > two_msl_ + kTicks) {
        return "TIME-WAIT was longer than 2MSL";
    }
    ++timed_;
    return nullptr;
}

bool Auditor::time_wait_gone(std::uint16_t local, std::uint16_t remote, time::Instant since,
                             time::Instant until) const {
    const auto found = gone_.find(ports(local, remote));
    if (found == gone_.end()) return false;
    return std::ranges::any_of(found->second, [&](const Gone& gone) {
        return gone.entered >= since && gone.ended <= until;
    });
}

time::Duration Auditor::limit_of(tcp::State state) const {
    using tcp::State;
    const TcpOptions& options = host_->config().tcp;
    if (state == State::FinWait1) return options.fin_wait1_timeout;
    if (state == State::Closing) return options.closing_timeout;
    if (state == State::LastAck) return options.last_ack_timeout;
    return state == State::CloseWait ? options.close_wait_timeout : time::Duration{};
}

// Whoever leaves a guarded state has not been in it for longer; who leaves it by a timeout when the
// guard's time was over has been struck by it, and its counter says so too (guard_counts()).
const char* Auditor::guarded(const TraceEvent& event) {
    const time::Duration limit = limit_of(event.before);
    const auto entry = guarded_.find(ports(event));
    // Beside a connection a half-open record of the same tuple may go (note_cookie()).
    const bool left = entry != guarded_.end() && entry->second.state == event.before;
    if (left) {
        const time::Duration lasted = event.at - entry->second.since;
        guarded_.erase(entry);
        if (punctual_ && lasted > limit + kTicks) return "a guard did not strike";
        const bool timer = event.kind == TraceEvent::Kind::Changed;
        if (timer && event.cause == tcp::Cause::Timeout && lasted >= limit) {
            struck_[ports(event)].push_back(event.at);
            ++strikes_;
        }
    }
    if (limit_of(event.after).count() > 0) guarded_[ports(event)] = {event.after, event.at};
    return nullptr;
}

const char* Auditor::guard_counts() const {
    const std::uint64_t counted =
        host_->count(Counter::FinWait1Timeout) + host_->count(Counter::ClosingTimeout) +
        host_->count(Counter::LastAckTimeout) + host_->count(Counter::CloseWaitTimeout);
    return counted == strikes_ ? nullptr : "the guards' counters and the trace differ";
}

bool Auditor::guard_struck(std::uint16_t local, std::uint16_t remote, time::Instant since,
                           time::Instant until) const {
    const auto found = struck_.find(ports(local, remote));
    if (found == struck_.end()) return false;
    return std::ranges::any_of(found->second,
                               [&](time::Instant at) { return at >= since && at <= until; });
}

bool Auditor::time_wait_held(std::uint16_t local, std::uint16_t remote, time::Instant since,
                             time::Instant until) const {
    const auto found = gone_.find(ports(local, remote));
    if (found == gone_.end()) return false;
    return std::ranges::any_of(found->second, [&](const Gone& gone) {
        return gone.entered <= since && gone.ended >= until;
    });
}

bool Auditor::cookie_sent(std::uint16_t remote, std::uint32_t irs) const {
    return cookies_sent_.contains(syn_key(remote, irs));
}

bool Auditor::cookie_opened(std::uint16_t remote, time::Instant since, time::Instant until) const {
    const auto found = cookie_opens_.find(remote);
    if (found == cookie_opens_.end()) return false;
    return std::ranges::any_of(found->second,
                               [&](time::Instant at) { return at >= since && at <= until; });
}

bool Auditor::half_open_given_up(std::uint16_t remote, time::Instant since,
                                 time::Instant until) const {
    const auto found = half_given_up_.find(remote);
    if (found == half_given_up_.end()) return false;
    return std::ranges::any_of(found->second,
                               [&](time::Instant at) { return at >= since && at <= until; });
}

bool Auditor::opened_by_cookie(std::uint16_t remote, std::uint32_t irs) const {
    return cookies_redeemed_.contains(syn_key(remote, irs));
}

// The counter says that there was one; a deadline that has moved says whose.
void Auditor::restarts() {
    restarted_ = host_->count(Counter::TimeWaitRestarted);
    const auto& slots = StackFields::time_waits(host_->stack());
    for (std::uint32_t i = 0; i < slots.capacity(); ++i) {
        if (!slots[i].record.state.is(tcp::State::TimeWait)) continue;
        const auto found = waits_.find(ports(slots[i].local_port, slots[i].remote_port));
        if (found == waits_.end()) continue;  // entered in this very turn
        Wait& wait = found->second;
        if (slots[i].record.deadline_ms == wait.deadline_ms) continue;
        const time::Instant end = wait.since + two_msl_;
        const auto first = static_cast<std::uint32_t>(time::tick_not_before(end));
        const bool moved = wait.deadline_ms != 0 || slots[i].record.deadline_ms - first > 1;
        wait.deadline_ms = slots[i].record.deadline_ms;
        if (moved) wait.since = host_->now();
    }
}

}  // namespace lastack::test
