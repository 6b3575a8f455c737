// The TCP header (RFC 9293 3.1) and the options that lastack speaks.
//
// Two types, as for every header here: TcpView is a checked look at bytes, TcpHeader is a plain
// value in host byte order that means something and can be written.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   |          source port          |       destination port        |
//   |                        sequence number                        |
//   |                     acknowledgment number                     |
//   | data  |       |C|E|U|A|P|R|S|F|                               |
//   | offset| zero  |W|C|R|C|S|S|Y|I|            window             |
//   |           checksum            |        urgent pointer         |
//   |                    options, padded to 4                       |
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "wire/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/seq.hpp"

namespace lastack::wire {

namespace tcp_layout {
inline constexpr std::size_t kSourcePort = 0;
inline constexpr std::size_t kDestinationPort = 2;
inline constexpr std::size_t kSeq = 4;
inline constexpr std::size_t kAck = 8;
inline constexpr std::size_t kDataOffset = 12;  // high 4 bits, in units of 4 octets
inline constexpr std::size_t kFlags = 13;
inline constexpr std::size_t kWindow = 14;
inline constexpr std::size_t kChecksum = 16;
inline constexpr std::size_t kUrgent = 18;
inline constexpr std::size_t kOptions = 20;
}  // namespace tcp_layout

/// Option kinds and their whole lengths.
namespace tcp_option {
inline constexpr std::uint8_t kEnd = 0;
inline constexpr std::uint8_t kNop = 1;
inline constexpr std::uint8_t kMss = 2, kMssBytes = 4;                      // RFC 9293 3.2
inline constexpr std::uint8_t kWindowScale = 3, kWindowScaleBytes = 3;      // RFC 7323 2.2
inline constexpr std::uint8_t kSackPermitted = 4, kSackPermittedBytes = 2;  // RFC 2018 2
inline constexpr std::uint8_t kSack = 5, kSackBlockBytes = 8;          // RFC 2018 3: 2 + n blocks
inline constexpr std::uint8_t kSackMaxBytes = 34;                      // four blocks, in 40 octets
inline constexpr std::uint8_t kTimestamps = 8, kTimestampsBytes = 10;  // RFC 7323 3.2
/// NOP NOP timestamps: how nearly every segment's options begin (RFC 7323 appendix A).
inline constexpr std::uint32_t kAlignedTimestamps = 0x0101'080a;
}  // namespace tcp_option

/// The control bits.
struct TcpFlags {
    std::uint8_t bits = 0;

    static constexpr std::uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08;
    static constexpr std::uint8_t kAck = 0x10, kUrg = 0x20, kEce = 0x40, kCwr = 0x80;

    constexpr bool fin() const { return (bits & kFin) != 0; }
    constexpr bool syn() const { return (bits & kSyn) != 0; }
    constexpr bool rst() const { return (bits & kRst) != 0; }
    constexpr bool psh() const { return (bits & kPsh) != 0; }
    constexpr bool ack() const { return (bits & kAck) != 0; }
    constexpr bool urg() const { return (bits & kUrg) != 0; }
    constexpr bool operator==(const TcpFlags&) const = default;
};

/// RFC 7323 3.2.
struct Timestamps {
    std::uint32_t value = 0;
    std::uint32_t echo_reply = 0;
    constexpr bool operator==(const Timestamps&) const = default;
};

/// RFC 2018 3: `right` is the first number that is missing again.
struct SackBlock {
    Seq left{};
    Seq right{};
    constexpr bool operator==(const SackBlock&) const = default;
};

/// What was found, whatever the flags: that an MSS means nothing without SYN is for tcp/ to know.
struct TcpOptions {
    std::optional<std::uint16_t> mss{};          // RFC 9293 3.7.1, octets of text
    std::optional<std::uint8_t> window_scale{};  // RFC 7323 2, shift as it came, not yet limited
    std::optional<Timestamps> timestamps{};
    bool sack_permitted = false;
    std::uint8_t sack_count = 0;
    std::array<SackBlock, 4> sack{};

    bool operator==(const TcpOptions&) const = default;
};

struct TcpHeader {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    Seq seq{};
    Seq ack{};
    TcpFlags flags{};
    std::uint16_t window = 0;  // the field, before any scaling
    std::uint16_t urgent = 0;
    TcpOptions options{};

