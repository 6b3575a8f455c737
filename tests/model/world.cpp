// One step of a world.

#include "tests/model/world.hpp"

#include <algorithm>

#include "tests/model/ears.hpp"
#include "tests/model/failure.hpp"
#include "tests/model/tuple.hpp"

namespace lastack::model {

using stack::StackFields;

std::array<std::span<std::byte>, 3> World::touched(Action action) {
    const End& end = ends_[action.end];
    const auto core = std::as_writable_bytes(std::span(core_, 1));
    if (action.kind == Kind::Duplicate) return {core};
    return {core, std::as_writable_bytes(std::span(end.blocks, 1)), end.arena};
}

void World::step_clock() {
    const time::Tick before = time::tick_of(core_->now);
    core_->now += kStep;
    require(time::tick_of(core_->now) == before, "more steps than a tick has room for");
}

void World::apply(Action action) {
    sent_last_.clear();
    lost_ = action.lost;
    const unsigned end = action.end;
    step_clock();
    switch (action.kind) {
        case Kind::Duplicate: {
            --core_->duplicates_left;
            auto& flights = core_->flights[end];
            const auto free =
                std::ranges::find_if(flights, [](const Flight& f) { return f.len_bytes == 0; });
            *free = flights[action.place];
            return;
        }
        case Kind::Connect:
        case Kind::Send:
        case Kind::ShutDown:
        case Kind::Close:
        case Kind::Abort:
        case Kind::Deliver:
        case Kind::Tick:
            break;
    }
    may_restart_ = false;
    in_time_wait_before_ = core_->time_wait_since_ms[end] >= 0;
    if (action.kind == Kind::Deliver) {
        deliver(action);
    } else if (action.kind == Kind::Tick) {
        tick(end);
    } else {
        call(action);
    }
    turn(end);
    insert_fault(end);
    check(end);
    hold(end);
}

void World::drop(unsigned end, unsigned place) {
    // The rest keeps its order, and free places stand at the end.
    auto& flights = core_->flights[end];
    for (unsigned i = place; i + 1 < kInFlight; ++i) flights[i] = flights[i + 1];
    flights[kInFlight - 1] = Flight{};
}

void World::deliver(Action action) {
    const unsigned end = action.end;
    Shell& shell = *ends_[end].shell;
    stack::Frame frame = shell.frame(core_->flights[end][action.place].bytes());
    drop(end, action.place);
    const auto view = wire::TcpView::parse(frame.bytes.subspan(kTcpAt));
    require(view.has_value(), "a segment without a TCP header");
    const wire::TcpHeader header = view->header();
    const auto text_bytes = static_cast<std::uint32_t>(view->text().size());
    // C-5: the consumed FIN again is the one thing that starts 2MSL anew.
    const tcp::TimeWaitRecord* record = time_wait(end);
    may_restart_ = record != nullptr && header.flags.fin() && !header.flags.rst() &&
                   header.seq + text_bytes + 1 == record->rcv_nxt;
    const bool change = scenario_.fault == Fault::TextChanged && text_bytes > 0;
    if (change) {
        Block& block = *reinterpret_cast<Block*>(frame.buffer);
        block.bytes[frame.bytes.size() - 1] ^= std::byte{1};
        frame.l4_checksum = stack::Checksum::Good;
    }
    if (scenario_.fault == Fault::BufferKept && header.flags.fin()) {
        shell.retain(frame.buffer);
    }
    ends_[end].stack->receive({&frame, 1}, core_->now);
}

void World::count_race(unsigned end, time::Instant deadline) {
    if (wire_empty()) return;
    --core_->races_left;
    core_->raced[end] |= due_races(end, deadline);
}

void World::tick(unsigned end) {
    const auto deadline = earliest_deadline(*ends_[end].stack, core_->now);
    require(deadline.has_value(), "a tick with nothing armed");
    count_race(end, *deadline);
    core_->now = std::max(core_->now, *deadline + kStep);
}

void World::call(Action action) {
    stack::Stack& stack = *ends_[action.end].stack;
    Application& application = core_->applications[action.end];
    stack.serve(core_->now);  // nothing is queued: it only learns the time
    Connection connection = this->connection(action.end);
    switch (action.kind) {
        case Kind::Connect: {
            ++application.connects;
            const auto result = stack.connect(
                {Address::ipv4(kAddresses[1 - action.end].value), kPorts[1 - action.end]},
                *ends_[action.end].ears, {.local = {Address{}, kPorts[action.end]}});
            // Both listen and connect: the peer's SYN may have come first (G-8).
            if (!result) return;
            application.has_connection = true;
            application.index = result.connection.index();
            application.generation = result.connection.generation();
            if (scenario_.programs[action.end].keep_alive) {
                require(this->connection(action.end).set_option(Option::keep_alive, 1),
                        "no keep-alive");
            }
            return;
        }
        case Kind::Send: {
            --application.sends_left;
            const std::byte byte = byte_of(application.bytes_sent);
            if (connection.send({&byte, 1}) == 1) ++application.bytes_sent;
            return;
        }
        case Kind::ShutDown:
            application.shut_down = true;
            return connection.shutdown_write();
        case Kind::Close:
            application.closed = true;
            return connection.close();
        case Kind::Abort:
            application.closed = application.aborted = true;
            return connection.abort();
        case Kind::Deliver:
        case Kind::Duplicate:
        case Kind::Tick:
            return;
    }
}

Connection World::connection(unsigned end) const {
    const Application& application = core_->applications[end];
    if (!application.has_connection) return {};
    return {ends_[end].stack, application.index, application.generation};
}

void World::turn(unsigned end) {
    stack::Stack& stack = *ends_[end].stack;
    stack.expire(core_->now, 100);
    for (int i = 0; i < 20; ++i) {
        stack.serve(core_->now);
        stack.transmit(core_->now);
        if (!stack.has_work()) return;
    }
    throw Failure("a turn that never ends");
}

// What is frozen is put back, so that it is a constant indeed.
void World::hold(unsigned end) {
    stack::Stack& stack = *ends_[end].stack;
    auto& slots = StackFields::tcbs(stack);
    for (std::uint32_t i = 0; i < slots.capacity(); ++i) {
        if (slots[i].phase != stack::TcbSlot::Phase::Live) continue;
        tcp::Tcb& tcb = slots[i].tcb;
        tcb.congestion = {};
        tcb.loss = {};
        tcb.congestion.start(1'460, false);
        tcb.rtt = {};
        tcb.timing = false;
        tcb.timed_seq = {};
        tcb.timed_at_us = 0;
        tcb.outstanding_since_ms = static_cast<std::uint32_t>(time::tick_of(core_->now));
        if (scenario_.fault == Fault::FinLostForEver) tcb.timers.retransmits = 0;
    }
}

}  // namespace lastack::model
