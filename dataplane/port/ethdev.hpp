// One Ethernet port: created or found, configured with one receive and one transmit queue, started,
// watched, and closed.
//
//     Ethdev port(config);      the device exists and its capabilities are known
//     port.start(rx_pool);      configured, MTU and MAC set, running
//     ... rx_burst, tx_burst    the worker's thread
//     port.take_events()        what the device's interrupt thread has reported, once per turn
//
// A device that asks to be reset, or that is pulled out, says so on DPDK's interrupt thread; that
// only sets a flag, and the worker acts between two bursts. on_event() is that handler, and a test
// may call it. Counters, link and modes of the device may be asked for from control threads, while
// the worker stops, resets and starts it: every public call that asks the device anything is under
// one lock, but for the bursts.
//
// An interface of the kernel's that was there before (af_packet, af_xdp, a persistent tap) gets its
// MTU and its promiscuous mode back when the port is closed.
#pragma once

#include <rte_ethdev.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "port/capabilities.hpp"
#include "port/device_string.hpp"
#include "port/kernel_interface.hpp"
#include "wire/address.hpp"

namespace lastack::port {

struct EthdevConfig {
    std::string device;
    std::uint8_t number = 0;              // which of our ports it is
    std::optional<wire::MacAddress> mac;  // the device's own if absent
    std::uint16_t mtu = 1500;
    bool promiscuous = false;
    bool offloads = true;
    std::uint16_t rx_descriptors = 1024;
    std::uint16_t tx_descriptors = 1024;
};

struct Link {
    bool up = false;
    std::uint32_t mbps = 0;  // 0 where the device does not know
};

struct NamedStat {
    std::string name;
    std::uint64_t value = 0;
};

/// What the device reported since it was asked last.
struct EventsTaken {
    bool link = false;
    bool reset = false;
    bool removed = false;
};

enum class PortEvent : std::uint8_t { LinkChanged = 1, ResetNeeded = 2, Removed = 4 };

class Ethdev {
  public:
    /// Creates the device, or finds it where the process has made it. Throws Error.
    explicit Ethdev(const EthdevConfig& config);
    /// Stops and closes it; mbufs in its queues go back to their pools.
    ~Ethdev();
    Ethdev(const Ethdev&) = delete;
    Ethdev& operator=(const Ethdev&) = delete;

    /// Configures and starts it. `rx_pool` must outlive the port. Throws Error.
    void start(rte_mempool* rx_pool);
    void stop();

    /// Stops, resets and starts it again, after ResetNeeded. Throws Error, and then the port does
    /// not run; it may be called again.
    void reset();

    const DeviceString& device() const { return device_; }
    std::uint16_t id() const { return id_; }
    std::uint8_t number() const { return config_.number; }
    const std::string& driver() const { return driver_; }
    const Capabilities& capabilities() const { return capabilities_; }
    bool running() const { return running_; }
    bool gone() const { return gone_.load(std::memory_order_acquire); }

    /// Our station's address on this port. On net_tap it is a neighbour of the device's own, which
    /// the kernel's end of the cable has too.
    wire::MacAddress mac() const { return mac_; }
    void set_mac(const wire::MacAddress& mac);
    /// One more address to receive frames for; false where the device has no room for it.
    bool add_mac_filter(const wire::MacAddress& mac);

    std::uint16_t mtu() const { return config_.mtu; }
    void set_mtu(std::uint16_t mtu);
    /// False where the device has no such mode.
    bool set_promiscuous(bool on);
    bool promiscuous() const;

    /// Without waiting for the device.
    Link link() const;
    /// Nor for a thread that asks the device or changes it: nothing while one does.
    std::optional<Link> link_if_free() const;
    bool reports_link_changes() const { return reports_link_; }

    rte_eth_stats stats() const;
    std::vector<NamedStat> xstats() const;

    /// Any thread; an interrupt thread of DPDK's calls it.
    void on_event(PortEvent event);
    EventsTaken take_events();
    std::uint64_t link_changes() const { return link_changes_.load(std::memory_order_relaxed); }
    std::uint64_t resets() const { return resets_.load(std::memory_order_relaxed); }

    /// Frames got and frames taken, on the worker's thread.
    std::uint16_t rx_burst(rte_mbuf** frames, std::uint16_t count) {
        return rte_eth_rx_burst(id_, 0, frames, count);
    }
    std::uint16_t tx_burst(rte_mbuf** frames, std::uint16_t count) {
        return rte_eth_tx_burst(id_, 0, frames, count);
    }

  private:
    Link ask_link() const;
    void bring_up(rte_mempool* rx_pool);
    void take_down();
    void find_or_create();
    void create_virtual();
    void read_info();
    void configure(rte_mempool* rx_pool);
    void setup_queues(rte_mempool* rx_pool);
    void apply_mtu();
    void apply_mac();
    void change_mac(const wire::MacAddress& mac);
    bool apply_mac_filter(const wire::MacAddress& mac);
    bool apply_promiscuous(bool on);
    void put_back();
    void watch(bool on);
    void close();
    std::string place() const { return "port " + device_.text(); }
    void check(int result, const char* call, const char* remedy) const;

    EthdevConfig config_;
    DeviceString device_;
    std::uint16_t id_ = RTE_MAX_ETHPORTS;
    std::string driver_;
    Capabilities capabilities_;
    rte_eth_dev_info info_{};
    wire::MacAddress mac_;
    std::optional<wire::MacAddress> mac_before_;  // what close() puts back
    std::vector<wire::MacAddress> mac_filters_;
    std::optional<KernelInterface> interface_;  // as it was before
    rte_mempool* rx_pool_ = nullptr;
    bool created_ = false;  // by us, so removed by us
    bool running_ = false;
    bool watched_ = false;
    bool reports_link_ = false;
    std::atomic<bool> gone_{false};
    std::atomic<std::uint8_t> events_{0};
    std::atomic<std::uint64_t> link_changes_{0};
    std::atomic<std::uint64_t> resets_{0};
    mutable std::mutex asking_;  // one thread asks the device, or changes it, at a time
};

}  // namespace lastack::port
