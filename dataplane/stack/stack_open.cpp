// An application opens a connection: which port, and whether a TIME-WAIT makes room (C-24, G-31).

#include <algorithm>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"
#include "tcp/isn.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;

bool Stack::usable_port(wire::FlowKey4 key, std::uint16_t port) const {
    if (listening_.uses_port(port)) return false;  // G-34
    key.local_port = port;
    const table::FlowRef ref = find(hasher_(key), key);  // G-36: by the whole tuple
    return !ref || reusable(ref, false);
}

// C-24, C-25: true TIME-WAIT, whose timestamps tell the new connection's segments from the old
// one's, and long enough ago that the peer's clock has moved on.
bool Stack::may_reuse(const TimeWaitSlot& slot, bool bound_port) const {
    const tcp::TimeWaitRecord& record = slot.record;
    if (!record.state.is(tcp::State::TimeWait)) return false;
    if (!record.timestamps || !tcp_config_.timestamps) return false;
    if (bound_port && options_.tw_reuse_bound_port) return true;  // C-28
    const std::uint32_t age_ms = record.entered_at_ms.least_age(env_.now_ms());
    if (age_ms < to_ms(options_.tw_reuse_delay)) return false;
    switch (options_.tw_reuse) {
        case TimeWaitReuse::never:
            return false;
        case TimeWaitReuse::any:
            return true;
        case TimeWaitReuse::loopback:
            return slot.remote_address.get().is_loopback() ||
                   ip_.local_address(record.local()).is_loopback();
    }
    return false;
}

// Whether what has the tuple is a TIME-WAIT that a connection of ours may take it from.
bool Stack::reusable(table::FlowRef ref, bool bound_port) const {
    return ref.kind() == table::RecordKind::TimeWait &&
           may_reuse(time_waits_[ref.index()], bound_port);
}

std::optional<std::uint16_t> Stack::choose_port(const wire::FlowKey4& key) {
    const auto choice = local_ports_.choose(
        key, [&](std::uint16_t port) { return usable_port(key, port); },
        options_.port_probes);  // G-35: the next call goes on from here
    counters_.add(Counter::PortProbes, choice.probed);
    if (!choice.port) counters_.add(Counter::PortExhausted);
    return choice.port;
}

ConnectResult Stack::connect(const Endpoint& remote, Handler& handler,
                             const ConnectOptions& options) {
    if (!remote.address.is_ipv4() || remote.port == 0 || !options.local.address.is_ipv4()) {
        return {{}, Error::bad_address};
    }
    if (env_.now < quiet_until_) return {{}, Error::quiet_time};  // C-34
    wire::FlowKey4 key;
    key.remote_address = {remote.address.ipv4_value()};
    key.remote_port = remote.port;
    const wire::Ipv4Address local{options.local.address.ipv4_value()};
    if (!local.is_unspecified() && !ip_.is_local(local)) return {{}, Error::bad_address};
    const auto path = ip_.route(key.remote_address, local);
    if (!path) return {{}, Error::unreachable};
    key.local_address = path->source;
    key.local_port = options.local.port;
    const bool bound_port = key.local_port != 0;
    if (!bound_port) {
        const auto port = choose_port(key);
        if (!port) return {{}, Error::no_free_port};
        key.local_port = *port;
    }
    const std::uint64_t hash = hasher_(key);
    const table::FlowRef reused = find(hash, key);
    if (reused && !reusable(reused, bound_port)) return {{}, Error::address_in_use};  // G-8
    const std::uint32_t index = tcbs_.allocate();
    if (index == kNoIndex) return {{}, Error::no_resources};
    if (!enter_table(hash, index, reused)) {
        counters_.add(Counter::TableFull);
        tcbs_.free(index);
        return {{}, Error::no_resources};
    }
    TcbSlot& slot = make_live(index, key, hash);
    slot.reuse_address = options.reuse_address;
    slot.handler = &handler;
    slot.context = options.context;
    slot.set_path(*path);
    open_tcb(slot, reused);
    use_port(slot);
    apply_path_mtu(slot);
    want_transmission(index);
    return {handle(index), Error::none};
}

// Where a TIME-WAIT had the tuple one store changes the owner, as for every other replacement.
bool Stack::enter_table(std::uint64_t hash, std::uint32_t tcb_index, table::FlowRef reused) {
    if (!reused) return table_.insert(hash, tcb_ref(tcb_index));
    const bool replaced = table_.replace(hash, reused, tcb_ref(tcb_index));
    LA_ASSERT(replaced);
    return true;
}

void Stack::open_tcb(TcbSlot& slot, table::FlowRef reused) {
    const wire::FlowKey4& key = slot.key;
    const auto words = words_of(key);
    const std::uint32_t ts_offset = tcp::timestamp_offset(secrets_.timestamp_offset, words);
    if (reused) {
        counters_.add(Counter::TWRecycled);
        tcp::TimeWaitRecord& record = time_waits_[reused.index()].record;
        enter(key, record.state, tcp::Cause::Reopen);
        traced(key, [&] { tcp::open_over(env_, record, ts_offset, slot.tcb); });
        return release_time_wait(reused.index());
    }
    const auto isn = tcp::initial_sequence(secrets_.isn, words, env_.now);
    traced(key, [&] { tcp::open_active(env_, isn, ts_offset, slot.tcb); });
}

}  // namespace lastack::stack
