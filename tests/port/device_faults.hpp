// A device that misbehaves on request, whatever its driver: for what no software driver does.
//
// device_faults.cpp stands between us and DPDK's library: its rte_eth_dev_start() and the like are
// found before DPDK's, and go on to them.
#pragma once

#include <atomic>
#include <vector>

#include "wire/address.hpp"

namespace lastack::port {

struct DeviceFaults {
    /// This many starts fail with EIO.
    std::atomic<int> starts_that_fail{0};
    std::atomic<int> starts{0};
    /// A reset forgets MAC filters and promiscuous mode, as that of a NIC does, and succeeds.
    std::atomic<bool> reset_forgets{false};
    /// A question for extended statistics is in the device, and stays there while `xstats_wait`.
    std::atomic<bool> xstats_wait{false};
    std::atomic<bool> xstats_asked{false};
    /// The MAC filters that devices have, those of all ports together.
    std::vector<wire::MacAddress> filters;
};

DeviceFaults& device_faults();

}  // namespace lastack::port
