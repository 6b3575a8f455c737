// What a Stack tells about itself. Owner's thread; the worker answers its mailbox with these.

#include "stack/convert.hpp"
#include "stack/stack.hpp"

namespace lastack::stack {

namespace {

// The pools of a listing, in order of life: a record that moves on while a listing is under way is
// met again later rather than missed.
enum class ListPool : std::uint8_t { Listeners, HalfOpen, Open, TimeWait, End };

}  // namespace

std::uint32_t Stack::remaining_ms(std::uint32_t deadline_ms) const {
    const auto left = static_cast<std::int32_t>(deadline_ms - env_.now_ms());
    return left > 0 ? static_cast<std::uint32_t>(left) : 0;
}

ConnectionRow Stack::row_of(const SynSlot& slot) const {
    ConnectionRow row;
    row.local = local_endpoint(slot.key);
    row.remote = remote_endpoint(slot.key);
    row.state = slot.record.state.get();
    row.timer = TimerName::On;
    row.timer_remaining_ms = remaining_ms(slot.record.deadline_ms);
    row.retransmits = slot.record.retransmits;
    return row;
}

ConnectionRow Stack::row_of(const TcbSlot& slot) const {
    const tcp::Tcb& tcb = slot.tcb;
    ConnectionRow row;
    row.local = local_endpoint(slot.key);
    row.remote = remote_endpoint(slot.key);
    row.state = tcb.state.get();
    row.orphan = tcb.orphan;
    row.receive_queue_bytes = tcb.receive_queue.bytes;
    row.send_queue_bytes = tcb.send_queue.bytes;
    row.retransmits = tcb.retransmits;
    if (const auto next = tcb.timers.earliest()) {
        row.timer_remaining_ms = remaining_ms(next->deadline_ms);
        switch (next->timer) {
            case tcp::Timer::Retransmit:
                row.timer = TimerName::On;
                break;
            case tcp::Timer::Persist:
                row.timer = TimerName::Persist;
                break;
            case tcp::Timer::KeepAlive:
                row.timer = TimerName::KeepAlive;
                break;
            case tcp::Timer::Guard:
            case tcp::Timer::Linger:
                row.timer = TimerName::Guard;
                break;
            case tcp::Timer::DelayedAck:
            case tcp::Timer::PathMtu:
                row.timer_remaining_ms = 0;
                break;  // ss knows no name
        }
    }
    return row;
}

ConnectionRow Stack::row_of(const TimeWaitSlot& slot) const {
    const wire::FlowKey4 key = key_of(slot);
    ConnectionRow row;
    row.local = local_endpoint(key);
    row.remote = remote_endpoint(key);
    row.state = slot.record.state.get();
    row.orphan = true;
    if (slot.record.endless) return row;  // M-7
    row.timer =
        slot.record.state.is(tcp::State::TimeWait) ? TimerName::TimeWait : TimerName::FinWait2;
    row.timer_remaining_ms = remaining_ms(slot.record.deadline_ms);
    return row;
}

std::size_t Stack::list(ListCursor& cursor, std::span<ConnectionRow> out) const {
    std::size_t count = 0;
    // Free slots are walked too, so a call is bounded by the slots it looks at, not by its rows.
    std::size_t looked_at = 0;
    const std::size_t most = out.size() * 64;
    const auto walk = [&](const auto& pool, auto&& visit) {
        for (; cursor.index < pool.capacity() && count < out.size() && looked_at < most;
             ++cursor.index, ++looked_at) {
            visit(pool[cursor.index]);
        }
        if (cursor.index < pool.capacity()) return false;
        ++cursor.pool;
        cursor.index = 0;
        return true;
    };
    bool go_on = true;
    while (go_on && !cursor.done) {
        switch (static_cast<ListPool>(cursor.pool)) {
            case ListPool::Listeners:
                go_on = walk(listeners_, [&](const ListenerSlot& slot) {
                    if (!slot.used) return;
                    ConnectionRow row;
                    row.local = {Address::ipv4(slot.address.value), slot.port};
                    row.state = tcp::State::Listen;
                    row.receive_queue_bytes = slot.half_open;  // as ss: what waits, and its limit
                    row.send_queue_bytes = slot.max_half_open;
                    out[count++] = row;
                });
                break;
            case ListPool::HalfOpen:
                go_on = walk(syns_, [&](const SynSlot& slot) {
                    if (slot.record.state.is(tcp::State::SynReceived)) out[count++] = row_of(slot);
                });
                break;
            case ListPool::Open:
                go_on = walk(tcbs_, [&](const TcbSlot& slot) {
                    if (slot.phase == TcbSlot::Phase::Live) out[count++] = row_of(slot);
                });
                break;
            case ListPool::TimeWait:
                go_on = walk(time_waits_, [&](const TimeWaitSlot& slot) {
                    if (!slot.record.state.is(tcp::State::Closed)) out[count++] = row_of(slot);
                });
                break;
            case ListPool::End:
                cursor.done = true;
                break;
        }
    }
    return count;
}

StateGauges Stack::gauges() const {
    StateGauges gauges;
    for (std::size_t i = 0; i < tcp::kStateCount; ++i) {
        gauges.count[i] = states_.count(static_cast<tcp::State>(i));
    }
    return gauges;
}

std::uint32_t Stack::live_connections() const {
    std::uint32_t live = 0;
    for (std::size_t i = 0; i < tcp::kStateCount; ++i) {
        const auto state = static_cast<tcp::State>(i);
        if (state != tcp::State::Listen && state != tcp::State::TimeWait) {
            live += states_.count(state);
        }
    }
    return live;
}

std::vector<PoolUse> Stack::memory() const {
    const auto use = [](const char* name, const auto& pool, std::size_t bytes) {
        return PoolUse{name, static_cast<std::uint32_t>(bytes), pool.capacity(), pool.in_use()};
    };
    return {use("listener", listeners_, sizeof(ListenerSlot)),
            use("half-open", syns_, sizeof(SynSlot)),
            use("connection", tcbs_, sizeof(TcbSlot)),
            use("time-wait", time_waits_, sizeof(TimeWaitSlot)),
            use("timer", timers_, sizeof(TimerSlot)),
            use("piece", pieces_, sizeof(base::Piece)),
            use("run", runs_, sizeof(tcp::Run)),
            use("sacked run", sacked_, sizeof(tcp::SackedRun)),
            {"neighbour", sizeof(ip::NeighbourRow), ip_.neighbour_capacity(), ip_.neighbours()},
            {"waiting frame", 0, ip_.waiting_frame_capacity(), ip_.waiting_frames()},
            {"table entry", 6, table_.capacity(), table_.size()},
            {"orphan", 0, max_orphans_, orphans_},
            {"armed timer", 0, wheel_.capacity() + time_wait_wheel_.capacity(),
             wheel_.armed_count() + time_wait_wheel_.armed_count()}};
}

// What is armed at rest, but for the waits of TIME-WAIT: what applications have asked for.
std::uint32_t Stack::timers_at_rest() const {
    return timers_.in_use() - timers_due_.size();
}

bool Stack::quiescent() const {
    return live_connections() == 0 && syns_.in_use() == 0 && tcbs_.in_use() == 0 &&
           pieces_.in_use() == 0 && runs_.in_use() == 0 && sacked_.in_use() == 0 &&
           ip_.waiting_frames() == 0 && table_.size() == time_waits_.in_use() &&
           wheel_.armed_count() == timers_at_rest();
}

}  // namespace lastack::stack
