// From a segment to the record that it belongs to, and what the record's answer is carried out by.

#include "stack/stack.hpp"
#include "tcp/arrive.hpp"
#include "tcp/call.hpp"

namespace lastack::stack {

using base::Counter;

table::FlowRef Stack::find(std::uint64_t hash, const wire::FlowKey4& key) const {
    return table_.find(hash, [&](table::FlowRef ref) {
        if (ref.family() != table::Family::Ipv4) return false;
        switch (ref.kind()) {
            case table::RecordKind::Syn:
                return syns_[ref.index()].key == key;
            case table::RecordKind::Tcb:
                return tcbs_[ref.index()].key == key;
            case table::RecordKind::TimeWait:
                return is_of(time_waits_[ref.index()], key);
        }
        return false;
    });
}

void Stack::dispatch(Arriving& arriving) {
    if (!trace_.enabled()) return dispatch_to_record(arriving);
    const std::uint64_t changes = states_.changes();
    const std::uint64_t number = trace_.next_number();
    dispatch_to_record(arriving);
    if (states_.changes() != changes) trace_.settle(number, state_of(arriving.hash, arriving.key));
}

void Stack::dispatch_to_record(Arriving& arriving) {
    const table::FlowRef ref = find(arriving.hash, arriving.key);
    if (!ref) return dispatch_to_nobody(arriving);
    switch (ref.kind()) {
        case table::RecordKind::Syn:
            return dispatch_to_syn(arriving, ref.index());
        case table::RecordKind::Tcb:
            return dispatch_to_tcb(arriving, ref.index());
        case table::RecordKind::TimeWait:
            return dispatch_to_time_wait(arriving, ref.index());
    }
}

// What a tuple's record reads; CLOSED where there is none.
tcp::State Stack::state_of(std::uint64_t hash, const wire::FlowKey4& key) const {
    const table::FlowRef ref = find(hash, key);
    if (!ref) return tcp::State::Closed;
    switch (ref.kind()) {
        case table::RecordKind::Syn:
            return syns_[ref.index()].record.state.get();
        case table::RecordKind::Tcb:
            return tcbs_[ref.index()].tcb.state.get();
        case table::RecordKind::TimeWait:
            return time_waits_[ref.index()].record.state.get();
    }
    return tcp::State::Closed;
}

void Stack::dispatch_to_nobody(Arriving& arriving) {
    if (env_.now < quiet_until_) return counters_.add(Counter::QuietTimeDrops);  // C-34
    const std::uint32_t listener = door_of(arriving);
    if (listener != base::kNoIndex) {
        trace(TraceEvent::Kind::Received, arriving.key, arriving.segment.header,
              arriving.segment.text_bytes, tcp::State::Listen);
        return open_half(arriving, listener, base::kNoIndex);
    }
    trace(TraceEvent::Kind::Received, arriving.key, arriving.segment.header,
          arriving.segment.text_bytes, tcp::State::Closed);
    const auto reset = tcp::arrive_closed(env_, arriving.segment);
    if (!reset) return;
    if (!reset_limit_.take(env_.now)) return counters_.add(Counter::RstSuppressed);  // E-15
    counters_.add(Counter::OutSegs);
    counters_.add(Counter::OutRsts);
    answer(arriving.key, *reset, nullptr);
}

void Stack::dispatch_to_syn(Arriving& arriving, std::uint32_t index) {
    SynSlot& slot = syns_[index];
    trace(TraceEvent::Kind::Received, arriving.key, arriving.segment.header,
          arriving.segment.text_bytes, tcp::State::SynReceived);
    if (cookie_overtakes(arriving, slot)) {
        const ListenerSlot& door = listeners_[slot.listener];
        if (tcbs_.available() == 0) return counters_.add(Counter::ListenOverflows);
        abort_half(index);
        return open_from_cookie(arriving, door);
    }
    const tcp::SynVerdict verdict = tcp::arrive(env_, slot.record, arriving.segment);
    if (verdict.answer) answer(slot.key, *verdict.answer, &slot.neighbour);
    switch (verdict.kind) {
        case tcp::SynVerdict::Kind::Keep:
            return;
        case tcp::SynVerdict::Kind::Open:
            return open_fully(arriving, index);
        case tcp::SynVerdict::Kind::Gone:
            return drop_half(index);
        case tcp::SynVerdict::Kind::Return:
            return return_to_time_wait(index);
    }
}

void Stack::dispatch_to_tcb(Arriving& arriving, std::uint32_t index) {
    TcbSlot& slot = tcbs_[index];
    const tcp::State before = slot.tcb.state.get();
    trace(TraceEvent::Kind::Received, arriving.key, arriving.segment.header,
          arriving.segment.text_bytes, before);
    const wire::Seq una = slot.tcb.snd.una;
    const tcp::Outcome outcome = tcp::arrive(env_, slot.tcb, arriving.segment);
    if (slot.tcb.snd.una != una) ip_.confirm_neighbour(slot.neighbour, env_.now);
    settle(index, outcome);
}

void Stack::dispatch_to_time_wait(Arriving& arriving, std::uint32_t index) {
    TimeWaitSlot& slot = time_waits_[index];
    trace(TraceEvent::Kind::Received, arriving.key, arriving.segment.header,
          arriving.segment.text_bytes, slot.record.state.get());
    const bool was_endless = slot.record.endless();
    const std::uint32_t deadline_before = slot.record.deadline_ms;
    // Where FIN-WAIT-2 becomes TIME-WAIT state and end change together; else one word does.
    const bool may_turn = slot.record.state.is(tcp::State::FinWait2);
    if (may_turn) versions_.begin_change(index);
    const tcp::TimeWaitVerdict verdict = tcp::arrive(env_, slot.record, arriving.segment);
    const bool restarts = verdict.kind == tcp::TimeWaitVerdict::Kind::Restart;
    if (restarts) restart_wait(index, was_endless, deadline_before);
    if (may_turn) versions_.end_change(index);
    if (verdict.answer) answer(slot, *verdict.answer);
    switch (verdict.kind) {
        case tcp::TimeWaitVerdict::Kind::Keep:
            return;
        case tcp::TimeWaitVerdict::Kind::Restart:
            if (keeps_time_wait_) return;
            tcp::abort(env_, slot.record);
            return free_time_wait(index);
        case tcp::TimeWaitVerdict::Kind::Reopen: {
            const std::uint32_t listener = door_of(arriving);
            if (listener != base::kNoIndex) return open_half(arriving, listener, index);
            // C-12: acceptable, but nobody listens: the record stays and says so.
            const auto ack = tcp::refuse_reopen(env_, slot.record, arriving.segment);
            if (ack) answer(slot, *ack);
            return;
        }
        case tcp::TimeWaitVerdict::Kind::Gone:
            return free_time_wait(index);
    }
}

void Stack::trace(TraceEvent::Kind kind, const wire::FlowKey4& key, const wire::TcpHeader& header,
                  std::uint32_t text_bytes, tcp::State state) {
    if (!trace_.enabled()) return;
    trace_.record({.at = env_.now,
                   .key = key,
                   .seq = header.seq,
                   .ack = header.ack,
                   .text_bytes = text_bytes,
                   .window = header.window,
                   .flags = header.flags,
                   .kind = kind,
                   .before = state,
                   .after = state});
}

// A change that no segment made: the application's call, a timer, the network's word. One that a
// segment made stands in the segment's own event.
void Stack::trace_change(const wire::FlowKey4& key, std::uint64_t changes_before) {
    if (!trace_.enabled() || states_.changes() == changes_before) return;
    const tcp::Edge& edge = states_.last_change();
    trace_.record({.at = env_.now,
                   .key = key,
                   .kind = TraceEvent::Kind::Changed,
                   .before = edge.from,
                   .after = edge.to,
                   .cause = edge.cause});
}

}  // namespace lastack::stack
