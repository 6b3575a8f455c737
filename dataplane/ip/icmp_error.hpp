// An ICMP error that quotes a TCP segment of ours, as TCP wants to hear of it (RFC 1122 4.2.3.9).
#pragma once

#include <cstdint>

#include "wire/flow_key.hpp"
#include "wire/seq.hpp"

namespace lastack::ip {

enum class IcmpErrorKind : std::uint8_t {
    Unreachable,          // codes 0, 1, 5 and the later ones: soft
    ProtocolUnreachable,  // code 2: hard
    PortUnreachable,      // code 3: hard
    FragmentationNeeded,  // code 4: says a path MTU
    TimeExceeded,
    ParameterProblem,
};

/// RFC 1122 4.2.3.9 lets these abort a connection; RFC 5927 5.2 advises to do so only while
/// opening.
constexpr bool is_hard(IcmpErrorKind kind) {
    return kind == IcmpErrorKind::ProtocolUnreachable || kind == IcmpErrorKind::PortUnreachable;
}

struct IcmpError {
    wire::FlowKey4 key;  // local is the quoted source
    wire::Seq seq;       // of the quoted segment; not yet checked against what is in flight
    IcmpErrorKind kind = IcmpErrorKind::Unreachable;
    std::uint8_t code = 0;
    std::uint16_t next_hop_mtu =
        0;  // only for FragmentationNeeded; 0 where an old router says none
};

}  // namespace lastack::ip
