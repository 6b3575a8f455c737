// How many mbufs a worker needs, and how large: from its ports and limits, before anything is made.
#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <string>

namespace lastack::port {

/// Text of at most this many octets is copied behind its header instead of attached. Measured with
/// tests/bench/frame_bench.cpp (burst of 32, text in the second-level cache, per frame): attaching
/// takes 36 ns whatever the length, copying 14 ns for 64 octets, 19 ns for 512, 39 ns for 1024.
/// Text out of a farther cache, which copying must wait for, moves the crossing down; hence the
/// margin.
inline constexpr std::uint32_t kCopyBytes = 512;

/// Frames that the worker's ports can have in their queues at once, and what connections may hold.
struct PoolDemand {
    std::uint32_t rx_mbufs = 65'536;      // limits.mbufs
    std::uint32_t tx_descriptors = 1024;  // of all ports
    std::uint32_t tx_waiting = 2048;      // frames in the retry queues of all ports
    std::uint16_t largest_mtu = 1500;
    bool all_scatter = false;  // every port receives into chains
    bool all_chain = true;     // every port sends chains
};

struct PoolSize {
    std::uint32_t count = 0;
    std::uint16_t room_bytes = 0;  // headroom included
    std::uint16_t private_bytes = 0;
};

enum class PoolName : std::uint8_t { Rx, Text, ShortText, Frame, Attach, External };
inline constexpr std::size_t kPoolCount = 6;
using PoolSizes = std::array<PoolSize, kPoolCount>;

PoolSizes pool_sizes(const PoolDemand& demand);

/// What the pools take, in bytes.
std::uint64_t pool_bytes(const PoolSizes& sizes);

/// One mbuf with its private area, as a mempool counts an element.
std::uint32_t element_bytes(const PoolSize& size);

/// Private areas are aligned to 8 bytes, as mbufs ask.
constexpr std::uint16_t padded(std::uint16_t private_bytes) {
    return static_cast<std::uint16_t>((private_bytes + 7) & ~7);
}

/// Mbufs that each lcore keeps at hand of each pool.
inline constexpr std::uint32_t kCacheMbufs = 256;

/// "rx", "text", ...
const char* name(PoolName pool);

/// "the mbufs need 208 MiB (rx 65536: 150 MiB, ...)"
std::string sum_of(const PoolSizes& sizes);

}  // namespace lastack::port
