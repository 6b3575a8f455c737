#include "tcp/piece_list.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace lastack::tcp {

using base::kNoIndex;
using base::Piece;

bool PieceStore::append(PieceList& list, base::BufferRef buffer, base::Bytes bytes) {
    LA_ASSERT(!bytes.empty());
    const std::uint32_t index = pool.allocate();
    if (index == kNoIndex) return false;
    pool[index] = Piece{buffer, bytes.data(), static_cast<std::uint32_t>(bytes.size()), index};
    PieceList one{index, static_cast<std::uint32_t>(bytes.size()), 1};
    splice(list, one);
    return true;
}

void PieceStore::splice(PieceList& list, PieceList& from) {
    if (from.empty()) return;
    if (list.empty()) {
        list = from;
    } else {
        std::swap(pool[list.last].next, pool[from.last].next);  // two rings become one
        list.last = from.last;
        list.bytes += from.bytes;
        list.pieces += from.pieces;
    }
    from = PieceList{};
}

// Takes the first piece out of the ring, whose bytes the caller counts off; its index.
std::uint32_t PieceStore::unlink_first(PieceList& list) {
    const std::uint32_t index = head(list);
    if (index == list.last) {
        list.last = kNoIndex;
    } else {
        pool[list.last].next = pool[index].next;
    }
    --list.pieces;
    return index;
}

PieceList PieceStore::take_front(PieceList& list, std::uint32_t count) {
    LA_ASSERT(count <= list.bytes);
    PieceList front;
    while (front.bytes < count) {
        const std::uint32_t index = head(list);
        Piece& piece = pool[index];
        const std::uint32_t wanted = count - front.bytes;
        if (piece.len_bytes > wanted) {
            if (!append(front, piece.buffer, piece.bytes().first(wanted))) return front;
            buffers.retain(piece.buffer);
            piece.data += wanted;
            piece.len_bytes -= wanted;
            list.bytes -= wanted;
            return front;
        }
        unlink_first(list);
        list.bytes -= piece.len_bytes;
        piece.next = index;
        PieceList one{index, piece.len_bytes, 1};
        splice(front, one);
    }
    return front;
}

void PieceStore::free_piece(std::uint32_t index) {
    buffers.release(pool[index].buffer);
    pool.free(index);
}

void PieceStore::drop_front(PieceList& list, std::uint32_t count) {
    LA_ASSERT(count <= list.bytes);
    list.bytes -= count;
    while (count > 0) {
        Piece& piece = pool[head(list)];
        if (piece.len_bytes > count) {
            piece.data += count;
            piece.len_bytes -= count;
            return;
        }
        count -= piece.len_bytes;
        free_piece(unlink_first(list));
    }
}

void PieceStore::drop_back(PieceList& list, std::uint32_t count) {
    LA_ASSERT(count <= list.bytes);
    if (count == 0) return;
    std::uint32_t keep = list.bytes - count;
    if (keep == 0) return clear(list);
    list.bytes = keep;
    const std::uint32_t front = head(list);
    std::uint32_t index = front;
    while (pool[index].len_bytes < keep) {
        keep -= pool[index].len_bytes;
        index = pool[index].next;
    }
    pool[index].len_bytes = keep;
    std::uint32_t surplus = pool[index].next;
    pool[index].next = front;
    list.last = index;
    while (surplus != front) {
        const std::uint32_t next = pool[surplus].next;
        free_piece(surplus);
        --list.pieces;
        surplus = next;
    }
}

std::uint32_t PieceStore::fair_pieces(std::uint32_t bytes) const {
    constexpr std::uint32_t kSlack = 64;
    return kSlack + bytes / (static_cast<std::uint32_t>(buffers.max_bytes()) / 2);
}

// The pieces from `first` on that fit one buffer together; at least that one.
PieceStore::Stretch PieceStore::fitting_stretch(const PieceList& list, std::uint32_t first) const {
    Stretch stretch{first, pool[first].len_bytes, 1};
    for (std::uint32_t i = after(list, first); i != kNoIndex; i = after(list, i)) {
        if (stretch.bytes + pool[i].len_bytes > buffers.max_bytes()) break;
        stretch.last = i;
        stretch.bytes += pool[i].len_bytes;
        ++stretch.pieces;
    }
    return stretch;
}

// `first` becomes the whole stretch.
bool PieceStore::copy_stretch(PieceList& list, std::uint32_t first, const Stretch& stretch) {
    const base::BufferRef buffer = buffers.allocate(stretch.bytes);
    if (buffer == nullptr) return false;
    const std::span<std::byte> room = buffers.room(buffer).first(stretch.bytes);
    const std::uint32_t behind = pool[stretch.last].next;
    std::span<std::byte> rest = room;
    std::uint32_t i = first;
    for (std::uint32_t left = stretch.pieces; left > 0; --left) {
        const std::uint32_t next = pool[i].next;
        std::ranges::copy(pool[i].bytes(), rest.begin());
        rest = rest.subspan(pool[i].len_bytes);
        if (i == first) {
            buffers.release(pool[i].buffer);
        } else {
            free_piece(i);
        }
        i = next;
    }
    pool[first] = Piece{buffer, room.data(), stretch.bytes, behind};
    if (list.last == stretch.last) list.last = first;
    list.pieces -= stretch.pieces - 1;
    return true;
}

bool PieceStore::gather(PieceList& list) {
    for (std::uint32_t i = head_or_none(list); i != kNoIndex; i = after(list, i)) {
        const Stretch stretch = fitting_stretch(list, i);
        if (stretch.pieces > 1 && !copy_stretch(list, i, stretch)) return false;
    }
    return true;
}

}  // namespace lastack::tcp
