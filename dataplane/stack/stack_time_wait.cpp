// The lives of compact records: TIME-WAIT, and FIN-WAIT-2 without an owner.

#include <utility>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;
using table::FlowRef;
using table::RecordKind;

wire::FlowKey4 Stack::key_of(const TimeWaitSlot& slot) const {
    return {ip_.local_address(slot.record.local()), slot.remote_address, slot.local_port,
            slot.remote_port};
}

// The ports first: they tell nearly all tuples apart.
bool Stack::is_of(const TimeWaitSlot& slot, const wire::FlowKey4& key) const {
    return slot.local_port == key.local_port && slot.remote_port == key.remote_port &&
           slot.remote_address == key.remote_address &&
           ip_.local_address(slot.record.local()) == key.local_address;
}

void Stack::become_time_wait(std::uint32_t tcb_index, bool after_reset) {
    TcbSlot& slot = tcbs_[tcb_index];
    const bool keep = keeps_time_wait_ || slot.tcb.state.is(tcp::State::FinWait2);
    const std::uint32_t index = keep ? allocate_time_wait() : kNoIndex;
    if (index == kNoIndex) {
        if (keep) counters_.add(Counter::TCPTimeWaitOverflow);
        enter(slot.key, slot.tcb.state, tcp::Cause::Abort);
        return leave_table(tcb_index, TcbSlot::Phase::Over);
    }
    TimeWaitSlot& waiting = time_waits_[index];
    versions_.begin_change(index);
    waiting.remote_address = slot.key.remote_address;
    waiting.local_port = slot.key.local_port;
    waiting.remote_port = slot.key.remote_port;
    waiting.place = 0;
    tcp::TimeWaitRecord& record = waiting.record;
    tcp::make_time_wait(env_, slot.tcb, record);
    record.after_reset = after_reset;
    record.ttl = slot.ttl;
    record.dscp = slot.dscp & 0x3f;
    static_assert(ip::kMaxInterfaces * ip::kMaxAddresses <= tcp::TimeWaitRecord::kMostLocals);
    record.set_local(ip_.number_of(slot.key.local_address));
    record.reuse_address = slot.reuse_address;
    versions_.end_change(index);
    begin_wait(index);
    const bool replaced = table_.replace(slot.hash, tcb_ref(tcb_index), time_wait_ref(index));
    LA_ASSERT(replaced);
    wheel_.cancel(tcb_timer(tcb_index));
    uncount_orphan(slot);
    slot.phase = TcbSlot::Phase::TimeWait;
}

// C-23 at the cap: the record that would end first makes room, whichever kind it is of, but one
// that never ends (M-7) ahead of all; or, as Linux does at tcp_max_tw_buckets, the connection goes
// without.
std::uint32_t Stack::allocate_time_wait() {
    const std::uint32_t index = time_waits_.allocate();
    if (index != kNoIndex || options_.tw_overflow == TimeWaitOverflow::drop_new) return index;
    std::uint32_t victim = endless_.oldest();
    if (victim == kNoIndex) victim = time_wait_wheel_.earliest(TimeWaitEntries{time_waits_});
    if (victim != kNoIndex) evict(victim);
    return time_waits_.allocate();
}

void Stack::evict(std::uint32_t index) {
    TimeWaitSlot& slot = time_waits_[index];
    const bool waits_for_fin = slot.record.state.is(tcp::State::FinWait2);
    counters_.add(waits_for_fin ? Counter::FinWait2Evicted : Counter::TimeWaitEvicted);
    const wire::FlowKey4 key = key_of(slot);
    const FlowRef ref = find(hasher_(key), key);
    if (ref && ref.kind() == RecordKind::Syn) {
        // A SYN has reopened it: what is forgotten is only the way back (C-11).
        SynSlot& half = syns_[ref.index()];
        LA_ASSERT(half.parked == index);
        return forget_parked(half);
    }
    enter(key, slot.record.state, tcp::Cause::Abort);
    free_time_wait(index);
}

// What the half-open connection came from is no more: its SYN is as any other.
void Stack::forget_parked(SynSlot& half) {
    release_time_wait(half.parked);
    half.parked = kNoIndex;
    half.record.origin = tcp::Origin::Passive;
}

void Stack::begin_wait(std::uint32_t index) {
    if (time_waits_[index].record.endless()) return endless_.push_newest(time_waits_, index);
    time_wait_wheel_.arm(TimeWaitEntries{time_waits_}, index);
}

void Stack::end_wait(std::uint32_t index) {
    if (time_waits_[index].record.endless()) return endless_.remove(time_waits_, index);
    time_wait_wheel_.cancel(TimeWaitEntries{time_waits_}, index);
}

// The protocol has given the record a new deadline. Nearly always a later one, which is found when
// the entry is met: a peer that repeats its FIN costs no more than that. An earlier one is for a
// FIN-WAIT-2 that had longer, and where the MSL has been lowered meanwhile.
void Stack::restart_wait(std::uint32_t index, bool was_endless, std::uint32_t before_ms) {
    base::Published<std::uint32_t>& deadline_ms = time_waits_[index].record.deadline_ms;
    if (was_endless) {
        const std::uint32_t now_has = std::exchange(deadline_ms, before_ms);  // a link, till now
        endless_.remove(time_waits_, index);
        deadline_ms = now_has;
        time_waits_[index].place = 0;
        return begin_wait(index);
    }
    if (!tcp::ms_before(deadline_ms, before_ms)) return;
    end_wait(index);
    begin_wait(index);
}

void Stack::release_time_wait(std::uint32_t index) {
    const TimeWaitSlot& slot = time_waits_[index];
    end_wait(index);
    port_use_.remove(slot.local_port, slot.record.reuse_address);
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
    const bool erased = table_.erase(hasher_(key_of(slot)), time_wait_ref(index));
    LA_ASSERT(erased);
    release_time_wait(index);
}

}  // namespace lastack::stack
