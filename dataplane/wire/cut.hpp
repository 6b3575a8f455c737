// The software segmenter: one large TCP segment -> frames of at most one MSS, as TSO makes them.
//
//   template header   | Ethernet | IPv4 | TCP |    text_bytes of text, wherever it lies
//                                             |----- mss -----|----- mss -----|-- rest --|
//   frame 0           | Ethernet | IPv4 | TCP |===============|
//   frame 1           | Ethernet | IPv4 | TCP |===============|      seq + mss,   id + 1
//   frame 2           | Ethernet | IPv4 | TCP |==========|           seq + 2 mss, id + 2
//
// FIN and PSH stand on the last frame only, CWR on the first only; all else is copied. Each frame
// is bit for bit what sending that piece of text by itself would have given (H-39). Nothing is
// allocated and no text is touched, except to sum it when a whole checksum is asked for.
//
// The urgent pointer counts from its own segment's sequence number, which copying cannot keep true:
// a sender in urgent mode sends one MSS at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"

namespace lastack::wire {

/// The segment to cut. The template's total length and checksums are not read.
struct CutInput {
    ByteView header{};  // Ethernet, IPv4 and TCP with their options, contiguous
    std::size_t l2_bytes = 14;
    std::size_t l3_bytes = 20;
    std::size_t l4_bytes = 20;
    std::uint32_t text_bytes = 0;
    std::uint16_t mss = 0;  // octets of text per frame, at least 1
};

/// Which octets of the text a frame carries.
struct Slice {
    std::uint32_t offset_bytes = 0;
    std::uint32_t len_bytes = 0;

    constexpr bool operator==(const Slice&) const = default;
};

class Cutter {
  public:
    /// `input.header` must outlive the cutter. Asserts that the lengths fit together.
    explicit Cutter(const CutInput& input);

    /// At least 1: a segment without text is one frame.
    std::uint32_t frame_count() const { return frame_count_; }
    std::size_t header_bytes() const { return input_.header.size(); }
    Slice slice(std::uint32_t frame) const {
        const std::uint32_t offset = frame * input_.mss;
        return {offset, std::min<std::uint32_t>(input_.mss, input_.text_bytes - offset)};
    }

    /// Writes a frame's header with the pseudo-header's sum in the TCP checksum field, for a port
    /// that completes it. `out` has room for header_bytes(), which is returned. `out` may be the
    /// template itself only for the last frame.
    std::size_t emit_partial(std::uint32_t frame, MutableBytes out) const;

    /// The same with a whole TCP checksum. `add_text(Checksum&, Slice)` adds the octets of the
    /// slice, piece by piece and in order.
    template <class AddText>
    std::size_t emit_complete(std::uint32_t frame, MutableBytes out, AddText&& add_text) const {
        const std::size_t bytes = emit_partial(frame, out);
        // The field holds the pseudo-header's sum, so summing the header takes it in.
        Checksum sum;
        sum.add(out.subspan(input_.l2_bytes + input_.l3_bytes, input_.l4_bytes));
        add_text(sum, slice(frame));
        put_checksum(out, sum.finish());
        return bytes;
    }

  private:
    void put_checksum(MutableBytes out, std::uint16_t checksum) const;

    CutInput input_;
    std::uint32_t frame_count_ = 1;
    std::uint16_t unchanging_ip_sum_ = 0;
};

}  // namespace lastack::wire
