#include "port/ethdev.hpp"

#include <rte_bus_vdev.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_mempool.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "port/dpdk_log.hpp"
#include "port/error.hpp"
#include "port/preflight.hpp"

namespace lastack::port {

namespace {

int event_from_dpdk(std::uint16_t, rte_eth_event_type type, void* port, void*) {
    auto* const self = static_cast<Ethdev*>(port);
    if (type == RTE_ETH_EVENT_INTR_LSC) self->on_event(PortEvent::LinkChanged);
    if (type == RTE_ETH_EVENT_INTR_RESET) self->on_event(PortEvent::ResetNeeded);
    if (type == RTE_ETH_EVENT_INTR_RMV) self->on_event(PortEvent::Removed);
    return 0;
}

constexpr rte_eth_event_type kWatched[] = {RTE_ETH_EVENT_INTR_LSC, RTE_ETH_EVENT_INTR_RESET,
                                           RTE_ETH_EVENT_INTR_RMV};

}  // namespace

Ethdev::Ethdev(const EthdevConfig& config) : config_(config), device_(config.device) {
    DpdkLog::mark();
    find_or_create();
    try {
        read_info();
    } catch (...) {
        close();
        throw;
    }
}

Ethdev::~Ethdev() {
    close();
}

void Ethdev::check(int result, const char* call, const char* remedy) const {
    if (result >= 0) return;
    throw Error({.place = place(),
                 .what = std::string(call) + " failed: " + errno_text(result) + DpdkLog::words(),
                 .remedy = remedy});
}

void Ethdev::find_or_create() {
    if (rte_eth_dev_get_port_by_name(device_.name().c_str(), &id_) == 0) return;
    if (const auto obstacle = preflight(device_)) {
        throw Error({.place = place(), .what = obstacle->what, .remedy = obstacle->remedy});
    }
    if (device_.is_pci()) {
        throw Error({.place = place(),
                     .what = "there is no such Ethernet device for DPDK" + DpdkLog::words(),
                     .remedy = creation_remedy(device_, ENODEV)});
    }
    create_virtual();
}

void Ethdev::create_virtual() {
    const int result =
        rte_eal_hotplug_add("vdev", device_.name().c_str(), device_.arguments().c_str());
    created_ = result == 0;
    if (created_ && rte_eth_dev_get_port_by_name(device_.name().c_str(), &id_) == 0) return;
    const int error = result == 0 ? ENODEV : -result;
    if (created_) rte_eal_hotplug_remove("vdev", device_.name().c_str());
    throw Error({.place = place(),
                 .what = "cannot create the device: " +
                         (error == EFAULT ? std::string("no driver knows it") : errno_text(error)) +
                         DpdkLog::words(),
                 .remedy = creation_remedy(device_, error)});
}

void Ethdev::read_info() {
    check(rte_eth_dev_info_get(id_, &info_), "rte_eth_dev_info_get", "this device cannot be used");
    driver_ = info_.driver_name == nullptr ? "unknown" : info_.driver_name;
    capabilities_ = capabilities_of(info_, config_.offloads);
    reports_link_ = info_.dev_flags != nullptr && (*info_.dev_flags & RTE_ETH_DEV_INTR_LSC) != 0;
    if (config_.mtu < info_.min_mtu || config_.mtu > info_.max_mtu) {
        throw Error({.place = place(),
                     .what = "mtu " + std::to_string(config_.mtu) + " is not within the device's " +
                             std::to_string(info_.min_mtu) + " .. " + std::to_string(info_.max_mtu),
                     .remedy = "choose another mtu"});
    }
}

void Ethdev::start(rte_mempool* rx_pool) {
    DpdkLog::mark();
    configure(rx_pool);
    setup_queues(rx_pool);
    apply_mtu();
    check(rte_eth_dev_start(id_), "rte_eth_dev_start",
          "see whether another process uses the device");
    rx_pool_ = rx_pool;
    running_ = true;
    apply_mac();
    if (config_.promiscuous) set_promiscuous(true);
    watch(true);
}

void Ethdev::configure(rte_mempool* rx_pool) {
    const std::uint32_t room = rte_pktmbuf_data_room_size(rx_pool) - RTE_PKTMBUF_HEADROOM;
    constexpr std::uint32_t kLinkOverhead = 14 + 4 + 4;  // Ethernet, VLAN, FCS
    if (!capabilities_.scatter || room >= config_.mtu + kLinkOverhead) {
        capabilities_.scatter = false;  // frames fit, and drivers are faster without it
    }
    rte_eth_conf conf{};
    conf.rxmode.mtu = config_.mtu;
    conf.rxmode.offloads = rx_offload_flags(capabilities_);
    conf.txmode.offloads = tx_offload_flags(capabilities_);
    conf.intr_conf.lsc = reports_link_ ? 1 : 0;
    check(rte_eth_dev_configure(id_, 1, 1, &conf), "rte_eth_dev_configure",
          "try offloads = false, or another mtu");
}

void Ethdev::setup_queues(rte_mempool* rx_pool) {
    std::uint16_t rx = config_.rx_descriptors;
    std::uint16_t tx = config_.tx_descriptors;
    check(rte_eth_dev_adjust_nb_rx_tx_desc(id_, &rx, &tx), "rte_eth_dev_adjust_nb_rx_tx_desc",
          "choose other numbers of descriptors");
    const int socket = rte_eth_dev_socket_id(id_);
    const auto where = static_cast<unsigned>(socket < 0 ? SOCKET_ID_ANY : socket);
    rte_eth_rxconf rxconf = info_.default_rxconf;
    rxconf.offloads = rx_offload_flags(capabilities_);
    check(rte_eth_rx_queue_setup(id_, 0, rx, where, &rxconf, rx_pool), "rte_eth_rx_queue_setup",
          "lower rx_descriptors, or raise limits.mbufs");
    rte_eth_txconf txconf = info_.default_txconf;
    txconf.offloads = tx_offload_flags(capabilities_);
    check(rte_eth_tx_queue_setup(id_, 0, tx, where, &txconf), "rte_eth_tx_queue_setup",
          "lower tx_descriptors");
}

void Ethdev::apply_mtu() {
    std::uint16_t current = 0;
    if (rte_eth_dev_get_mtu(id_, &current) == 0 && current == config_.mtu) return;
    const int result = rte_eth_dev_set_mtu(id_, config_.mtu);
    if (result != -ENOTSUP) {  // without the call, the device takes what comes
        check(result, "rte_eth_dev_set_mtu", "choose an mtu that the interface allows");
    }
}

void Ethdev::set_mtu(std::uint16_t mtu) {
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
        set_mac(*config_.mac);
    } else if (driver_ == "net_tap") {
        mac_.octets[5] ^= 1;
    } else if (mac_.is_zero()) {
        // A ring has no address: "la" and the port's number, locally administered.
        mac_ = {{0x02, 'l', 'a', 0, 0, config_.number}};
    }
}

