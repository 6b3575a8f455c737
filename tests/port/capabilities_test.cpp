#include "port/capabilities.hpp"

#include <gtest/gtest.h>

namespace lastack::port {
namespace {

rte_eth_dev_info claims_all(const char* driver) {
    rte_eth_dev_info info{};
    info.driver_name = driver;
    info.rx_offload_capa = ~std::uint64_t{0};
    info.tx_offload_capa = ~std::uint64_t{0};
    return info;
}

TEST(Capabilities, ANicsClaimsAreUsed) {
    const Capabilities nic = capabilities_of(claims_all("net_ice"), true);
    EXPECT_TRUE(nic.rx_checksum && nic.tx_checksum && nic.tso && nic.multi_segs && nic.scatter);
    EXPECT_FALSE(nic.foreign_memory) << "an application's heap is not mapped for its DMA";
    EXPECT_GT(nic.max_segs, 1);
}

TEST(Capabilities, OffloadsSwitchedOffLeaveOnlyChains) {
    const Capabilities nic = capabilities_of(claims_all("net_ice"), false);
    EXPECT_FALSE(nic.rx_checksum || nic.tx_checksum || nic.tso);
    EXPECT_TRUE(nic.multi_segs);
}

TEST(Capabilities, WhatTapsDriverDoesInSoftwareIsOurs) {
    const Capabilities tap = capabilities_of(claims_all("net_tap"), true);
    EXPECT_FALSE(tap.rx_checksum || tap.tx_checksum || tap.tso);
    EXPECT_TRUE(tap.multi_segs);
}

TEST(Capabilities, WithoutChainsThereIsNoTso) {
    rte_eth_dev_info info = claims_all("net_ice");
    info.tx_offload_capa &= ~std::uint64_t{RTE_ETH_TX_OFFLOAD_MULTI_SEGS};
    const Capabilities nic = capabilities_of(info, true);
    EXPECT_FALSE(nic.tso);
    EXPECT_EQ(nic.max_segs, 1);
}

TEST(Capabilities, MbufFastFreeIsNeverAskedFor) {
    const Capabilities nic = capabilities_of(claims_all("net_ice"), true);
    EXPECT_EQ(tx_offload_flags(nic) & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, 0U);
    EXPECT_NE(tx_offload_flags(nic) & RTE_ETH_TX_OFFLOAD_TCP_TSO, 0U);
}

TEST(Capabilities, ADevicesSegmentLimitIsKept) {
    rte_eth_dev_info info = claims_all("net_ice");
    info.tx_desc_lim.nb_mtu_seg_max = 5;
    EXPECT_EQ(capabilities_of(info, true).max_segs, 5);
    info.tx_desc_lim.nb_mtu_seg_max = 1'000;
    EXPECT_EQ(capabilities_of(info, true).max_segs, 64);
}

}  // namespace
}  // namespace lastack::port
