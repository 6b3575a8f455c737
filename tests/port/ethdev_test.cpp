#include "port/ethdev.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "port/error.hpp"
#include "tests/port/device_faults.hpp"
#include "tests/port/ring_port.hpp"

namespace lastack::port {
namespace {

class EthdevTest : public testing::Test {
  protected:
    EthdevTest() { eal_of_tests(); }
    static std::string complaint_about(const EthdevConfig& config) {
        try {
            const Ethdev port(config);
        } catch (const Error& error) {
            return error.what();
        }
        return "nothing";
    }
    Pools pools_{(eal_of_tests(), small_pools()), 0, 0};
};

TEST_F(EthdevTest, AVirtualDeviceIsCreatedAndGoneAfterwards) {
    EthdevConfig config;
    config.device = "net_null0";
    std::uint16_t id = 0;
    {
        Ethdev port(config);
        port.start(pools_[PoolName::Rx]);
        EXPECT_TRUE(port.running());
        EXPECT_EQ(port.driver(), "net_null");
        EXPECT_EQ(rte_eth_dev_get_port_by_name("net_null0", &id), 0);
    }
    EXPECT_NE(rte_eth_dev_get_port_by_name("net_null0", &id), 0);
    EXPECT_EQ(pools_.in_use(), 0U) << "a closed port has given back its mbufs";
}

TEST_F(EthdevTest, APortThatTheProcessMadeIsFoundByItsName) {
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    config.number = 3;
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    EXPECT_EQ(port.mac(), (wire::MacAddress{{0x02, 'l', 'a', 0, 0, 3}}))
        << "a ring has no address of its own";
    EXPECT_TRUE(port.link().up);
}

TEST_F(EthdevTest, AGivenMacIsOurStations) {
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    config.mac = wire::MacAddress{{2, 0, 0, 0, 0, 9}};
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    EXPECT_EQ(port.mac(), *config.mac);
}

TEST_F(EthdevTest, AnUnknownDriverIsRefusedWithItsNameAndARemedy) {
    const std::string text = complaint_about({.device = "net_nonesuch0", .mac = {}});
    EXPECT_NE(text.find("port net_nonesuch0: cannot create the device"), std::string::npos) << text;
    EXPECT_NE(text.find("check the name"), std::string::npos) << text;
}

TEST_F(EthdevTest, APciDeviceThatIsNotThereIsRefusedWithARemedy) {
    const std::string text = complaint_about({.device = "0000:ff:1f.7", .mac = {}});
    EXPECT_NE(text.find("port 0000:ff:1f.7"), std::string::npos) << text;
    EXPECT_NE(text.find("vfio-pci"), std::string::npos) << text;
}

TEST_F(EthdevTest, AnMtuBeyondTheDevicesIsRefused) {
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    config.mtu = 30;
    const std::string text = complaint_about(config);
    EXPECT_NE(text.find("mtu 30"), std::string::npos) << text;
}

TEST_F(EthdevTest, EventsAreTakenOnce) {
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    EXPECT_FALSE(port.take_events().link);

    port.on_event(PortEvent::LinkChanged);
    port.on_event(PortEvent::ResetNeeded);
    const EventsTaken events = port.take_events();
    EXPECT_TRUE(events.link);
    EXPECT_TRUE(events.reset);
    EXPECT_FALSE(events.removed);
    EXPECT_FALSE(port.take_events().link);
    EXPECT_EQ(port.link_changes(), 1U);
}

TEST_F(EthdevTest, ADeviceThatWasPulledOutIsGoneAndItsLinkDown) {
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    port.on_event(PortEvent::Removed);
    EXPECT_TRUE(port.gone());
    EXPECT_TRUE(port.take_events().removed);
    EXPECT_FALSE(port.link().up);
    EXPECT_EQ(port.stats().ipackets, 0U);
}

TEST_F(EthdevTest, AResetStartsThePortAgainAndItStillReceives) {
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    port.reset();
    EXPECT_TRUE(port.running());
    EXPECT_EQ(port.resets(), 1U);

    ring.arrive(mbuf_with(pools_[PoolName::Rx], "frame"));
    rte_mbuf* frame = nullptr;
    ASSERT_EQ(port.rx_burst(&frame, 1), 1);
    EXPECT_EQ(text_of(frame), "frame");
    rte_pktmbuf_free(frame);
}

bool filtered_for(const wire::MacAddress& mac) {
    const auto& filters = device_faults().filters;
    return std::find(filters.begin(), filters.end(), mac) != filters.end();
}

TEST_F(EthdevTest, MacFiltersOutliveAReset) {
    const wire::MacAddress mac{{2, 0, 0, 0, 0, 0x77}};
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    EXPECT_FALSE(filtered_for(mac));
    EXPECT_TRUE(port.add_mac_filter(mac));
    EXPECT_TRUE(filtered_for(mac));

    device_faults().reset_forgets = true;
    port.reset();
    device_faults().reset_forgets = false;
    EXPECT_TRUE(filtered_for(mac));
}

TEST_F(EthdevTest, AMacFilterThatTheDeviceRefusesIsNone) {
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    EXPECT_FALSE(port.add_mac_filter(wire::MacAddress{})) << "all zeros is no address";
}

TEST_F(EthdevTest, PromiscuousModeAndMtuOutliveAReset) {
    EthdevConfig config;
    config.device = "net_null0";
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    port.set_mtu(1'400);
    port.reset();
    EXPECT_EQ(port.mtu(), 1'400);
    std::uint16_t mtu = 0;
    EXPECT_EQ(rte_eth_dev_get_mtu(port.id(), &mtu), 0);
    EXPECT_EQ(mtu, 1'400);

    RingPort ring;
    EthdevConfig other;
    other.device = ring.device();
    Ethdev ring_port(other);
    ring_port.start(pools_[PoolName::Rx]);
    ASSERT_TRUE(ring_port.set_promiscuous(true));
    device_faults().reset_forgets = true;
    ring_port.reset();
    device_faults().reset_forgets = false;
    EXPECT_TRUE(ring_port.promiscuous());
    EXPECT_TRUE(ring_port.set_promiscuous(false));
    EXPECT_FALSE(ring_port.promiscuous());
}

TEST_F(EthdevTest, AnMtuThatTheDeviceRefusesLeavesTheOldOne) {
    EthdevConfig config;
    config.device = "net_null0";
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    EXPECT_THROW(port.set_mtu(10), Error);
    EXPECT_EQ(port.mtu(), 1'500);
}

TEST_F(EthdevTest, AResetThatFailsLeavesThePortDownAndMayBeTriedAgain) {
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    device_faults().starts_that_fail = 1;
    EXPECT_THROW(port.reset(), Error);
    EXPECT_FALSE(port.running());
    EXPECT_FALSE(port.link().up);
    EXPECT_EQ(port.resets(), 0U);
    port.reset();
    EXPECT_TRUE(port.running());
    EXPECT_TRUE(port.link().up);
    EXPECT_EQ(port.resets(), 1U);
}

TEST_F(EthdevTest, ItMayBeAskedWhileItIsReset) {
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    ASSERT_TRUE(port.set_promiscuous(true));
    std::atomic<bool> over{false};
    std::atomic<int> wrong{0};
    std::thread asking([&] {
        while (!over.load()) {
            if (!port.link().up || !port.promiscuous()) wrong.fetch_add(1);
        }
    });
    for (int i = 0; i < 2'000; ++i) port.reset();
    over = true;
    asking.join();
    EXPECT_EQ(wrong.load(), 0) << "what is half way through a reset was seen";
}

TEST_F(EthdevTest, TheWorkerDoesNotWaitForTheLinkWhileControlReadsStatistics) {
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    device_faults().xstats_asked = false;
    device_faults().xstats_wait = true;
    std::thread control([&] { port.xstats(); });
    while (!device_faults().xstats_asked.load()) std::this_thread::yield();
    EXPECT_FALSE(port.link_if_free().has_value());
    device_faults().xstats_wait = false;
    control.join();
    const std::optional<Link> link = port.link_if_free();
    ASSERT_TRUE(link.has_value());
    EXPECT_TRUE(link->up);
}

TEST_F(EthdevTest, StatisticsCountWhatWentThrough) {
    RingPort ring;
    EthdevConfig config;
    config.device = ring.device();
    Ethdev port(config);
    port.start(pools_[PoolName::Rx]);
    rte_mbuf* frame = mbuf_with(pools_[PoolName::Rx], "frame");
    ASSERT_EQ(port.tx_burst(&frame, 1), 1);
    EXPECT_EQ(port.stats().opackets, 1U);
    const std::vector<NamedStat> xstats = port.xstats();
    const auto sent = std::find_if(xstats.begin(), xstats.end(), [](const NamedStat& stat) {
        return stat.name == "tx_good_packets";
    });
    ASSERT_NE(sent, xstats.end());
    EXPECT_EQ(sent->value, 1U);
}

}  // namespace
}  // namespace lastack::port
