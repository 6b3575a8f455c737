// ICMP for IPv4 (RFC 792): echo, and the errors a TCP endpoint listens to.
//
//    0      1      2          4                       8
//   | type | code | checksum | depends on the type   | data, or the quoted datagram ...
//                            | identifier | sequence |      echo
//                            | unused     | next MTU |      unreachable, code 4 (RFC 1191 4)
//                            | gateway address       |      redirect
//                            | pointer | unused      |      parameter problem
//
// An error quotes the datagram it is about: a datagram that we sent, so its source is our side. At
// least the header and 8 octets of it come back (RFC 792), enough for TCP's ports and sequence
// number; nothing behind those is looked at, and nothing of it is believed before tcp/ has compared
// the sequence number (I-19).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "wire/address.hpp"
#include "wire/bytes.hpp"
#include "wire/seq.hpp"

namespace lastack::wire {

namespace icmp_layout {
inline constexpr std::size_t kType = 0;
inline constexpr std::size_t kCode = 1;
inline constexpr std::size_t kChecksum = 2;
inline constexpr std::size_t kIdentifier = 4;
inline constexpr std::size_t kGateway = 4;
inline constexpr std::size_t kPointer = 4;
inline constexpr std::size_t kSequence = 6;
inline constexpr std::size_t kNextHopMtu = 6;
inline constexpr std::size_t kData = 8;
}  // namespace icmp_layout

inline constexpr std::size_t kIcmpHeaderBytes = 8;

enum class IcmpType : std::uint8_t {
    EchoReply,
    DestinationUnreachable,
    SourceQuench,
    Redirect,
    EchoRequest,
    TimeExceeded,
    ParameterProblem,
    Other,  // asks nothing of a host
};

/// Codes of DestinationUnreachable (RFC 792, RFC 1122 3.2.2.1).
namespace icmp_unreachable {
inline constexpr std::uint8_t kNet = 0;
inline constexpr std::uint8_t kHost = 1;
inline constexpr std::uint8_t kProtocol = 2;
inline constexpr std::uint8_t kPort = 3;
inline constexpr std::uint8_t kFragmentationNeeded = 4;
inline constexpr std::uint8_t kSourceRouteFailed = 5;
}  // namespace icmp_unreachable

/// What an error's quotation says about the TCP segment that caused it. We are the source.
struct QuotedTcp {
    Ipv4Address source{};
    Ipv4Address destination{};
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    Seq seq{};

    constexpr bool operator==(const QuotedTcp&) const = default;
};

/// A message of at least 8 octets.
class IcmpView {
  public:
    /// `message` is the whole IP payload, or as much of it as is contiguous. nullopt where it is
    /// shorter than 8 octets. The checksum is a question of its own.
    static constexpr std::optional<IcmpView> parse(ByteView message) {
        if (message.size() < kIcmpHeaderBytes) return std::nullopt;
        return IcmpView(message);
    }

    /// For a message that is contiguous; a chained one is summed piece by piece with Checksum.
    bool checksum_ok() const;

    IcmpType type() const;
    constexpr std::uint8_t raw_type() const { return get8(message_, icmp_layout::kType); }
    constexpr std::uint8_t code() const { return get8(message_, icmp_layout::kCode); }
    /// Of the types that quote a datagram.
    bool is_error() const;

    // Each of these means something for the type in its name only.
    constexpr std::uint16_t echo_identifier() const {
        return get16(message_, icmp_layout::kIdentifier);
    }
    constexpr std::uint16_t echo_sequence() const {
        return get16(message_, icmp_layout::kSequence);
    }
    constexpr ByteView echo_data() const { return message_.subspan(icmp_layout::kData); }
    /// 0 comes from routers older than RFC 1191.
    constexpr std::uint16_t next_hop_mtu() const {
        return get16(message_, icmp_layout::kNextHopMtu);
    }
    constexpr Ipv4Address redirect_gateway() const {
        return {get32(message_, icmp_layout::kGateway)};
    }
    constexpr std::uint8_t problem_pointer() const { return get8(message_, icmp_layout::kPointer); }

    /// The quoted octets of an error, unchecked.
    constexpr ByteView quote() const { return message_.subspan(icmp_layout::kData); }

    /// nullopt where this is no error, or the quotation is not the beginning of an unfragmented (or
    /// first) IPv4 TCP datagram with all its IP header and 8 octets of TCP.
    std::optional<QuotedTcp> quoted_tcp() const;

  private:
    constexpr explicit IcmpView(ByteView message) : message_(message) {}
    ByteView message_;
};

/// An echo request or reply without its data.
struct IcmpEcho {
    std::uint16_t identifier = 0;
    std::uint16_t sequence = 0;

    constexpr bool operator==(const IcmpEcho&) const = default;
};

/// Writes a whole message with its checksum and returns 8 + data.size(); `out` has room for it.
std::size_t emit_echo_request(const IcmpEcho& echo, ByteView data, MutableBytes out);
std::size_t emit_echo_reply(const IcmpEcho& echo, ByteView data, MutableBytes out);

/// An error of any type that has one. `rest` is octets 4 to 7: a next-hop MTU, a gateway, a pointer
/// in the high octet.
struct IcmpErrorMessage {
    IcmpType type = IcmpType::DestinationUnreachable;
    std::uint8_t code = 0;
    std::uint32_t rest = 0;
};

/// Writes the error about the datagram that begins with `quote` and returns 8 + quote.size().
/// Asserts that `type` is one of the errors.
std::size_t emit_icmp_error(const IcmpErrorMessage& error, ByteView quote, MutableBytes out);

}  // namespace lastack::wire
