// One outgoing frame as a chain of mbufs.
//
//   copied:    [ header | text ]                       text of at most kCopyBytes, or no chains
//   attached:  [ header ]->[ piece ]->[ piece ]        each piece an mbuf without room that points
//                              :          :            into the buffer and holds a reference
//                           buffer      buffer
//
// A piece whose memory the device cannot read by itself (an application's, in front of a NIC with
// DMA), or that lies in an uncut chain, is copied.
#pragma once

#include <rte_mbuf.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/buffer.hpp"
#include "port/capabilities.hpp"
#include "port/pools.hpp"
#include "wire/checksum.hpp"

namespace lastack::port {

/// A frame to send; see stack::OutFrame, whose fields these are.
struct OutgoingFrame {
    std::span<std::byte> header;
    std::span<const base::BufferBytes> text;
    std::uint32_t text_bytes = 0;
    std::uint16_t mss = 0;
    std::uint8_t l2_bytes = 14;
    std::uint8_t l3_bytes = 0;
    std::uint8_t l4_bytes = 0;
    bool l4_checksum_by_port = false;
};

/// A place in the text of a frame, moved forward piece by piece.
class TextCursor {
  public:
    explicit TextCursor(std::span<const base::BufferBytes> pieces) : pieces_(pieces) {}

    /// The next run of at most `at_most` octets in one piece; empty at the end of the text.
    base::BufferBytes take(std::uint32_t at_most);

    /// How many runs the next `count` octets are in; the cursor stays.
    std::uint32_t runs(std::uint32_t count) const;

    /// Adds the next `count` octets to `sum`; the cursor stays.
    void sum(wire::Checksum& sum, std::uint32_t count) const;

  private:
    std::span<const base::BufferBytes> pieces_;
    std::size_t offset_ = 0;  // within the first of pieces_
};

class FrameBuilder {
  public:
    /// `copy_bytes` is kCopyBytes for all but the bench that chose it.
    FrameBuilder(Pools& pools, const Capabilities& capabilities,
                 std::uint32_t copy_bytes = kCopyBytes)
        : pools_(pools), capabilities_(capabilities), copy_bytes_(copy_bytes) {}

    /// An mbuf with `header_bytes` of room for a header, text_bytes of text from `text` behind it;
    /// nullptr where an mbuf is missing. The cursor is moved forward.
    rte_mbuf* build(std::size_t header_bytes, TextCursor& text, std::uint32_t text_bytes);

    /// Would the text be one chain that the port sends?
    bool fits_chain(const TextCursor& text, std::uint32_t text_bytes) const {
        return text.runs(text_bytes) < capabilities_.max_segs;
    }

    const Capabilities& capabilities() const { return capabilities_; }

  private:
    bool append_copied(rte_mbuf* head, TextCursor& text, std::uint32_t text_bytes);
    bool append_attached(rte_mbuf* head, TextCursor& text, std::uint32_t text_bytes);
    rte_mbuf* attach(const base::BufferBytes& piece);
    bool must_copy(const TextCursor& text, std::uint32_t text_bytes) const;
    bool can_attach(const base::BufferBytes& piece) const;

    Pools& pools_;
    const Capabilities& capabilities_;
    std::uint32_t copy_bytes_;
};

}  // namespace lastack::port
