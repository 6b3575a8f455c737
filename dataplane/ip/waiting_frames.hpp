// Frames that wait for a neighbour's MAC address (RFC 1122 2.3.2.2), in a fixed store.
//
// A frame is kept whole: its headers by copy, its text by reference. The store owns one reference
// of every piece it keeps, from put() to drop(); whoever sends a frame retains what it needs
// itself. Queues are chains of indices; their heads are the neighbours'.
//
//     neighbour --> [oldest] -> [ ... ] -> [newest]       free: base::Pool
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/arena.hpp"
#include "base/buffer.hpp"
#include "base/pool.hpp"

namespace lastack::ip {

inline constexpr std::size_t kWaitingHeaderBytes = 128;
inline constexpr std::size_t kWaitingPieces = 6;  // a jumbo frame in buffers of 2 KiB

/// Everything but the destination MAC is as it will be sent.
struct WaitingFrame {
    std::array<std::byte, kWaitingHeaderBytes> header{};
    std::array<base::Piece, kWaitingPieces> pieces{};
    std::uint32_t next = base::kNoIndex;
    std::uint32_t text_bytes = 0;
    std::uint16_t mss = 0;
    std::uint8_t header_bytes = 0;
    std::uint8_t piece_count = 0;
    std::uint8_t interface = 0;
    std::uint8_t l2_bytes = 0;
    std::uint8_t l3_bytes = 0;
    std::uint8_t l4_bytes = 0;
    bool l4_checksum_by_port = false;
};

struct FrameQueue {
    std::uint32_t oldest = base::kNoIndex;
    std::uint32_t newest = base::kNoIndex;
    std::uint32_t count = 0;
};

class WaitingFrames {
  public:
    WaitingFrames() = default;
    WaitingFrames(base::Arena& arena, std::uint32_t capacity, base::Buffers& buffers)
        : frames_(arena, capacity), buffers_(&buffers) {}

    /// Appends a copy of `frame` and retains its pieces. The store must not be full.
    void put(FrameQueue& queue, const WaitingFrame& frame) {
        const std::uint32_t index = frames_.allocate();
        LA_ASSERT(index != base::kNoIndex);
        frames_[index] = frame;
        frames_[index].next = base::kNoIndex;
        for (std::size_t i = 0; i < frame.piece_count; ++i)
            buffers_->retain(frame.pieces[i].buffer);
        if (queue.count++ == 0) {
            queue.oldest = index;
        } else {
            frames_[queue.newest].next = index;
        }
        queue.newest = index;
    }

    /// The oldest frame of a queue that is not empty; valid until drop_oldest().
    WaitingFrame& oldest(const FrameQueue& queue) { return frames_[queue.oldest]; }

    /// Releases the oldest frame's pieces and its slot.
    void drop_oldest(FrameQueue& queue) {
        LA_ASSERT(queue.count > 0);
        const std::uint32_t index = queue.oldest;
        const WaitingFrame& frame = frames_[index];
        for (std::size_t i = 0; i < frame.piece_count; ++i) {
            buffers_->release(frame.pieces[i].buffer);
        }
        queue.oldest = frame.next;
        if (--queue.count == 0) queue = FrameQueue{};
        frames_.free(index);
    }

    bool full() const { return frames_.available() == 0; }
    std::uint32_t in_use() const { return frames_.in_use(); }
    std::uint32_t capacity() const { return frames_.capacity(); }

  private:
    base::Pool<WaitingFrame> frames_;
    base::Buffers* buffers_ = nullptr;
};

}  // namespace lastack::ip