void Ethdev::set_mac(const wire::MacAddress& mac) {
    const wire::MacAddress before = std::exchange(mac_, mac);
    config_.mac = mac;  // for the start after a reset
    // The kernel's end of a tap would take the address over, and both ends have the same.
    if (driver_ == "net_tap" || before == mac) return;
    rte_ether_addr address{};
    std::copy_n(mac.octets.begin(), 6, address.addr_bytes);
    const int result = rte_eth_dev_default_mac_addr_set(id_, &address);
    if (result == -ENOTSUP) return;  // it does not filter by address either
    if (result < 0) mac_ = before;
    check(result, "rte_eth_dev_default_mac_addr_set", "choose a unicast address");
    if (!mac_before_) mac_before_ = before;
}

bool Ethdev::add_mac_filter(const wire::MacAddress& mac) {
    rte_ether_addr address{};
    std::copy_n(mac.octets.begin(), 6, address.addr_bytes);
    return rte_eth_dev_mac_addr_add(id_, &address, 0) == 0;
}

bool Ethdev::set_promiscuous(bool on) {
    const int result = on ? rte_eth_promiscuous_enable(id_) : rte_eth_promiscuous_disable(id_);
    config_.promiscuous = on;  // for the start after a reset
    return result == 0;
}

void Ethdev::watch(bool on) {
    if (watched_ == on) return;
    for (const rte_eth_event_type event : kWatched) {
        if (on) {
            rte_eth_dev_callback_register(id_, event, event_from_dpdk, this);
        } else {
            rte_eth_dev_callback_unregister(id_, event, event_from_dpdk, this);
        }
    }
    watched_ = on;
}

void Ethdev::on_event(PortEvent event) {
    if (event == PortEvent::LinkChanged) link_changes_.fetch_add(1, std::memory_order_relaxed);
    if (event == PortEvent::Removed) gone_.store(true, std::memory_order_release);
    events_.fetch_or(static_cast<std::uint8_t>(event), std::memory_order_release);
}

EventsTaken Ethdev::take_events() {
    if (events_.load(std::memory_order_relaxed) == 0) return {};
    const std::uint8_t bits = events_.exchange(0, std::memory_order_acquire);
    const auto has = [bits](PortEvent event) {
        return (bits & static_cast<std::uint8_t>(event)) != 0;
    };
    return {.link = has(PortEvent::LinkChanged),
            .reset = has(PortEvent::ResetNeeded),
            .removed = has(PortEvent::Removed)};
}

void Ethdev::reset() {
    const std::lock_guard lock(asking_);
    stop();
    const int result = rte_eth_dev_reset(id_);
    if (result != -ENOTSUP) {  // then stopping and starting is all there is
        check(result, "rte_eth_dev_reset", "restart lastack");
    }
    start(rx_pool_);
    resets_.fetch_add(1, std::memory_order_relaxed);
}

void Ethdev::stop() {
    if (!running_) return;
    watch(false);
    rte_eth_dev_stop(id_);
    running_ = false;
}

void Ethdev::close() {
    if (id_ == RTE_MAX_ETHPORTS) return;
    if (mac_before_ && !gone()) set_mac(*mac_before_);
    stop();
    rte_eth_dev_close(id_);
    if (created_) rte_eal_hotplug_remove("vdev", device_.name().c_str());
    id_ = RTE_MAX_ETHPORTS;
}

}  // namespace lastack::port
