// What an ICMP message asks of us (RFC 1122 3.2.2): an answer, something TCP should hear, nothing.
//
// The message's checksum is right; that was another's question. An error is believed only as far as
// the quotation shows that we sent the datagram it is about; whether its sequence number is in
// flight is for TCP to say (I-19).
#pragma once

#include <cstdint>
#include <optional>

#include "base/counters.hpp"
#include "ip/icmp_error.hpp"
#include "wire/address.hpp"
#include "wire/icmp.hpp"

namespace lastack::ip {

struct IcmpVerdict {
    enum class Kind : std::uint8_t {
        Echo,     // to be answered
        Error,    // `error` is to be handed to TCP
        Nothing,  // to be counted, and forgotten
    };
    Kind kind = Kind::Nothing;
    base::Counter type = base::Counter::IcmpInIgnored;  // which message it was
    std::optional<base::Counter> reason{};              // why it is not used, where that says more
    IcmpError error{};
};

struct IcmpArrival {
    wire::Ipv4Address destination;  // of the datagram
    bool broadcast = false;         // that is a broadcast address
};

IcmpVerdict judge(const wire::IcmpView& message, const IcmpArrival& arrival);

}  // namespace lastack::ip
