// What an application may ask of its core: include/lastack/core.hpp and connection.hpp.

#include <algorithm>
#include <cerrno>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"
#include "tcp/isn.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;

// --- Opening

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
    if (env_.now_ms() - record.entered_at_ms <= to_ms(options_.tw_reuse_delay)) return false;
    switch (options_.tw_reuse) {
        case TimeWaitReuse::never:
            return false;
        case TimeWaitReuse::any:
            return true;
        case TimeWaitReuse::loopback:
            return slot.key.local_address.is_loopback() || slot.key.remote_address.is_loopback();
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
    std::optional<wire::Ipv4Address> local;
    if (!options.local.address.is_unspecified()) {
        local = wire::Ipv4Address{options.local.address.ipv4_value()};
        if (!ip_.is_local(*local)) return {{}, Error::bad_address};
    }
    const auto path = ip_.route(key.remote_address, local);
    if (!path) return {{}, Error::unreachable};
    key.local_address = local.value_or(path->source);
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
    TcbSlot& slot = tcbs_[index];
    slot = TcbSlot{.key = key,
                   .phase = TcbSlot::Phase::Live,
                   .reuse_address = options.reuse_address,
                   .generation = slot.generation,
                   .hash = hash,
                   .handler = &handler,
                   .context = options.context,
                   .path = *path,
                   .tcb = open_tcb(key, reused)};
    use_port(slot);
    apply_path_mtu(slot);
    want_transmission(index);
    return {handle(index), Error::none};
}

// Where a TIME-WAIT had the tuple one store changes the owner, as for every other replacement.
bool Stack::enter_table(std::uint64_t hash, std::uint32_t tcb_index, table::FlowRef reused) {
    const table::FlowRef ref{table::Family::Ipv4, table::RecordKind::Tcb, tcb_index};
    if (!reused) return table_.insert(hash, ref);
    const bool replaced = table_.replace(hash, reused, ref);
    LA_ASSERT(replaced);
    return true;
}

tcp::Tcb Stack::open_tcb(const wire::FlowKey4& key, table::FlowRef reused) {
    if (reused) {
        counters_.add(Counter::TWRecycled);
        wheel_.cancel(time_wait_timer(reused.index()));
        TimeWaitSlot& slot = time_waits_[reused.index()];
        enter(key, slot.record.state, tcp::Cause::Reopen);
        const tcp::Tcb tcb = traced(key, [&] { return tcp::open_over(env_, slot.record); });
        release_time_wait(reused.index());
        return tcb;
    }
    const auto words = words_of(key);
    return traced(key, [&] {
        return tcp::open_active(env_, tcp::initial_sequence(secrets_.isn, words, env_.now),
                                tcp::timestamp_offset(secrets_.timestamp_offset, words));
    });
}

// --- Timers

Timer Stack::start_timer(std::chrono::nanoseconds delay, TimerHandler& handler,
                         std::uint64_t cookie) {
    const std::uint32_t index = timers_.allocate();
    if (index == kNoIndex) return {};
    TimerSlot& slot = timers_[index];
    slot.handler = &handler;
    slot.cookie = cookie;
    slot.due = false;
    constexpr std::chrono::nanoseconds kFarthest = std::chrono::hours(24 * 365);
    const auto wait = std::clamp(delay, std::chrono::nanoseconds(0), kFarthest);
    wheel_.arm(application_timer(index), env_.now + wait);
    return {index, slot.generation};
}

void Stack::cancel_timer(Timer timer) {
    if (!timer.valid()) return;
    LA_ASSERT(timer.index < timers_.capacity());
    TimerSlot& slot = timers_[timer.index];
    if (slot.generation != timer.generation || slot.handler == nullptr) return;
    if (slot.due) {
        slot.handler = nullptr;  // it stands in the queue; serve() frees it
        return;
    }
    wheel_.cancel(application_timer(timer.index));
    slot = TimerSlot{.generation = slot.generation + 1};
    timers_.free(timer.index);
}

// --- Handles

TcbSlot* Stack::find_slot(Connection connection) const {
    if (connection.index() >= tcbs_.capacity()) return nullptr;
    auto& slot = const_cast<TcbSlot&>(tcbs_[connection.index()]);
    if (slot.generation == connection.generation() && slot.phase != TcbSlot::Phase::Free) {
        return &slot;
    }
    const_cast<base::Counters&>(counters_).add(Counter::StaleHandle);
    return nullptr;
}

// A slot whose protocol still runs; nullptr too where it has ended and the application has yet to
// hear of it, which is no fault of the application's.
TcbSlot* Stack::find_live(Connection connection) const {
    TcbSlot* slot = find_slot(connection);
    return slot != nullptr && slot->phase == TcbSlot::Phase::Live ? slot : nullptr;
}

