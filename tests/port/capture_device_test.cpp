#include "port/capture_device.hpp"

#include <gtest/gtest.h>

namespace lastack::port {
namespace {

TEST(CaptureDevice, AFileIsOne) {
    EXPECT_EQ(why_not_a_capture(DeviceString("net_pcap0,rx_pcap=in.pcap")), std::nullopt);
    EXPECT_EQ(why_not_a_capture(DeviceString("net_pcap1,tx_pcap=out,rx_pcap=in")), std::nullopt);
}

TEST(CaptureDevice, ALiveInterfaceIsNone) {
    for (const std::string argument : {"iface", "rx_iface", "rx_iface_in", "tx_iface"}) {
        for (const std::string& device :
             {"net_pcap0," + argument + "=lo", "net_pcap0," + argument + "=lo,rx_pcap=in.pcap",
              "net_pcap0,rx_pcap=in.pcap," + argument + "=lo"}) {
            EXPECT_EQ(why_not_a_capture(DeviceString(device)),
                      "opens a live interface with " + argument + "=")
                << device;
        }
    }
}

TEST(CaptureDevice, WithoutAFileToReadThereIsNothingToReplay) {
    for (const char* const device : {"net_pcap0", "net_pcap0,tx_pcap=out.pcap"}) {
        EXPECT_EQ(why_not_a_capture(DeviceString(device)), "has no rx_pcap=FILE to replay");
    }
}

TEST(CaptureDevice, AnotherDriverIsNone) {
    for (const char* const device : {"net_tap0,rx_pcap=in", "net_pcapx0,rx_pcap=in", ""}) {
        EXPECT_EQ(why_not_a_capture(DeviceString(device)), "is no net_pcap device") << device;
    }
}

}  // namespace
}  // namespace lastack::port
