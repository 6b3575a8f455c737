// The applications' part of a turn: what happened is told, in the order in which it makes sense.

#include <array>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;

void Stack::want_service(std::uint32_t tcb_index) {
    TcbSlot& slot = tcbs_[tcb_index];
    if (slot.waits_to_serve) return;
    slot.waits_to_serve = true;
    to_serve_.push(tcbs_, tcb_index);
}

// What is queued while serving waits for the next turn, so a turn always ends.
void Stack::serve(time::Instant now) {
    env_.now = now;
    for (std::uint32_t left = timers_due_.size(); left > 0; --left) {
        const std::uint32_t index = timers_due_.pop(timers_);
        TimerSlot& slot = timers_[index];
        TimerHandler* handler = slot.handler;
        const std::uint64_t cookie = slot.cookie;
        slot = TimerSlot{.generation = slot.generation + 1};
        timers_.free(index);
        if (handler != nullptr) handler->on_timer(cookie);  // null: cancelled while due
    }
    for (std::uint32_t left = to_serve_.size(); left > 0; --left) {
        const std::uint32_t index = to_serve_.pop(tcbs_);
        tcbs_[index].waits_to_serve = false;
        serve_connection(index);
    }
}

// Every call into the application may end the connection; each step looks again.
void Stack::serve_connection(std::uint32_t index) {
    TcbSlot& slot = tcbs_[index];
    if (slot.phase == TcbSlot::Phase::Free) {
        if (!slot.waits_to_transmit) tcbs_.free(index);
        return;
    }
    tcp::Events& events = slot.tcb.events;
    const std::uint32_t generation = slot.generation;
    const auto listening = [&] {
        return slot.generation == generation && !slot.application_closed;
    };
    if (events.opened) {
        events.opened = false;
        if (listening()) slot.handler->on_open(handle(index));
    }
    bool more = false;  // text than one call carries
    if (events.urgent) {
        events.urgent = false;
        if (listening()) slot.handler->on_urgent(handle(index));
    }
    if (events.readable) {
        events.readable = false;
        // Nothing is read behind the end of file, which closing_receive may have told early.
        more = listening() && !slot.peer_closed_told && !slot.error_taken && offer_text(index);
        if (more) events.readable = true;
    }
    if (events.writable) {
        events.writable = false;
        if (listening()) slot.handler->on_writable(handle(index));
    }
    if (events.unreachable || events.stalled) tell_trouble(index);
    const bool drained = slot.tcb.receive_queue.empty() || refuses_reading(slot);
    if (events.peer_closed && drained && !events.readable) {
        events.peer_closed = false;
        if (listening() && !slot.peer_closed_told) {
            slot.peer_closed_told = true;
            slot.handler->on_peer_closed(handle(index));
        }
    }
    if (events.ended && !more && !holds_the_end(slot)) {
        events.ended = false;
        if (slot.handler != nullptr) {
            slot.handler->on_closed(handle(index), close_reason(slot.tcb.end));
        }
        return free_tcb(index);
    }
    if (events.lingered) {
        events.lingered = false;
        let_go(index);
    }
    if (events.readable && listening()) want_service(index);
}

// M-24: bytes first, then the end. An orderly one waits until every byte was used up; an abrupt one
// has offered them once more, in as many calls as that took.
bool Stack::holds_the_end(const TcbSlot& slot) const {
    if (slot.application_closed || slot.tcb.receive_queue.empty()) return false;
    return slot.tcb.end == tcp::End::Orderly && !refuses_reading(slot);
}

// M-23, RFC 9293 3.10.3: once both sides have closed nothing that was left is read any more.
bool Stack::refuses_reading(const TcbSlot& slot) const {
    if (options_.closing_receive == ClosingReceive::drain) return false;
    const bool over = slot.phase != TcbSlot::Phase::Live && slot.tcb.end == tcp::End::Orderly;
    return over || slot.tcb.state.is(tcp::State::Closing) || slot.tcb.state.is(tcp::State::LastAck);
}

