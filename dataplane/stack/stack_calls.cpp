// What else an application may ask of its core: include/lastack/core.hpp and connection.hpp.
// Opening and closing have files of their own.

#include <algorithm>
#include <cerrno>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;

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
        const std::size_t room = tcp::send_room(env_, slot->tcb);
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
        const std::size_t most_bytes = slot->tcb.send_buffer_bytes(tcp_config_);
        if (bytes.size() <= most_bytes) call_when_writable(connection.index());
        return false;
    };
    // wrap() promises a release, which a refusal must not bring: so the piece is looked for first.
    if (bytes.size() > tcp::send_room(env_, slot->tcb) || pieces_.available() == 0) return refuse();
    const base::BufferRef buffer = shell_->wrap(bytes, release, context);
    if (buffer == nullptr) return refuse();
    const bool queued = tcp::send(env_, slot->tcb, buffer, bytes);
    LA_ASSERT(queued);
    want_transmission(connection.index());
    return true;
}

std::size_t Stack::do_send_room(Connection connection) const {
    const TcbSlot* slot = find_live(connection);
    return slot == nullptr ? 0 : tcp::send_room(env_, slot->tcb);
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
