// What surrounds a Stack: frames in, frames out, and the owner of their buffers.
//
// The worker's shell is DPDK, the tests' is a heap and a vector. The stack knows neither.
#pragma once

#include <cstdint>
#include <span>

#include "base/buffer.hpp"

namespace lastack::stack {

/// What the port says about a received checksum. Unknown is verified in software.
enum class Checksum : std::uint8_t { Unknown, Good, Bad };

/// A received Ethernet frame. Its headers are contiguous in `bytes`; text may go on in the buffers
/// chained behind (`chained_bytes` of it). Whoever receives a Frame owns its buffer.
struct Frame {
    base::BufferRef buffer = nullptr;
    base::Bytes bytes;
    std::uint32_t chained_bytes = 0;
    std::uint8_t port = 0;
    Checksum ip_checksum = Checksum::Unknown;
    Checksum l4_checksum = Checksum::Unknown;
};

/// Text of an outgoing frame: borrowed for the call; a shell that keeps it retains the buffer.
using OutPiece = base::BufferBytes;

/// A frame to send. Where `text_bytes` exceeds `mss` it stands for several: the shell cuts it, by
/// TSO or by wire::Cutter, before it leaves.
struct OutFrame {
    std::span<std::byte> header;  // Ethernet to TCP; the shell may edit it during the call
    std::span<const OutPiece> text;
    std::uint32_t text_bytes = 0;
    std::uint16_t mss = 0;  // 0 where there is nothing to cut (not TCP)
    std::uint8_t port = 0;
    std::uint8_t l2_bytes = 14;
    std::uint8_t l3_bytes = 0;  // 0 for ARP
    std::uint8_t l4_bytes = 0;  // TCP header with options; 0 for others
    /// TCP only. True: the checksum field holds the pseudo-header's sum (with the length of this
    /// header and text) and the port completes it; false: it is complete, unless the frame is to be
    /// cut, when the cutter computes each.
    bool l4_checksum_by_port = false;
};

class Shell : public base::Buffers {
  public:
    /// Takes one frame; the stack never waits. What cannot be sent counts as lost on the wire.
    virtual void transmit(const OutFrame& frame) = 0;

  protected:
    ~Shell() = default;
};

}  // namespace lastack::stack
