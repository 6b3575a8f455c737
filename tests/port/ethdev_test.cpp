#include "port/ethdev.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "port/error.hpp"
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
