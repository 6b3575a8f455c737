// A burst of mbufs from a port, made into frames whose headers lie in one piece.
//
//   mbuf chain   [ Eth IP ]->[ TCP text.. ]->[ text.. ]        a device may split anywhere
//   frame        [ Eth IP TCP text.. ]------>[ text.. ]        the first piece has all headers
//
// Headers are moved only where the first mbuf is shorter than they can be; text is never copied
// for that, but for what fills the first kContiguousBytes.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <span>

#include "base/buffer.hpp"
#include "base/counters.hpp"
#include "port/ethdev.hpp"
#include "port/pools.hpp"

namespace lastack::port {

/// Ethernet, one VLAN tag, IPv4 with options, TCP with options; or IPv6 with 60 octets between.
inline constexpr std::uint32_t kContiguousBytes = 18 + 60 + 60 + 40;

enum class ChecksumVerdict : std::uint8_t { Unknown, Good, Bad };

struct ReceivedFrame {
    base::BufferRef buffer = nullptr;
    base::Bytes bytes;                // the first mbuf's
    std::uint32_t chained_bytes = 0;  // in those behind it
    ChecksumVerdict ip_checksum = ChecksumVerdict::Unknown;
    ChecksumVerdict l4_checksum = ChecksumVerdict::Unknown;
};

class Receiver {
  public:
    static constexpr std::size_t kMostFrames = 256;

    Receiver(Ethdev& port, Pools& pools, base::Counters& counters)
        : port_(port), pools_(pools), counters_(counters) {}

    /// Up to `out.size()` frames (kMostFrames at most); whoever calls owns their buffers. Returns
    /// how many there are.
    std::size_t receive(std::span<ReceivedFrame> out);

  private:
    bool prepare(rte_mbuf* mbuf, ReceivedFrame& out);
    rte_mbuf* make_contiguous(rte_mbuf* first);

    Ethdev& port_;
    Pools& pools_;
    base::Counters& counters_;
    std::array<rte_mbuf*, kMostFrames> burst_{};
};

ChecksumVerdict ip_verdict(std::uint64_t ol_flags);
ChecksumVerdict l4_verdict(std::uint64_t ol_flags);

}  // namespace lastack::port
