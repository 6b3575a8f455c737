// What a device does for us, as far as we let it.
//
// A driver's claims are taken at their word where hardware stands behind them. Where the driver
// itself does the work in software, ours is used: net_tap sums each segment of a chain as if it
// began at an even octet, so that chains with odd pieces leave with a wrong checksum, and its TSO
// has 128 mbufs in all. MBUF_FAST_FREE is never asked for: we keep references to what we send.
#pragma once

#include <rte_ethdev.h>

#include <cstdint>
#include <string>
#include <vector>

namespace lastack::port {

struct Capabilities {
    bool rx_checksum = false;  // says good or bad of received IPv4 and TCP checksums
    bool tx_checksum = false;  // completes TCP checksums
    bool tx_ip_checksum = false;
    bool tso = false;            // cuts what exceeds the MSS
    bool multi_segs = false;     // sends chains of mbufs
    bool scatter = false;        // receives into chains of mbufs
    bool foreign_memory = true;  // reads memory that is not DPDK's (no DMA of its own)
    std::uint16_t max_segs = 1;  // mbufs of one chain it sends

    bool operator==(const Capabilities&) const = default;
};

/// `offloads` false: everything in software, chains excepted.
Capabilities capabilities_of(const rte_eth_dev_info& info, bool offloads);

/// The same as flags for rte_eth_dev_configure().
std::uint64_t rx_offload_flags(const Capabilities& capabilities);
std::uint64_t tx_offload_flags(const Capabilities& capabilities);

/// "rx-checksum", "tx-checksum", "tso", "multi-segs", "scatter".
std::vector<std::string> names_of(const Capabilities& capabilities);

}  // namespace lastack::port
