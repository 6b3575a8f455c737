// What a Stack tells about itself: to its owner, who answers the worker's mailbox with it, and of
// compact records to any thread.

#include "stack/convert.hpp"
#include "stack/stack.hpp"

namespace lastack::stack {

namespace {

// The pools of a listing, in order of life: a record that moves on while a listing is under way is
// met again later rather than missed.
enum class ListPool : std::uint8_t { Listeners, HalfOpen, Open, Compact, End };

/// A ListFilter as keys are compared with it.
class Wanted {
  public:
    explicit Wanted(const ListFilter& filter)
        : filter_(filter), local_(filter.local), remote_(filter.remote) {}

    bool operator()(tcp::State state, const wire::FlowKey4& key) const {
        return (filter_.states & ListFilter::bit_of(state)) != 0 && local_.has(key.local_address) &&
               remote_.has(key.remote_address) &&
               filter_.local_port.value_or(key.local_port) == key.local_port &&
               filter_.remote_port.value_or(key.remote_port) == key.remote_port;
    }

  private:
    struct Network {
        explicit Network(const std::optional<AddressOptions>& options)
            : other_family(options && !options->address.is_ipv4()) {
            if (!options || other_family) return;
            prefix = {{options->address.ipv4_value()}, options->prefix_length};
        }
        bool has(wire::Ipv4Address address) const {
            return !other_family && prefix.contains(address);
        }

        bool other_family;
        wire::Ipv4Prefix prefix{{}, 0};
    };

    const ListFilter& filter_;
    Network local_;
    Network remote_;
};

}  // namespace

bool Stack::at_compact(const ListCursor& cursor) {
    return !cursor.done && cursor.pool == static_cast<std::uint8_t>(ListPool::Compact);
}

std::uint32_t Stack::remaining_ms(std::uint32_t deadline_ms, time::Instant now) {
    const auto now_ms = static_cast<std::uint32_t>(time::tick_of(now));
    const auto left = static_cast<std::int32_t>(deadline_ms - now_ms);
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
    row.retransmits = tcb.timers.retransmits;
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

// What a listing shows of a compact record, as one moment had it.
struct Stack::CompactFacts {
    wire::FlowKey4 key;
    tcp::State state = tcp::State::Closed;
    std::uint32_t deadline_ms = 0;
    bool endless = false;
};

// Words of one moment only: where the record is given to another connection meanwhile, or turns
// from FIN-WAIT-2 to TIME-WAIT, they are read again. Its owner may have lost its CPU in the middle
// of that.
Stack::ReadResult Stack::read_compact(std::uint32_t index, CompactFacts& facts) const {
    constexpr int kTries = 8;
    const TimeWaitSlot& slot = time_waits_[index];
    for (int i = 0; i < kTries; ++i) {
        const std::uint32_t version = versions_.read(index);
        facts.state = slot.record.state.shared();
        if (facts.state == tcp::State::Closed) return ReadResult::Free;
        const std::uint8_t both = slot.record.local_and_endless.shared();
        facts.key = {ip_.local_address(tcp::TimeWaitRecord::local_of(both)),
                     slot.remote_address.shared(), slot.local_port.shared(),
                     slot.remote_port.shared()};
        facts.endless = tcp::TimeWaitRecord::endless_of(both);
        facts.deadline_ms = slot.record.deadline_ms.shared();
        if (versions_.stands(index, version)) return ReadResult::Read;
    }
    return ReadResult::Moving;
}

std::size_t Stack::list_compact(ListCursor& cursor, std::span<ConnectionRow> out,
                                const ListFilter& filter, time::Instant now) const {
    constexpr std::uint32_t kAhead = 24;  // records, or about as many cache lines
    const Wanted wanted(filter);
    std::size_t count = 0;
    const std::uint32_t end = time_waits_.shared_used_to();
    cursor.index = std::min(cursor.index, end);  // it may come from outside
    const std::uint32_t until = cursor.index + std::min(kCompactsPerCall, end - cursor.index);
    for (; cursor.index < until && count < out.size(); ++cursor.index) {
        // Not to stay: what streams through here once is not to push out what the owner works on.
        __builtin_prefetch(&time_waits_[std::min(cursor.index + kAhead, end - 1)], 0, 0);
        CompactFacts facts;
        const ReadResult result = read_compact(cursor.index, facts);
        if (result == ReadResult::Moving) break;  // the next call goes on from here
        if (result == ReadResult::Free) continue;
        if (!wanted(facts.state, facts.key)) continue;
        ConnectionRow& row = out[count++];
        row = {};
        row.local = local_endpoint(facts.key);
        row.remote = remote_endpoint(facts.key);
        row.state = facts.state;
        row.orphan = true;
        if (facts.endless) continue;  // M-7
        row.timer = facts.state == tcp::State::TimeWait ? TimerName::TimeWait : TimerName::FinWait2;
        row.timer_remaining_ms = remaining_ms(facts.deadline_ms, now);
    }
    if (cursor.index >= end) {
        cursor.pool = static_cast<std::uint8_t>(ListPool::End);
        cursor.done = true;
    }
    return count;
}

std::size_t Stack::list_live(ListCursor& cursor, std::span<ConnectionRow> out,
                             const ListFilter& filter) const {
    if (cursor.pool >= static_cast<std::uint8_t>(ListPool::End)) cursor.done = true;
    if (cursor.done) return 0;  // a cursor may come from outside
    const Wanted wanted(filter);
    std::size_t count = 0;
    // Free slots are walked too, so a call is bounded by the slots it looks at, not by its rows.
    std::size_t looked_at = 0;
    const std::size_t most = out.size() * 64;
    const auto walk = [&](const auto& pool, auto&& visit) {
        for (; cursor.index < pool.used_to() && count < out.size() && looked_at < most;
             ++cursor.index, ++looked_at) {
            visit(pool[cursor.index]);
        }
        if (cursor.index < pool.used_to()) return false;
        ++cursor.pool;
        cursor.index = 0;
        return true;
    };
    bool go_on = true;
    while (go_on) {
        switch (static_cast<ListPool>(cursor.pool)) {
            case ListPool::Listeners:
                go_on = walk(listeners_, [&](const ListenerSlot& slot) {
                    const wire::FlowKey4 key{.local_address = slot.address,
                                             .remote_address = {},
                                             .local_port = slot.port,
                                             .remote_port = 0};
                    if (!slot.used || !wanted(tcp::State::Listen, key)) return;
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
                    if (!slot.record.state.is(tcp::State::SynReceived)) return;
                    if (wanted(tcp::State::SynReceived, slot.key)) out[count++] = row_of(slot);
                });
                break;
            case ListPool::Open:
                go_on = walk(tcbs_, [&](const TcbSlot& slot) {
                    if (slot.phase != TcbSlot::Phase::Live) return;
                    if (wanted(slot.tcb.state.get(), slot.key)) out[count++] = row_of(slot);
                });
                break;
            case ListPool::Compact:
            case ListPool::End:
                return count;
        }
    }
    return count;
}

std::size_t Stack::list(ListCursor& cursor, std::span<ConnectionRow> out,
                        const ListFilter& filter) const {
    const std::size_t live = list_live(cursor, out, filter);
    if (!at_compact(cursor)) return live;
    return live + list_compact(cursor, out.subspan(live), filter, env_.now);
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
