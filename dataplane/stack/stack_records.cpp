// The lives of open records, to the end that the application hears of. The protocol has decided;
// here slots are taken and given back, and the connection table is kept true.

#include "stack/stack.hpp"
#include "tcp/call.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;

// The handshake is complete: the SynSlot becomes a TcbSlot, which then takes the same segment.
void Stack::open_fully(Arriving& arriving, std::uint32_t syn_index) {
    SynSlot& half = syns_[syn_index];
    ListenerSlot& door = listeners_[half.listener];
    LA_ASSERT(door.used);  // it takes its children with it
    const std::uint32_t index = tcbs_.allocate();
    if (index == kNoIndex) return counters_.add(Counter::ListenOverflows);  // as G-24, without RST
    TcbSlot& slot = make_open(index, arriving, door, half.record);
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

// The slot is as new but for its generation, and is filled where it lies: a record is made of many
// small stores, and a copy would have to wait for them.
TcbSlot& Stack::make_live(std::uint32_t index, const wire::FlowKey4& key, std::uint64_t hash) {
    TcbSlot& slot = tcbs_[index];
    static constexpr TcbSlot kNew{};
    const std::uint32_t generation = slot.generation;
    slot = kNew;
    slot.generation = generation;
    slot.phase = TcbSlot::Phase::Live;
    slot.key = key;
    slot.hash = hash;
    return slot;
}

// A slot for a connection whose handshake is complete; the table does not know it yet.
TcbSlot& Stack::make_open(std::uint32_t index, const Arriving& arriving, const ListenerSlot& door,
                          tcp::SynRecord& half) {
    TcbSlot& slot = make_live(index, arriving.key, arriving.hash);
    slot.reuse_address = door.reuse_address;
    slot.handler = door.handler;
    tcp::open(env_, half, slot.tcb);
    apply_path_mtu(slot);
    // The answers go back to where the segments come from, by our own routes.
    Path path;
    ip_.find_path(arriving.key.remote_address, arriving.key.local_address, path);
    slot.set_path(path);
    return slot;
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
    if (slot.tcb.has_gap()) {
        tcp::ReassemblyStore{runs_, env_.pieces}.clear(slot.tcb.out_of_order);
    }
    if (slot.tcb.has_holes()) tcp::ScoreboardStore{sacked_}.forget(slot.tcb.scoreboard);
    slot.phase = TcbSlot::Phase::Free;
    slot.handler = nullptr;
    ++slot.generation;
    // While it still stands in a queue it must not be taken: the queue's turn frees it.
    if (!slot.waits_to_serve && !slot.waits_to_transmit) tcbs_.free(index);
}

}  // namespace lastack::stack
