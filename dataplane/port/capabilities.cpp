#include "port/capabilities.hpp"

#include <rte_bus.h>
#include <rte_dev.h>

#include <algorithm>
#include <string_view>

namespace lastack::port {

namespace {

constexpr std::uint64_t kRxChecksums = RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM;

// A chain longer than this is copied into fewer mbufs; it bounds what one frame may cost.
constexpr std::uint16_t kMostSegs = 64;

// Where a device states no limit, what every one we know can do.
constexpr std::uint16_t kUnstatedSegs = 8;

bool on_virtual_bus(const rte_eth_dev_info& info) {
    const rte_bus* const bus = info.device == nullptr ? nullptr : rte_dev_bus(info.device);
    return bus != nullptr && std::string_view(rte_bus_name(bus)) == "vdev";
}

std::uint16_t segment_limit(const rte_eth_dev_info& info, bool is_virtual) {
    const std::uint16_t stated =
        std::max(info.tx_desc_lim.nb_seg_max, info.tx_desc_lim.nb_mtu_seg_max);
    if (stated != 0) return std::min(stated, kMostSegs);
    return is_virtual ? kMostSegs : kUnstatedSegs;
}

}  // namespace

Capabilities capabilities_of(const rte_eth_dev_info& info, bool offloads) {
    const std::string_view driver = info.driver_name == nullptr ? "" : info.driver_name;
    const bool is_virtual = on_virtual_bus(info);
    const std::uint64_t rx = info.rx_offload_capa;
    const std::uint64_t tx = info.tx_offload_capa;

    Capabilities out;
    out.multi_segs = (tx & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0;
    out.scatter = (rx & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
    out.max_segs = out.multi_segs ? segment_limit(info, is_virtual) : std::uint16_t{1};
    // virtio_user hands addresses to another process, which maps only DPDK's memory.
    out.foreign_memory = is_virtual && driver != "net_virtio_user";
    if (!offloads || driver == "net_tap") return out;

    out.rx_checksum = (rx & kRxChecksums) == kRxChecksums;
    out.tx_checksum = (tx & RTE_ETH_TX_OFFLOAD_TCP_CKSUM) != 0;
    out.tx_ip_checksum = (tx & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0;
    out.tso = out.tx_checksum && out.multi_segs && (tx & RTE_ETH_TX_OFFLOAD_TCP_TSO) != 0;
    return out;
}

std::uint64_t rx_offload_flags(const Capabilities& capabilities) {
    std::uint64_t flags = 0;
    if (capabilities.rx_checksum) flags |= kRxChecksums;
    if (capabilities.scatter) flags |= RTE_ETH_RX_OFFLOAD_SCATTER;
    return flags;
}

std::uint64_t tx_offload_flags(const Capabilities& capabilities) {
    std::uint64_t flags = 0;
    if (capabilities.tx_checksum) flags |= RTE_ETH_TX_OFFLOAD_TCP_CKSUM;
    if (capabilities.tx_ip_checksum) flags |= RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
    if (capabilities.tso) flags |= RTE_ETH_TX_OFFLOAD_TCP_TSO;
    if (capabilities.multi_segs) flags |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
    return flags;
}

std::vector<std::string> names_of(const Capabilities& capabilities) {
    std::vector<std::string> names;
    if (capabilities.rx_checksum) names.emplace_back("rx-checksum");
    if (capabilities.tx_checksum) names.emplace_back("tx-checksum");
    if (capabilities.tso) names.emplace_back("tso");
    if (capabilities.multi_segs) names.emplace_back("multi-segs");
    if (capabilities.scatter) names.emplace_back("scatter");
    return names;
}

}  // namespace lastack::port
