// MTU, MAC and promiscuous mode of a port: set at start, and again after a reset.
#include <rte_ethdev.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "port/ethdev.hpp"

namespace lastack::port {

namespace {

rte_ether_addr to_dpdk(const wire::MacAddress& mac) {
    rte_ether_addr address{};
    std::copy_n(mac.octets.begin(), 6, address.addr_bytes);
    return address;
}

}  // namespace

// Asking first would not do: after rte_eth_dev_configure() DPDK gives the MTU as the port's own,
// though a driver such as net_tap's has not heard of it.
void Ethdev::apply_mtu() {
    const int result = rte_eth_dev_set_mtu(id_, config_.mtu);
    if (result != -ENOTSUP) {  // without the call, the device takes what comes
        check(result, "rte_eth_dev_set_mtu", "choose an mtu that the interface allows");
    }
}

void Ethdev::set_mtu(std::uint16_t mtu) {
    const std::lock_guard lock(asking_);
    const std::uint16_t before = std::exchange(config_.mtu, mtu);
    try {
        apply_mtu();
    } catch (...) {
        config_.mtu = before;
        throw;
    }
}

void Ethdev::apply_mac() {
    rte_ether_addr address{};
    check(rte_eth_macaddr_get(id_, &address), "rte_eth_macaddr_get", "set mac for this port");
    std::copy_n(address.addr_bytes, 6, mac_.octets.begin());
    if (config_.mac) {
        change_mac(*config_.mac);
    } else if (driver_ == "net_tap") {
        mac_.octets[5] ^= 1;
    } else if (mac_.is_zero()) {
        // A ring has no address: "la" and the port's number, locally administered.
        mac_ = {{0x02, 'l', 'a', 0, 0, config_.number}};
    }
}

void Ethdev::set_mac(const wire::MacAddress& mac) {
    const std::lock_guard lock(asking_);
    change_mac(mac);
}

void Ethdev::change_mac(const wire::MacAddress& mac) {
    const wire::MacAddress before = std::exchange(mac_, mac);
    config_.mac = mac;  // for the start after a reset
    // The kernel's end of a tap would take the address over, and both ends have the same.
    if (driver_ == "net_tap" || before == mac) return;
    rte_ether_addr address = to_dpdk(mac);
    const int result = rte_eth_dev_default_mac_addr_set(id_, &address);
    if (result == -ENOTSUP) return;  // it does not filter by address either
    if (result < 0) mac_ = before;
    check(result, "rte_eth_dev_default_mac_addr_set", "choose a unicast address");
    if (!mac_before_) mac_before_ = before;
}

bool Ethdev::add_mac_filter(const wire::MacAddress& mac) {
    const std::lock_guard lock(asking_);
    if (!apply_mac_filter(mac)) return false;
    mac_filters_.push_back(mac);  // for the start after a reset
    return true;
}

bool Ethdev::apply_mac_filter(const wire::MacAddress& mac) {
    rte_ether_addr address = to_dpdk(mac);
    return rte_eth_dev_mac_addr_add(id_, &address, 0) == 0;
}

bool Ethdev::set_promiscuous(bool on) {
    const std::lock_guard lock(asking_);
    config_.promiscuous = on;  // for the start after a reset
    return apply_promiscuous(on);
}

bool Ethdev::apply_promiscuous(bool on) {
    return (on ? rte_eth_promiscuous_enable(id_) : rte_eth_promiscuous_disable(id_)) == 0;
}

// The device may have vanished, which is no reason not to close the port: nothing is checked here.
void Ethdev::put_back() {
    if (gone()) return;
    if (config_.promiscuous) apply_promiscuous(false);
    if (!mac_before_) return;
    rte_ether_addr address = to_dpdk(*mac_before_);
    rte_eth_dev_default_mac_addr_set(id_, &address);
}

}  // namespace lastack::port
