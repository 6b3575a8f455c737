// The Internet checksum (RFC 1071): the ones' complement sum of 16-bit words, and its complement.
//
// Checksum adds up pieces that lie one behind the other on the wire, wherever they lie in memory
// and whatever their lengths: a piece that starts at an odd octet is summed as if it were even and
// then has its two octets swapped, for the sum does not care about byte order (RFC 1071 2 (B)).
//
//   Checksum sum = pseudo_header_sum({.source = a, .destination = b, .protocol = 6, .bytes = n});
//   sum.add(tcp_header);             // its checksum field zero
//   for (piece : text) sum.add(piece);
//   put16(tcp_header, 16, sum.finish());
//
// The same with the field as it arrived gives finish() == 0 when the segment is intact (H-40).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "wire/address.hpp"
#include "wire/bytes.hpp"

namespace lastack::wire {

namespace detail {

/// A 64-bit ones' complement sum as one of 16 bits.
constexpr std::uint16_t fold(std::uint64_t sum) {
    sum = (sum >> 32) + (sum & 0xffff'ffff);
    for (int i = 0; i < 3; ++i) sum = (sum >> 16) + (sum & 0xffff);
    return static_cast<std::uint16_t>(sum);
}

}  // namespace detail

class Checksum {
  public:
    constexpr Checksum() = default;

    /// Goes on from a folded sum, as sum() gave it; an even number of octets lies behind it.
    constexpr explicit Checksum(std::uint16_t folded_sum) : sum_(folded_sum) {}

    /// The next octets of the wire.
    void add(ByteView piece);

    /// A 16-bit word in host order that lies at an even place of its own (a pseudo-header's field):
    /// it does not move the place of the next piece.
    constexpr void add16(std::uint16_t word) { sum_ += word; }
    constexpr void add32(std::uint32_t words) { sum_ += (words >> 16) + (words & 0xffff); }

    /// The sum folded to 16 bits, not complemented: what a port that completes checksums wants to
    /// find in the field.
    constexpr std::uint16_t sum() const { return detail::fold(sum_); }

    /// The checksum, in host order. 0 for octets whose own checksum field was summed and is right.
    constexpr std::uint16_t finish() const { return static_cast<std::uint16_t>(~sum()); }

  private:
    std::uint64_t sum_ = 0;  // 48 bits of room for carries: 2^48 pieces
    bool odd_ = false;       // the next piece starts at an odd octet
};

/// Writes the 16- and 32-bit words of a header at even places of it, and sums them as they are
/// written: reading the octets back in larger units would have to wait for the stores.
class SummedWords {
  public:
    explicit SummedWords(MutableBytes out) : out_(out) {}

    /// Folded, as Checksum::sum() gives it.
    std::uint16_t sum() const { return sum_.sum(); }

    void put16(std::size_t at, std::uint32_t word) {
        sum_.add16(static_cast<std::uint16_t>(word));
        wire::put16(out_, at, static_cast<std::uint16_t>(word));
    }
    void put32(std::size_t at, std::uint32_t words) {
        sum_.add32(words);
        wire::put32(out_, at, words);
    }

  private:
    MutableBytes out_;
    Checksum sum_;
};

/// What TCP's checksum covers besides the segment (RFC 9293 3.1). `bytes`: header and text.
struct PseudoHeader4 {
    Ipv4Address source{};
    Ipv4Address destination{};
    std::uint8_t protocol = 6;
    std::uint32_t bytes = 0;
};

/// The same for IPv6 (RFC 8200 8.1).
struct PseudoHeader6 {
    Ipv6Address source{};
    Ipv6Address destination{};
    std::uint8_t protocol = 6;
    std::uint32_t bytes = 0;
};

constexpr Checksum pseudo_header_sum(const PseudoHeader4& pseudo) {
    Checksum sum;
    sum.add32(pseudo.source.value);
    sum.add32(pseudo.destination.value);
    sum.add16(pseudo.protocol);
    sum.add32(pseudo.bytes);
    return sum;
}

Checksum pseudo_header_sum(const PseudoHeader6& pseudo);

/// The checksum of one contiguous run of octets: an IPv4 header, an ICMP message.
inline std::uint16_t checksum(ByteView bytes) {
    Checksum sum;
    sum.add(bytes);
    return sum.finish();
}

/// True where a segment's checksum is right. `pieces`: header and text in order, pseudo.bytes of
/// them in all.
bool verify_tcp(const PseudoHeader4& pseudo, std::span<const ByteView> pieces);

/// The checksum after one 16-bit field of what it covers has changed (RFC 1624, equation 3).
struct FieldChange16 {
    std::uint16_t before = 0;
    std::uint16_t after = 0;
};
constexpr std::uint16_t updated_checksum(std::uint16_t checksum, FieldChange16 change) {
    Checksum sum(static_cast<std::uint16_t>(~checksum));
    sum.add16(static_cast<std::uint16_t>(~change.before));
    sum.add16(change.after);
    return sum.finish();
}

/// The same for a 32-bit field at an even place.
struct FieldChange32 {
    std::uint32_t before = 0;
    std::uint32_t after = 0;
};
constexpr std::uint16_t updated_checksum(std::uint16_t checksum, FieldChange32 change) {
    Checksum sum(static_cast<std::uint16_t>(~checksum));
    sum.add32(~change.before);
    sum.add32(change.after);
    return sum.finish();
}

}  // namespace lastack::wire
