// An application closes its connection or gives it up; what is left behind may be an orphan (D-20).

#include <algorithm>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;

void Stack::do_shutdown_write(Connection connection) {
    TcbSlot* slot = find_live(connection);
    if (slot == nullptr) return;
    settle(connection.index(),
           traced(slot->key, [&] { return tcp::shutdown_write(env_, slot->tcb); }));
}

// Inside on_data the close waits for the call to return: only then is it known which bytes were
// used up, and unread ones would make it a reset. Nothing more is sent from now on all the same.
void Stack::do_close(Connection connection) {
    TcbSlot* slot = find_slot(connection);
    if (slot == nullptr || slot->application_closed) return;
    slot->application_closed = true;
    if (offering_ == connection.index()) {
        if (slot->phase == TcbSlot::Phase::Live) slot->tcb.orphan = true;
        return;
    }
    finish_close(connection.index());
}

void Stack::finish_close(std::uint32_t index) {
    TcbSlot& slot = tcbs_[index];
    if (slot.phase == TcbSlot::Phase::Live) {
        settle(index, traced(slot.key, [&] { return tcp::close(env_, slot.tcb); }));
        if (slot.phase == TcbSlot::Phase::Live) count_orphan(index);
    }
    if (slot.phase == TcbSlot::Phase::Live) return;
    env_.pieces.clear(slot.tcb.receive_queue);  // TW.A06: complete, so nothing is reset
    want_service(index);
}

// D-20: one orphan more. Beyond the limit it is reset, so that peers who never answer a FIN cannot
// fill the pool.
void Stack::count_orphan(std::uint32_t index) {
    TcbSlot& slot = tcbs_[index];
    slot.orphan_counted = true;
    ++orphans_;
    if (!too_many_orphans(slot)) return;
    counters_.add(Counter::TCPAbortOnMemory);
    abort_tcb(index, tcp::End::Aborted);
}

void Stack::uncount_orphan(TcbSlot& slot) {
    if (!slot.orphan_counted) return;
    slot.orphan_counted = false;
    --orphans_;
}

// An orphan that gets nowhere weighs double, and double again where the network has complained.
bool Stack::too_many_orphans(const TcbSlot& slot) const {
    std::uint64_t weighed = orphans_;
    if (slot.tcb.snd.wnd == 0 || slot.tcb.timers.retransmits > 1) weighed *= 2;
    if (slot.tcb.soft_error != tcp::End::None) weighed *= 2;
    return weighed > max_orphans_;
}

void Stack::do_abort(Connection connection) {
    TcbSlot* slot = find_slot(connection);
    if (slot == nullptr) return;
    slot->application_closed = true;
    const bool offering = offering_ == connection.index();
    if (slot->phase == TcbSlot::Phase::Live) {
        counters_.add(Counter::TCPAbortByApplication);
        if (offering) slot->tcb.orphan = false;  // the text on offer stays until the call returns
        return abort_tcb(connection.index(), tcp::End::Aborted);
    }
    abort_time_wait(*slot);
    if (!offering) finish_close(connection.index());  // over already: nothing will be read any more
}

// TW.A03, and FW2.A03 where close() has made a compact record of it: the record goes.
void Stack::abort_time_wait(const TcbSlot& slot) {
    const std::uint32_t index = time_wait_of(slot);
    if (index != kNoIndex) abort_record(index);
}

void Stack::abort_record(std::uint32_t index) {
    TimeWaitSlot& slot = time_waits_[index];
    const auto reset = traced(key_of(slot), [&] { return tcp::abort(env_, slot.record); });
    if (reset) answer(slot, *reset);
    free_time_wait(index);
}

void Stack::abort_tcb(std::uint32_t index, tcp::End end) {
    TcbSlot& slot = tcbs_[index];
    settle(index, traced(slot.key, [&] { return tcp::abort(env_, slot.tcb, end); }));
}

void Stack::abort_all() {
    for (std::uint32_t i = 0; i < tcbs_.used_to(); ++i) {
        TcbSlot& slot = tcbs_[i];
        if (slot.phase != TcbSlot::Phase::Live) continue;
        abort_tcb(i, tcp::End::ShutDown);
    }
    for (std::uint32_t i = 0; i < syns_.used_to(); ++i) {
        SynSlot& slot = syns_[i];
        if (!slot.record.state.is(tcp::State::SynReceived)) continue;
        abort_half(i);
    }
    for (std::uint32_t i = 0; i < time_waits_.used_to(); ++i) {
        if (time_waits_[i].record.state.is(tcp::State::FinWait2)) abort_record(i);
    }
}

}  // namespace lastack::stack