bool Stack::do_valid(Connection connection) const {
    if (connection.index() >= tcbs_.capacity()) return false;
    const TcbSlot& slot = tcbs_[connection.index()];
    return slot.generation == connection.generation() && slot.phase != TcbSlot::Phase::Free;
}

// --- Sending

std::size_t Stack::do_send(Connection connection, Bytes bytes) {
    TcbSlot* slot = find_live(connection);
    if (slot == nullptr || bytes.empty()) return 0;
    std::size_t accepted = 0;
    while (accepted < bytes.size()) {
        const std::size_t room = tcp::send_room(slot->tcb);
        if (room == 0) break;
        const std::size_t size = std::min({bytes.size() - accepted, room, shell_->max_bytes()});
        const base::BufferRef buffer = shell_->allocate(size);
        if (buffer == nullptr) break;
        const std::span<std::byte> to = shell_->room(buffer).first(size);
        std::copy_n(bytes.data() + accepted, size, to.data());
        if (!tcp::send(env_, slot->tcb, buffer, to)) {
            shell_->release(buffer);
            break;
        }
        accepted += size;
    }
    if (accepted < bytes.size()) call_when_writable(connection.index());
    if (accepted > 0) want_transmission(connection.index());
    return accepted;
}

std::size_t Stack::do_send_urgent(Connection connection, Bytes bytes) {
    const std::size_t accepted = do_send(connection, bytes);
    if (accepted > 0) tcp::mark_urgent(tcbs_[connection.index()].tcb);
    return accepted;
}

// A send was refused something. The acknowledgment that makes room calls the application again;
// where none is due, for it was memory that was short, it tries again next turn.
void Stack::call_when_writable(std::uint32_t tcb_index) {
    tcp::Tcb& tcb = tcbs_[tcb_index].tcb;
    if (tcb.fin_queued || tcb.orphan) return;  // nothing will ever be taken again
    tcb.want_writable = true;
    if (tcb.syn_unacked || tcb.outstanding() || !tcb.send_queue.empty()) return;
    tcb.want_writable = false;
    tcb.events.writable = true;
    want_service(tcb_index);
}

bool Stack::do_send_by_reference(Connection connection, Bytes bytes, ReleaseFunction release,
                                 void* context) {
    TcbSlot* slot = find_live(connection);
    if (slot == nullptr || bytes.empty()) return false;
    const auto refuse = [&] {
        // What exceeds the whole buffer would never fit: no promise is made then.
        if (bytes.size() <= slot->tcb.send_buffer_bytes) call_when_writable(connection.index());
        return false;
    };
    // wrap() promises a release, which a refusal must not bring: so the piece is looked for first.
    if (bytes.size() > tcp::send_room(slot->tcb) || pieces_.available() == 0) return refuse();
    const base::BufferRef buffer = shell_->wrap(bytes, release, context);
    if (buffer == nullptr) return refuse();
    const bool queued = tcp::send(env_, slot->tcb, buffer, bytes);
    LA_ASSERT(queued);
    want_transmission(connection.index());
    return true;
}

std::size_t Stack::do_send_room(Connection connection) const {
    const TcbSlot* slot = find_live(connection);
    return slot == nullptr ? 0 : tcp::send_room(slot->tcb);
}

// --- Closing

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
    if (slot.tcb.snd.wnd == 0 || slot.tcb.retransmits > 1) weighed *= 2;
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
    const auto reset = traced(slot.key, [&] { return tcp::abort(env_, slot.record); });
    if (reset) answer(slot, *reset);
    free_time_wait(index);
}

void Stack::abort_tcb(std::uint32_t index, tcp::End end) {
    TcbSlot& slot = tcbs_[index];
    settle(index, traced(slot.key, [&] { return tcp::abort(env_, slot.tcb, end); }));
}

void Stack::abort_all() {
    for (std::uint32_t i = 0; i < tcbs_.capacity(); ++i) {
        TcbSlot& slot = tcbs_[i];
        if (slot.phase != TcbSlot::Phase::Live) continue;
        abort_tcb(i, tcp::End::ShutDown);
    }
    for (std::uint32_t i = 0; i < syns_.capacity(); ++i) {
        SynSlot& slot = syns_[i];
        if (!slot.record.state.is(tcp::State::SynReceived)) continue;
        abort_half(i);
    }
    for (std::uint32_t i = 0; i < time_waits_.capacity(); ++i) {
        if (time_waits_[i].record.state.is(tcp::State::FinWait2)) abort_record(i);
    }
}

int Stack::do_resume(Connection connection) {
    TcbSlot* slot = find_slot(connection);
    if (slot == nullptr) return 0;
    if (refuses_reading(*slot)) return ESHUTDOWN;
    if (slot->tcb.receive_queue.empty()) return 0;
    slot->tcb.events.readable = true;
    want_service(connection.index());
    return 0;
}

}  // namespace lastack::stack
