// The lives of records: half open, open, TIME-WAIT, gone. The protocol has decided; here slots are
// taken and given back, and the connection table is kept true.

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"
#include "tcp/isn.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;
using table::Family;
using table::FlowRef;
using table::RecordKind;

namespace {

FlowRef syn_ref(std::uint32_t index) {
    return {Family::Ipv4, RecordKind::Syn, index};
}
FlowRef tcb_ref(std::uint32_t index) {
    return {Family::Ipv4, RecordKind::Tcb, index};
}
FlowRef time_wait_ref(std::uint32_t index) {
    return {Family::Ipv4, RecordKind::TimeWait, index};
}

}  // namespace

// Cookies (stack_cookies.cpp) stand in for records where there are none; a SYN that reopens a
// TIME-WAIT always takes a record, for its ISS cannot be a cookie (C-10).
//
// A SYN for a listener; `reopened` is the TIME-WAIT record that it is acceptable for, or kNoIndex.
// Nothing of what exists is touched before everything needed is at hand (C-13).
void Stack::open_half(Arriving& arriving, std::uint32_t listener, std::uint32_t reopened) {
    ListenerSlot& door = listeners_[listener];
    const bool opening = arriving.segment.flags().syn() && !arriving.segment.flags().ack() &&
                         !arriving.segment.flags().rst();
    std::uint32_t index = kNoIndex;
    if (opening && reopened == kNoIndex && !arriving.segment.flags().fin() && wants_cookie(door)) {
        return send_cookie(arriving, door);
    }
    if (reopened == kNoIndex && redeem_cookie(arriving, door)) return;
    if (opening) {
        const bool full = door.half_open >= door.max_half_open && reopened == kNoIndex;
        if (!full) index = syns_.allocate();
        if (index == kNoIndex) {
            counters_.add(Counter::ListenDrops);
            return counters_.add(full ? Counter::ListenOverflows : Counter::TCPReqQFullDrop);
        }
    }
    const auto words = words_of(arriving.key);
    tcp::ListenFacts facts;
    facts.isn = tcp::initial_sequence(secrets_.isn, words, env_.now);
    facts.ts_offset = tcp::timestamp_offset(secrets_.timestamp_offset, words);
    if (reopened != kNoIndex) facts.isn_floor = time_waits_[reopened].record.snd_nxt;
    tcp::ListenVerdict verdict = tcp::arrive_listen(env_, facts, arriving.segment);
    if (verdict.kind == tcp::ListenVerdict::Kind::Open) {
        syns_[index] = SynSlot{arriving.key, verdict.record, listener, reopened};
        if (reopened != kNoIndex) {
            // The record steps aside with its remaining time; one store changes the owner.
            tcp::enter(states_, time_waits_[reopened].record.state, tcp::Cause::Reopen);
            wheel_.cancel(time_wait_timer(reopened));
            const bool replaced =
                table_.replace(arriving.hash, time_wait_ref(reopened), syn_ref(index));
            LA_ASSERT(replaced);
            if (!options_.tw_return) {  // M-6
                counters_.add(Counter::TimeWaitReopened);
                forget_parked(syns_[index]);
            }
        } else if (!table_.insert(arriving.hash, syn_ref(index))) {
            counters_.add(Counter::TableFull);
            counters_.add(Counter::ListenDrops);
            counters_.add(Counter::AttemptFails);
            tcp::enter(states_, syns_[index].record.state, tcp::Cause::Abort);
            return syns_.free(index);
        }
        ++door.half_open;
        wheel_.arm(syn_timer(index), instant_of(verdict.record.deadline_ms));
        return answer(arriving.key, *verdict.answer, &syns_[index].neighbour);
    }
    if (index != kNoIndex) syns_.free(index);
    if (!verdict.answer) return;
    if (!reset_limit_.take(env_.now)) return counters_.add(Counter::RstSuppressed);
    counters_.add(Counter::OutSegs);
    counters_.add(Counter::OutRsts);
    answer(arriving.key, *verdict.answer, nullptr);
}

// The handshake is complete: the SynSlot becomes a TcbSlot, which then takes the same segment.
void Stack::open_fully(Arriving& arriving, std::uint32_t syn_index) {
    SynSlot& half = syns_[syn_index];
    ListenerSlot& door = listeners_[half.listener];
    LA_ASSERT(door.used);  // it takes its children with it
    const std::uint32_t index = tcbs_.allocate();
    if (index == kNoIndex) return counters_.add(Counter::ListenOverflows);  // as G-24, without RST
    TcbSlot& slot = make_open(index, arriving, door, tcp::open(env_, half.record));
    slot.neighbour = half.neighbour;
    const bool replaced = table_.replace(arriving.hash, syn_ref(syn_index), tcb_ref(index));
    LA_ASSERT(replaced);
    use_port(slot);
    if (half.parked != kNoIndex) {
        counters_.add(Counter::TimeWaitReopened);
        release_time_wait(half.parked);
        half.parked = kNoIndex;
    }
    --door.half_open;
    wheel_.cancel(syn_timer(syn_index));
    syns_.free(syn_index);
    const tcp::Outcome outcome = tcp::arrive(env_, slot.tcb, arriving.segment);
    settle(index, outcome);
}

