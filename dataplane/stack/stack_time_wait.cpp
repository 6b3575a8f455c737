// The lives of compact records: TIME-WAIT, and FIN-WAIT-2 without an owner.

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;
using table::FlowRef;
using table::RecordKind;

void Stack::become_time_wait(std::uint32_t tcb_index, bool after_reset) {
    TcbSlot& slot = tcbs_[tcb_index];
    const bool keep = keeps_time_wait_ || slot.tcb.state.is(tcp::State::FinWait2);
    const std::uint32_t index = keep ? allocate_time_wait() : kNoIndex;
    if (index == kNoIndex) {
        if (keep) counters_.add(Counter::TCPTimeWaitOverflow);
        enter(slot.key, slot.tcb.state, tcp::Cause::Abort);
        return leave_table(tcb_index, TcbSlot::Phase::Over);
    }
    time_waits_[index] = TimeWaitSlot{slot.key, tcp::make_time_wait(env_, slot.tcb)};
    time_waits_[index].record.after_reset = after_reset;
    time_waits_[index].record.ttl = slot.ttl;
    time_waits_[index].record.dscp = slot.dscp;
    time_waits_[index].reuse_address = slot.reuse_address;
    join_order(index);
    const bool replaced = table_.replace(slot.hash, tcb_ref(tcb_index), time_wait_ref(index));
    LA_ASSERT(replaced);
    wheel_.cancel(tcb_timer(tcb_index));
    uncount_orphan(slot);
    const tcp::TimeWaitRecord& record = time_waits_[index].record;
    if (!record.endless) wheel_.arm(time_wait_timer(index), instant_of(record.deadline_ms));
    slot.phase = TcbSlot::Phase::TimeWait;
}

// C-23 at the cap: the record that would end first makes room, whichever kind it is of, but one
// that never ends (M-7) ahead of all; or, as Linux does at tcp_max_tw_buckets, the connection goes
// without.
std::uint32_t Stack::allocate_time_wait() {
    const std::uint32_t index = time_waits_.allocate();
    if (index != kNoIndex || options_.tw_overflow == TimeWaitOverflow::drop_new) return index;
    const std::uint32_t time_wait = time_wait_order_.oldest();
    const std::uint32_t fin_wait_2 = fin_wait_2_order_.oldest();
    std::uint32_t victim = time_wait == kNoIndex ? fin_wait_2 : time_wait;
    if (time_wait != kNoIndex && fin_wait_2 != kNoIndex) {
        const tcp::TimeWaitRecord& waiting = time_waits_[fin_wait_2].record;
        const bool first =
            waiting.endless ||
            tcp::ms_before(waiting.deadline_ms, time_waits_[time_wait].record.deadline_ms);
        if (first) victim = fin_wait_2;
    }
    if (victim != kNoIndex) evict(victim);
    return time_waits_.allocate();
}

void Stack::evict(std::uint32_t index) {
    TimeWaitSlot& slot = time_waits_[index];
    counters_.add(slot.waits_for_fin ? Counter::FinWait2Evicted : Counter::TimeWaitEvicted);
    const FlowRef ref = find(hasher_(slot.key), slot.key);
    if (ref && ref.kind() == RecordKind::Syn) {
        // A SYN has reopened it: what is forgotten is only the way back (C-11).
        SynSlot& half = syns_[ref.index()];
        LA_ASSERT(half.parked == index);
        return forget_parked(half);
    }
    enter(slot.key, slot.record.state, tcp::Cause::Abort);
    free_time_wait(index);
}

// What the half-open connection came from is no more: its SYN is as any other.
void Stack::forget_parked(SynSlot& half) {
    release_time_wait(half.parked);
    half.parked = kNoIndex;
    half.record.origin = tcp::Origin::Passive;
}

// The newest of its kind: it has just come, or its wait has just begun anew.
void Stack::join_order(std::uint32_t index) {
    TimeWaitSlot& slot = time_waits_[index];
    slot.waits_for_fin = slot.record.state.is(tcp::State::FinWait2);
    order_of(slot).push_newest(time_waits_, index);
}

void Stack::release_time_wait(std::uint32_t index) {
    const TimeWaitSlot& slot = time_waits_[index];
    order_of(slot).remove(time_waits_, index);
    port_use_.remove(slot.key.local_port, slot.reuse_address);
    time_waits_.free(index);
}

// The record that goes on in place of this slot's Tcb; kNoIndex where it has gone, and where the
// tuple has a later incarnation's (which begins beyond the earlier one's last number, C-9).
std::uint32_t Stack::time_wait_of(const TcbSlot& slot) const {
    if (slot.phase != TcbSlot::Phase::TimeWait) return kNoIndex;
    const FlowRef ref = find(slot.hash, slot.key);
    if (!ref || ref.kind() != RecordKind::TimeWait) return kNoIndex;
    return time_waits_[ref.index()].record.snd_nxt == slot.tcb.snd.max ? ref.index() : kNoIndex;
}

void Stack::free_time_wait(std::uint32_t index) {
    TimeWaitSlot& slot = time_waits_[index];
    LA_ASSERT(slot.record.state.is(tcp::State::Closed));
    const bool erased = table_.erase(hasher_(slot.key), time_wait_ref(index));
    LA_ASSERT(erased);
    wheel_.cancel(time_wait_timer(index));
    release_time_wait(index);
}

}  // namespace lastack::stack
