// What can be wrong with an answer, by name. Any of them fails the run.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lastack::bench {

enum class Fault : std::uint8_t {
    None,
    Link,
    IpHeader,
    IpChecksum,
    TcpHeader,
    TcpChecksum,
    Options,
    UnknownTuple,
    UnknownLife,
    Flags,
    Reset,
    Early,
    Seq,
    Ack,
    Text,
    Echo,
};

inline constexpr std::size_t kFaultCount = static_cast<std::size_t>(Fault::Echo) + 1;

inline constexpr std::array<std::string_view, kFaultCount> kFaultNames = {
    "none",
    "not from lastack's MAC to ours, or neither ARP nor IPv4",
    "IPv4 header: length, protocol or address",
    "IPv4 header checksum",
    "TCP header length",
    "TCP checksum",
    "TCP options: missing, unexpected or malformed",
    "a tuple of no life",
    "a life that has not begun",
    "flags",
    "RST",
    "a segment before its SYN,ACK",
    "sequence number",
    "acknowledgement number",
    "text differs from what is served",
    "time stamp echo",
};

/// Counts of one run.
struct Tally {
    std::uint64_t begun = 0;
    std::uint64_t completed = 0;
    std::uint64_t lost = 0;      // not completed in time
    std::uint64_t checked = 0;   // answers looked at
    std::uint64_t repeated = 0;  // of these, what was sent before: right, but a retransmission
    std::uint64_t late = 0;      // for lives that were over already
    std::uint64_t arp = 0;
    std::uint64_t frames_out = 0;
    std::uint64_t frames_in = 0;
    std::uint64_t not_sent = 0;  // lastack's receive ring was full
    std::uint64_t no_mbuf = 0;
    std::array<std::uint64_t, kFaultCount> faults{};

    std::uint64_t wrong() const {
        std::uint64_t sum = 0;
        for (std::size_t i = 1; i < kFaultCount; ++i) sum += faults[i];
        return sum;
    }
};

}  // namespace lastack::bench