// A half-open connection ends by a decision of ours: it goes, or back to the TIME-WAIT that it came
// from (C-11).
void Stack::abort_half(std::uint32_t index) {
    SynSlot& slot = syns_[index];
    const bool returns = slot.parked != kNoIndex;
    enter(slot.key, slot.record.state, returns ? tcp::Cause::Return : tcp::Cause::Abort);
    if (returns) return return_to_time_wait(index);
    counters_.add(Counter::AttemptFails);
    drop_half(index);
}

// A slot for a connection whose handshake is complete; the table does not know it yet.
TcbSlot& Stack::make_open(std::uint32_t index, const Arriving& arriving, const ListenerSlot& door,
                          const tcp::Tcb& tcb) {
    const wire::FlowKey4& key = arriving.key;
    TcbSlot& slot = tcbs_[index];
    slot = TcbSlot{.key = key,
                   .phase = TcbSlot::Phase::Live,
                   .reuse_address = door.reuse_address,
                   .generation = slot.generation,
                   .hash = arriving.hash,
                   .handler = door.handler,
                   .tcb = tcb};
    apply_path_mtu(slot);
    // The answers go back to where the segments come from, by our own routes.
    if (const auto path = ip_.route(key.remote_address, key.local_address)) slot.path = *path;
    return slot;
}

// The half-open connection is over, and reads CLOSED.
void Stack::drop_half(std::uint32_t index) {
    SynSlot& slot = syns_[index];
    LA_ASSERT(slot.record.state.is(tcp::State::Closed));
    const bool erased = table_.erase(hasher_(slot.key), syn_ref(index));
    LA_ASSERT(erased);
    --listeners_[slot.listener].half_open;
    if (slot.parked != kNoIndex) release_time_wait(slot.parked);
    wheel_.cancel(syn_timer(index));
    syns_.free(index);
}

// Carries out what the protocol said of a half-open connection.
void Stack::settle_half(std::uint32_t index, tcp::Fate fate) {
    switch (fate) {
        case tcp::Fate::Keep:
            return;
        case tcp::Fate::TimeWait:
            return return_to_time_wait(index);
        case tcp::Fate::Gone:
            return drop_half(index);
    }
}

// C-11: the reopening SYN was an old one. TIME-WAIT goes on with the time it had left.
void Stack::return_to_time_wait(std::uint32_t syn_index) {
    SynSlot& half = syns_[syn_index];
    LA_ASSERT(half.parked != kNoIndex);
    TimeWaitSlot& slot = time_waits_[half.parked];
    slot.record.state = tcp::move_out(half.record.state);
    const bool replaced =
        table_.replace(hasher_(half.key), syn_ref(syn_index), time_wait_ref(half.parked));
    LA_ASSERT(replaced);
    counters_.add(Counter::TimeWaitReturned);
    wheel_.arm(time_wait_timer(half.parked), instant_of(slot.record.deadline_ms));
    --listeners_[half.listener].half_open;
    wheel_.cancel(syn_timer(syn_index));
    syns_.free(syn_index);
}

// Carries out what the protocol said of a Tcb: answer, fate, timers, and who must hear of it.
void Stack::settle(std::uint32_t tcb_index, const tcp::Outcome& outcome) {
    TcbSlot& slot = tcbs_[tcb_index];
    if (outcome.answer) answer(slot, *outcome.answer);
    switch (outcome.fate) {
        case tcp::Fate::Keep:
            want_transmission(tcb_index);
            arm_earliest(tcb_index);
            break;
        case tcp::Fate::TimeWait:
            become_time_wait(tcb_index);
            break;
        case tcp::Fate::Gone:
            if (waits_after(slot, outcome)) {
                enter(slot.key, slot.tcb.state, tcp::Cause::OwnReset);
                become_time_wait(tcb_index, true);
            } else {
                leave_table(tcb_index, TcbSlot::Phase::Over);
            }
            break;
    }
    if (slot.tcb.events.any()) want_service(tcb_index);
}

// M-16, C-35: a connection that was synchronized, and that we have just reset.
bool Stack::waits_after(const TcbSlot& slot, const tcp::Outcome& outcome) const {
    return tcp_config_.waits_after_reset && outcome.answer && outcome.answer->flags.rst() &&
           !slot.tcb.syn_unacked;
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

void Stack::leave_table(std::uint32_t tcb_index, TcbSlot::Phase phase) {
    TcbSlot& slot = tcbs_[tcb_index];
    const bool erased = table_.erase(slot.hash, tcb_ref(tcb_index));
    LA_ASSERT(erased);
    port_use_.remove(slot.key.local_port, slot.reuse_address);
    wheel_.cancel(tcb_timer(tcb_index));
    uncount_orphan(slot);
    slot.phase = phase;
}

// The application has heard of the end: the slot is free for the next connection.
void Stack::free_tcb(std::uint32_t index) {
    TcbSlot& slot = tcbs_[index];
    LA_ASSERT(slot.phase == TcbSlot::Phase::TimeWait || slot.phase == TcbSlot::Phase::Over);
    env_.pieces.clear(slot.tcb.receive_queue);
    env_.pieces.clear(slot.tcb.send_queue);
    tcp::ReassemblyStore{runs_, env_.pieces}.clear(slot.tcb.out_of_order);
    tcp::ScoreboardStore{sacked_}.forget(slot.tcb.scoreboard);
    slot.phase = TcbSlot::Phase::Free;
    slot.handler = nullptr;
    ++slot.generation;
    // While it still stands in a queue it must not be taken: the queue's turn frees it.
    if (!slot.waits_to_serve && !slot.waits_to_transmit) tcbs_.free(index);
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
