// The lives of half-open records: a SYN for a listener, until the handshake is complete or not.
//
// Cookies (stack_cookies.cpp) stand in for records where there are none; a SYN that reopens a
// TIME-WAIT always takes a record, for its ISS cannot be a cookie (C-10).

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"
#include "tcp/isn.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;

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
    tcp::move(half.record.state, slot.record.state);
    const bool replaced =
        table_.replace(hasher_(half.key), syn_ref(syn_index), time_wait_ref(half.parked));
    LA_ASSERT(replaced);
    counters_.add(Counter::TimeWaitReturned);
    if (slot.place == 0) begin_wait(half.parked);  // its time came meanwhile
    --listeners_[half.listener].half_open;
    wheel_.cancel(syn_timer(syn_index));
    syns_.free(syn_index);
}

}  // namespace lastack::stack
