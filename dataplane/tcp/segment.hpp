// A segment on its way in, and one on its way out, as the protocol sees them.
#pragma once

#include <cstdint>

#include "tcp/piece_list.hpp"
#include "wire/tcp.hpp"

namespace lastack::tcp {

using wire::Seq;

/// SEG.* of RFC 9293 3.3.1. Its text is a list of pieces; what the protocol wants it splices off,
/// what is left the caller drops.
struct Segment {
    wire::TcpHeader header;
    PieceList text;
    std::uint32_t text_bytes = 0;  // may exceed text.bytes where no piece was left to hold it
    bool had_syn = false;          // which was trimmed: its window is not scaled (RFC 7323 2.2)

    Seq seq() const { return header.seq; }
    Seq ack() const { return header.ack; }
    wire::TcpFlags flags() const { return header.flags; }

    /// SEG.LEN: SYN and FIN occupy a sequence number each (RFC 9293 3.4).
    std::uint32_t len() const {
        return text_bytes + (header.flags.syn() ? 1U : 0U) + (header.flags.fin() ? 1U : 0U);
    }
    Seq end() const { return header.seq + len(); }
};

/// A segment to send. Ports are the caller's to fill in. Its text is `text_bytes` of the send queue
/// from `first_offset` in piece `first_piece` on.
struct Outgoing {
    wire::TcpHeader header;
    std::uint32_t first_piece = base::kNoIndex;
    std::uint32_t first_offset = 0;
    std::uint32_t text_bytes = 0;
    std::uint16_t mss = 0;  // cut the text into this much a frame
    bool retransmission = false;
};

}  // namespace lastack::tcp
