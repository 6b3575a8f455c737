#include "port/device_string.hpp"

#include <gtest/gtest.h>

namespace lastack::port {
namespace {

TEST(DeviceString, SeparatesNameDriverAndArguments) {
    const DeviceString device("net_tap0,iface=la0,queues=2");
    EXPECT_EQ(device.name(), "net_tap0");
    EXPECT_EQ(device.driver(), "net_tap");
    EXPECT_EQ(device.arguments(), "iface=la0,queues=2");
    EXPECT_EQ(device.argument("iface"), "la0");
    EXPECT_EQ(device.argument("queues"), "2");
    EXPECT_EQ(device.argument("mac"), std::nullopt);
    EXPECT_FALSE(device.is_pci());
}

TEST(DeviceString, AnArgumentWithoutValueIsEmptyNotAbsent) {
    const DeviceString device("net_memif0,zero-copy,id=1");
    EXPECT_EQ(device.argument("zero-copy"), "");
    EXPECT_EQ(device.argument("id"), "1");
}

TEST(DeviceString, AnArgumentIsNotFoundInsideAnother) {
    EXPECT_EQ(DeviceString("net_pcap0,rx_pcap=in").argument("pcap"), std::nullopt);
}

TEST(DeviceString, ADeviceWithoutArgumentsHasNone) {
    const DeviceString device("net_null0");
    EXPECT_EQ(device.arguments(), "");
    EXPECT_EQ(device.argument("iface"), std::nullopt);
}

TEST(DeviceString, KnowsPciAddresses) {
    EXPECT_TRUE(DeviceString("0000:00:05.0").is_pci());
    EXPECT_TRUE(DeviceString("00:05.0").is_pci());
    EXPECT_TRUE(DeviceString("0000:3b:00.1").is_pci());
    EXPECT_FALSE(DeviceString("net_tap0").is_pci());
    EXPECT_FALSE(DeviceString("5.0").is_pci());
    EXPECT_FALSE(DeviceString("zz:05.0").is_pci());
    EXPECT_FALSE(DeviceString("").is_pci());
}

}  // namespace
}  // namespace lastack::port