// H-48: either word, once, when it has come about. One that an acknowledgment has made void in the
// same burst is not worth telling.
void Stack::tell_trouble(std::uint32_t index) {
    TcbSlot& slot = tcbs_[index];
    const std::uint32_t generation = slot.generation;
    const auto tell = [&](Trouble trouble) {
        if (slot.generation != generation || slot.application_closed) return;
        slot.handler->on_trouble(handle(index), trouble);
    };
    const bool unreachable = slot.tcb.events.unreachable;
    const bool stalled = slot.tcb.events.stalled;
    slot.tcb.events.unreachable = slot.tcb.events.stalled = false;
    if (unreachable && slot.tcb.soft_error != tcp::End::None) tell(Trouble::unreachable);
    if (stalled && slot.tcb.stalled) tell(Trouble::stalled);
}

// D-14: close() has waited for as long as it was asked to. The handle ends, and the connection goes
// on without an owner.
void Stack::let_go(std::uint32_t index) {
    TcbSlot& slot = tcbs_[index];
    if (slot.handler == nullptr) return;
    counters_.add(Counter::LingerExpired);
    slot.handler->on_closed(handle(index), CloseReason::linger_expired);
    slot.handler = nullptr;
    ++slot.generation;
}

// Offers the receive queue, as many pieces as one call carries. True where all of it was used up
// and more is there.
bool Stack::offer_text(std::uint32_t index) {
    constexpr std::size_t kMostPieces = 64;
    TcbSlot& slot = tcbs_[index];
    if (slot.tcb.receive_queue.empty()) return false;
    std::array<Bytes, kMostPieces> spans;
    std::size_t count = 0;
    std::size_t offered = 0;
    const tcp::PieceList& queue = slot.tcb.receive_queue;
    for (std::uint32_t i = env_.pieces.head_or_none(queue); i != kNoIndex && count < kMostPieces;
         i = env_.pieces.after(queue, i)) {
        spans[count++] = pieces_[i].bytes();
        offered += pieces_[i].len_bytes;
    }
    const std::uint32_t generation = slot.generation;
    offering_ = index;
    const std::size_t used = slot.handler->on_data(handle(index), std::span(spans).first(count));
    offering_ = kNoIndex;
    LA_ASSERT(used <= offered);  // the application's contract (lastack/connection.hpp)
    if (slot.generation != generation) return false;
    tcp::consume(env_, slot.tcb, static_cast<std::uint32_t>(used));
    if (slot.has_copies) {
        slot.copied_bytes -= std::min(slot.copied_bytes, static_cast<std::uint32_t>(used));
    }
    if (slot.application_closed) {
        finish_close(index);
        return false;
    }
    if (slot.phase == TcbSlot::Phase::Live) want_transmission(index);
    if (used == offered) return !slot.tcb.receive_queue.empty();
    if (pieces_.in_use() > max_held_buffers_) copy_held(slot);
    return false;
}

// Too many received buffers are held unread: they go back to their port, their bytes stay. What has
// been copied already lies at the front, and is not copied again at each arrival. Where there is no
// memory for the copy they stay as they are, and the pool's end is the peer's problem (H-26).
void Stack::copy_held(TcbSlot& slot) {
    std::uint32_t walked = 0;
    const tcp::PieceList& queue = slot.tcb.receive_queue;
    for (std::uint32_t i = env_.pieces.head_or_none(queue); i != kNoIndex;
         i = env_.pieces.after(queue, i)) {
        base::Piece& piece = pieces_[i];
        walked += piece.len_bytes;
        if (walked <= slot.copied_bytes || piece.len_bytes > shell_->max_bytes()) continue;
        const base::BufferRef copy = shell_->allocate(piece.len_bytes);
        if (copy == nullptr) return;
        const std::span<std::byte> room = shell_->room(copy);
        std::copy_n(piece.data, piece.len_bytes, room.data());
        shell_->release(piece.buffer);
        piece.buffer = copy;
        piece.data = room.data();
        slot.copied_bytes = walked;
        slot.has_copies = true;
        counters_.add(Counter::RxHeldCopies);
    }
}

}  // namespace lastack::stack
