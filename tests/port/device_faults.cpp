#include "tests/port/device_faults.hpp"

#include <dlfcn.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace lastack::port {

DeviceFaults& device_faults() {
    static DeviceFaults faults;
    return faults;
}

namespace {

template <class Call>
Call* dpdks(const char* name) {
    return reinterpret_cast<Call*>(dlsym(RTLD_NEXT, name));
}

void forget(std::uint16_t port) {
    rte_eth_promiscuous_disable(port);
    for (const wire::MacAddress& mac : device_faults().filters) {
        rte_ether_addr address{};
        std::copy(mac.octets.begin(), mac.octets.end(), address.addr_bytes);
        rte_eth_dev_mac_addr_remove(port, &address);
    }
    device_faults().filters.clear();
}

}  // namespace
}  // namespace lastack::port

using lastack::port::device_faults;
using lastack::port::dpdks;

extern "C" int rte_eth_dev_start(std::uint16_t port) {
    device_faults().starts.fetch_add(1);
    if (device_faults().starts_that_fail.load() > 0) {
        device_faults().starts_that_fail.fetch_sub(1);
        return -EIO;
    }
    return dpdks<decltype(rte_eth_dev_start)>("rte_eth_dev_start")(port);
}

extern "C" int rte_eth_dev_reset(std::uint16_t port) {
    if (!device_faults().reset_forgets.load()) {
        return dpdks<decltype(rte_eth_dev_reset)>("rte_eth_dev_reset")(port);
    }
    lastack::port::forget(port);
    return 0;
}

extern "C" int rte_eth_xstats_get_names(std::uint16_t port, rte_eth_xstat_name* names,
                                        unsigned size) {
    device_faults().xstats_asked = true;
    while (device_faults().xstats_wait.load()) std::this_thread::yield();
    return dpdks<decltype(rte_eth_xstats_get_names)>("rte_eth_xstats_get_names")(port, names, size);
}

extern "C" int rte_eth_dev_mac_addr_add(std::uint16_t port, rte_ether_addr* address,
                                        std::uint32_t pool) {
    const int result =
        dpdks<decltype(rte_eth_dev_mac_addr_add)>("rte_eth_dev_mac_addr_add")(port, address, pool);
    if (result != 0) return result;
    lastack::wire::MacAddress mac;
    std::copy_n(address->addr_bytes, mac.octets.size(), mac.octets.begin());
    device_faults().filters.push_back(mac);
    return 0;
}
