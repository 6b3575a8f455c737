// Every field of a Stack's slots, as data; tcp/fields.hpp has the idea and the visitor's functions.
//
// StackFields is a proof's window on a Stack: its pools, its wheel, its table. What it does not
// list is not compared between states, for these reasons: counters, states() and the trace are
// written only; token buckets are given more than a proof can use up; the neighbour is known and
// does not age within a proof; a local port is named by whoever connects; the queues of a turn are
// empty at its end, which a proof asserts; the table, the wheel and the use of ports follow from
// the records, which a proof asserts too.
#pragma once

#include "stack/records.hpp"
#include "stack/stack.hpp"
#include "tcp/fields.hpp"

namespace lastack::stack {

struct StackFields {
    static const tcp::Config& config(const Stack& stack) { return stack.tcp_config_; }
    static const base::Pool<base::Piece>& pieces(const Stack& stack) { return stack.pieces_; }
    static const base::Pool<tcp::Run>& runs(const Stack& stack) { return stack.runs_; }
    static const base::Pool<tcp::SackedRun>& sacked(const Stack& stack) { return stack.sacked_; }
    static base::Pool<TcbSlot>& tcbs(Stack& stack) { return stack.tcbs_; }
    static const base::Pool<TcbSlot>& tcbs(const Stack& stack) { return stack.tcbs_; }
    static const base::Pool<ListenerSlot>& listeners(const Stack& stack) {
        return stack.listeners_;
    }
    static const base::Pool<SynSlot>& syns(const Stack& stack) { return stack.syns_; }
    static TimeWaitPool& time_waits(Stack& stack) { return stack.time_waits_; }
    static const TimeWaitPool& time_waits(const Stack& stack) { return stack.time_waits_; }
    static base::StripedVersions& versions(Stack& stack) { return stack.versions_; }
    static const base::Pool<TimerSlot>& timers(const Stack& stack) { return stack.timers_; }
    static tcp::StateBook& states(Stack& stack) { return stack.states_; }
    static const table::FlowTable& table(const Stack& stack) { return stack.table_; }
    static const time::Wheel& wheel(const Stack& stack) { return stack.wheel_; }
    static const time::RecordWheel& time_wait_wheel(const Stack& stack) {
        return stack.time_wait_wheel_;
    }
    static const table::PortUse& port_use(const Stack& stack) { return stack.port_use_; }
    static std::uint32_t syn_timer(const Stack& stack, std::uint32_t index) {
        return stack.syn_timer(index);
    }
    static std::uint32_t tcb_timer(const Stack& stack, std::uint32_t index) {
        return stack.tcb_timer(index);
    }
    static tcp::FieldContext context(const Stack& stack, time::Instant now) {
        return {stack.tcp_config_, static_cast<std::uint32_t>(time::tick_of(now))};
    }
};

template <class Visitor>
void fields(Visitor& v, const tcp::FieldContext& context, const TimeWaitSlot& slot) {
    const auto& [remote_address, local_port, remote_port, record, place] = slot;
    v.frozen("remote_address", remote_address, "there is one tuple");
    v.frozen("local_port", local_port, "likewise");
    v.frozen("remote_port", remote_port, "likewise");
    v.frozen("place", place, "the order of records follows from their ends");
    tcp::fields(v, context, record);
}

/// `time_waits` is where a parked record lies.
template <class Visitor>
void fields(Visitor& v, const tcp::FieldContext& context, const SynSlot& slot,
            const TimeWaitPool& time_waits) {
    const auto& [key, record, listener, parked, neighbour] = slot;
    v.frozen("key", key.local_port, "there is one tuple");
    v.same("listener", listener);
    v.frozen("neighbour", neighbour, "a hint");
    tcp::fields(v, context, record);
    v.same("parked", parked != base::kNoIndex);
    if (parked != base::kNoIndex) fields(v, context, time_waits[parked]);
}

template <class Visitor>
void fields(Visitor& v, const tcp::FieldContext& context, const TcbSlot& slot) {
    const auto& [key, phase, application_closed, orphan_counted, reuse_address, peer_closed_told,
                 error_taken, waits_to_serve, waits_to_transmit, has_copies, ttl, dscp, neighbour,
                 generation, next_to_serve, next_to_transmit, hash, handler, application_context,
                 next_hop, path_mtu, interface, tcb, copied_bytes] = slot;
    v.frozen("key", key.local_port, "there is one tuple");
    v.same("phase", phase);
    v.same("application_closed", application_closed);
    v.same("orphan_counted", orphan_counted);
    v.frozen("reuse_address", reuse_address, "only a listen() asks; no scenario listens twice");
    v.same("peer_closed_told", peer_closed_told);
    v.same("error_taken", error_taken);
    v.same("waits_to_serve", waits_to_serve);
    v.same("waits_to_transmit", waits_to_transmit);
    v.same("ttl", ttl);
    v.same("dscp", dscp);
    v.frozen("neighbour", neighbour, "a hint");
    v.frozen("generation", generation, "counts lives; stale handles are a test's business");
    v.frozen("next_to_serve", next_to_serve, "queues are empty");
    v.frozen("next_to_transmit", next_to_transmit, "queues are empty");
    v.frozen("hash", hash, "there is one tuple");
    v.same("copied_bytes", copied_bytes);
    v.frozen("has_copies", has_copies, "tells whether copied_bytes is worth a look");
    v.same("handler", handler != nullptr);
    v.frozen("context", application_context != nullptr, "unused");
    v.frozen("next_hop", next_hop.value, "constant");
    v.frozen("path_mtu", path_mtu, "constant");
    v.frozen("interface", interface, "constant");
    tcp::fields(v, context, tcb);
}

}  // namespace lastack::stack
