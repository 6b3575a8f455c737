// Segments out: once per connection and turn, after the applications have spoken, so that ACK, data
// and FIN leave together (H-24).

#include <array>

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"
#include "tcp/isn.hpp"
#include "tcp/transmit.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;

namespace {

constexpr std::uint32_t kSegmentsPerTurn = 64;  // of one connection, so that others get their turn
constexpr std::size_t kMaxPieces = 48;          // of one segment

}  // namespace

void Stack::want_transmission(std::uint32_t tcb_index) {
    TcbSlot& slot = tcbs_[tcb_index];
    if (slot.waits_to_transmit) return;
    slot.waits_to_transmit = true;
    to_transmit_.push(tcbs_, tcb_index);
}

void Stack::transmit(time::Instant now) {
    env_.now = now;
    for (std::uint32_t left = to_transmit_.size(); left > 0; --left) {
        const std::uint32_t index = to_transmit_.pop(tcbs_);
        TcbSlot& slot = tcbs_[index];
        slot.waits_to_transmit = false;
        if (slot.phase == TcbSlot::Phase::Free) {
            if (!slot.waits_to_serve) tcbs_.free(index);
        } else if (slot.phase == TcbSlot::Phase::Live) {
            if (transmit_connection(index)) want_transmission(index);
            if (slot.phase == TcbSlot::Phase::Live) arm_earliest(index);
        }
    }
}

// True where the turn's share was used up before the connection had sent all it may.
bool Stack::transmit_connection(std::uint32_t index) {
    TcbSlot& slot = tcbs_[index];
    for (std::uint32_t i = 0; i < kSegmentsPerTurn; ++i) {
        tcp::Outgoing out;
        if (!tcp::next_segment(env_, slot.tcb, out)) return false;
        if (emit(slot, out) == SendResult::Unreachable) {
            settle(index, traced(slot.key, [&] { return tcp::neighbour_failed(env_, slot.tcb); }));
            return false;
        }
    }
    return true;
}

// The text's pieces, as spans; 0 where they are more than fit.
std::size_t Stack::gather(const tcp::PieceList& queue, const tcp::Outgoing& out,
                          std::span<OutPiece> pieces) const {
    std::size_t count = 0;
    std::uint32_t left = out.text_bytes;
    std::uint32_t offset = out.first_offset;
    for (std::uint32_t i = out.first_piece; left > 0; i = env_.pieces.after(queue, i)) {
        LA_ASSERT(i != kNoIndex);
        if (count == pieces.size()) return 0;
        const base::Piece& piece = pieces_[i];
        const std::uint32_t length = std::min(piece.len_bytes - offset, left);
        if (length > 0) pieces[count++] = {piece.buffer, piece.bytes().subspan(offset, length)};
        left -= length;
        offset = 0;
    }
    return count;
}

SendResult Stack::emit(TcbSlot& slot, tcp::Outgoing& out) {
    trace(TraceEvent::Kind::Sent, slot.key, out.header, out.text_bytes, slot.tcb.state.get());
    out.header.source_port = slot.key.local_port;
    out.header.destination_port = slot.key.remote_port;
    const Path path = slot.path();
    OutSegment segment{.local = slot.key.local_address,
                       .remote = slot.key.remote_address,
                       .header = out.header,
                       .text_bytes = out.text_bytes,
                       .mss = out.mss,
                       .dscp = slot.dscp,
                       .ttl = slot.ttl,
                       .path = &path,
                       .neighbour = &slot.neighbour};
    if (out.text_bytes == 0) return ip_.send(segment, env_.now);
    std::array<OutPiece, kMaxPieces> pieces;
    const tcp::PieceList& queue = slot.tcb.send_queue;
    std::size_t count = gather(queue, out, pieces);
    if (count > 0) {
        segment.text = std::span(pieces).first(count);
        return ip_.send(segment, env_.now);
    }
    // Many tiny sends make one segment: their bytes are gathered into few buffers.
    std::uint32_t left = out.text_bytes;
    std::uint32_t index = out.first_piece;
    std::uint32_t offset = out.first_offset;
    while (left > 0 && count < pieces.size()) {
        const std::size_t size = std::min<std::size_t>(left, shell_->max_bytes());
        const base::BufferRef buffer = shell_->allocate(size);
        if (buffer == nullptr) break;
        const std::span<std::byte> room = shell_->room(buffer).first(size);
        for (std::size_t filled = 0; filled < size;) {
            LA_ASSERT(index != kNoIndex);
            const base::Piece& piece = pieces_[index];
            const std::size_t length =
                std::min<std::size_t>(piece.len_bytes - offset, size - filled);
            std::copy_n(piece.data + offset, length, room.data() + filled);
            filled += length;
            offset += static_cast<std::uint32_t>(length);
            if (offset == piece.len_bytes) {
                index = env_.pieces.after(queue, index);
                offset = 0;
            }
        }
        pieces[count++] = {buffer, room};
        left -= static_cast<std::uint32_t>(size);
    }
    segment.text = std::span(pieces).first(count);
    SendResult result = SendResult::Sent;
    if (left == 0) {
        result = ip_.send(segment, env_.now);
    } else {
        counters_.add(Counter::TxNoBuffer);  // I-42: lost, and sent again when its time comes
    }
    for (std::size_t i = 0; i < count; ++i) shell_->release(pieces[i].buffer);
    return result;
}

void Stack::answer(TcbSlot& slot, wire::TcpHeader header) {
    trace(TraceEvent::Kind::Sent, slot.key, header, 0, slot.tcb.state.get());
    header.source_port = slot.key.local_port;
    header.destination_port = slot.key.remote_port;
    const Path path = slot.path();
    ip_.send({.local = slot.key.local_address,
              .remote = slot.key.remote_address,
              .header = header,
              .dscp = slot.dscp,
              .ttl = slot.ttl,
              .path = &path,
              .neighbour = &slot.neighbour},
             env_.now);
}

// C-4: as the connection's own segments, DSCP and TTL included; and its time stamp clock (C-30).
void Stack::answer(const TimeWaitSlot& slot, wire::TcpHeader header) {
    const wire::FlowKey4 key = key_of(slot);
    trace(TraceEvent::Kind::Sent, key, header, 0, slot.record.state.get());
    if (header.options.timestamps) {
        header.options.timestamps->value +=
            tcp::timestamp_offset(secrets_.timestamp_offset, words_of(key));
    }
    header.source_port = key.local_port;
    header.destination_port = key.remote_port;
    ip_.send({.local = key.local_address,
              .remote = key.remote_address,
              .header = header,
              .dscp = slot.record.dscp,
              .ttl = slot.record.ttl},
             env_.now);
}

// For half-open records, and for none: the state in the trace is the one just judged.
void Stack::answer(const wire::FlowKey4& key, wire::TcpHeader header,
                   ip::NeighbourHint* neighbour) {
    if (trace_.enabled()) {
        trace(TraceEvent::Kind::Sent, key, header, 0, state_of(hasher_(key), key));
    }
    header.source_port = key.local_port;
    header.destination_port = key.remote_port;
    ip_.send({.local = key.local_address,
              .remote = key.remote_address,
              .header = header,
              .neighbour = neighbour},
             env_.now);
}

}  // namespace lastack::stack
