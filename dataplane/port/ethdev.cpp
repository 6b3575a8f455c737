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
    if (const auto interface = device_.argument("iface")) {
        interface_ = KernelInterface::find(*interface);
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
    const std::lock_guard lock(asking_);
    bring_up(rx_pool);
}

void Ethdev::bring_up(rte_mempool* rx_pool) {
    rx_pool_ = rx_pool;
    DpdkLog::mark();
    configure(rx_pool);
    setup_queues(rx_pool);
    apply_mtu();
    check(rte_eth_dev_start(id_), "rte_eth_dev_start", start_remedy(device_).c_str());
    running_ = true;
    apply_mac();
    for (const wire::MacAddress& mac : mac_filters_) apply_mac_filter(mac);
    if (config_.promiscuous) apply_promiscuous(true);
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
    take_down();
    const int result = rte_eth_dev_reset(id_);
    if (result != -ENOTSUP) {  // then stopping and starting is all there is
        check(result, "rte_eth_dev_reset", "it is tried again until it succeeds");
    }
    try {
        bring_up(rx_pool_);
    } catch (...) {
        take_down();
        throw;
    }
    resets_.fetch_add(1, std::memory_order_relaxed);
}

void Ethdev::stop() {
    const std::lock_guard lock(asking_);
    watch(false);
    take_down();
}

// The device is watched on: it may be pulled out while it is reset.
void Ethdev::take_down() {
    if (!running_) return;
    rte_eth_dev_stop(id_);
    running_ = false;
}

void Ethdev::close() {
    if (id_ == RTE_MAX_ETHPORTS) return;
    const std::lock_guard lock(asking_);
    put_back();
    watch(false);
    take_down();
    rte_eth_dev_close(id_);
    if (created_) rte_eal_hotplug_remove("vdev", device_.name().c_str());
    if (interface_) interface_->put_back();  // a program of XDP would have limited its MTU
    id_ = RTE_MAX_ETHPORTS;
}

}  // namespace lastack::port