    bool operator==(const TcpHeader&) const = default;
};

inline constexpr std::size_t kTcpHeaderBytes = 20;
inline constexpr std::size_t kTcpHeaderMaxBytes = 60;

/// A TCP segment whose data offset has been checked against its length (G-15).
class TcpView {
  public:
    /// `segment` is the whole IP payload, or as much of it as is contiguous (at least the header).
    /// nullopt where the header is shorter than 20 octets or longer than the segment.
    static std::optional<TcpView> parse(std::span<const std::byte> segment);

    /// All fields and options.
    TcpHeader header() const;

    std::uint16_t source_port() const;
    std::uint16_t destination_port() const;
    std::size_t header_bytes() const;
    std::span<const std::byte> text() const { return segment_.subspan(header_bytes()); }

  private:
    explicit TcpView(std::span<const std::byte> segment) : segment_(segment) {}
    std::span<const std::byte> segment_;
};

/// The options of a header (G-14). They end at EOL and at an illegal length: 0 or 1, or one that
/// leads beyond the header. Unknown kinds, and known ones with a length not their own, are skipped.
/// Of several of one kind the first counts. `options` holds at most 40 octets, of any alignment.
/// `found` had none.
void parse_tcp_options(ByteView options, TcpOptions& found);

inline TcpOptions parse_tcp_options(ByteView options) {
    TcpOptions found;
    parse_tcp_options(options, found);
    return found;
}

/// How many bytes emit() will write: 20 .. 60, a multiple of 4.
std::size_t header_bytes(const TcpHeader& header);

/// What emit_summed() has written.
struct SummedHeader {
    std::uint32_t bytes = 0;
    std::uint16_t sum = 0;  // of its octets, folded
};

/// Writes the header with a zero checksum field. `out` must have room for header_bytes(header).
/// Options that occur together on SYNs and on data are padded the customary way (MSS,
/// SACK-permitted, timestamps, NOP, window scale; NOP NOP timestamps; NOP NOP SACK). SACK blocks
/// for which the 40 octets leave no room are left out, the last ones first.
SummedHeader emit_summed(const TcpHeader& header, MutableBytes out);

/// The same, and returns how long the header is.
inline std::size_t emit(const TcpHeader& header, MutableBytes out) {
    return emit_summed(header, out).bytes;
}

inline std::optional<TcpView> TcpView::parse(ByteView segment) {
    if (segment.size() < kTcpHeaderBytes) return std::nullopt;
    const TcpView view(segment);
    const std::size_t bytes = view.header_bytes();
    if (bytes < kTcpHeaderBytes || bytes > segment.size()) return std::nullopt;
    return view;
}

inline std::uint16_t TcpView::source_port() const {
    return get16(segment_, tcp_layout::kSourcePort);
}

inline std::uint16_t TcpView::destination_port() const {
    return get16(segment_, tcp_layout::kDestinationPort);
}

inline std::size_t TcpView::header_bytes() const {
    return std::size_t{get8(segment_, tcp_layout::kDataOffset)} / 16 * 4;
}

inline TcpHeader TcpView::header() const {
    TcpHeader header{.source_port = source_port(),
                     .destination_port = destination_port(),
                     .seq = Seq(get32(segment_, tcp_layout::kSeq)),
                     .ack = Seq(get32(segment_, tcp_layout::kAck)),
                     .flags = {get8(segment_, tcp_layout::kFlags)},
                     .window = get16(segment_, tcp_layout::kWindow),
                     .urgent = get16(segment_, tcp_layout::kUrgent),
                     .options = {}};
    const std::size_t bytes = header_bytes();
    if (bytes == kTcpHeaderBytes) return header;
    if (bytes == kTcpHeaderBytes + 12 &&
        get32(segment_, tcp_layout::kOptions) == tcp_option::kAlignedTimestamps) {
        header.options.timestamps = Timestamps{get32(segment_, tcp_layout::kOptions + 4),
                                               get32(segment_, tcp_layout::kOptions + 8)};
        return header;
    }
    parse_tcp_options(segment_.subspan(kTcpHeaderBytes, bytes - kTcpHeaderBytes), header.options);
    return header;
}

}  // namespace lastack::wire
