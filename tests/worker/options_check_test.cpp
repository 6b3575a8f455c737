#include "worker/options_check.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "lastack/runtime.hpp"

namespace lastack::worker {
namespace {

Options good() {
    Options options;
    options.ports.push_back(
        {.device = "net_tap0,iface=la0", .addresses = {{.address = Address::ipv4(0xc6120001)}}});
    return options;
}

std::string complaint(const std::function<void(Options&)>& change) {
    Options options = good();
    change(options);
    try {
        check_options(options);
    } catch (const StartError& error) {
        return error.what();
    }
    return "";
}

TEST(OptionsCheck, ACompleteConfigurationPasses) {
    EXPECT_EQ(complaint([](Options&) {}), "");
}

struct Mistake {
    const char* name;
    std::function<void(Options&)> make;
    const char* place;
    const char* words;
};

class OptionsMistakes : public testing::TestWithParam<Mistake> {};

TEST_P(OptionsMistakes, IsRefusedWithItsPlace) {
    const std::string text = complaint(GetParam().make);
    EXPECT_EQ(text.find(std::string(GetParam().place) + ":"), 0U) << text;
    EXPECT_NE(text.find(GetParam().words), std::string::npos) << text;
    EXPECT_NE(text.find("; "), std::string::npos) << "a remedy follows: " << text;
}

INSTANTIATE_TEST_SUITE_P(
    OptionsCheck, OptionsMistakes,
    testing::Values(
        Mistake{"NoPort", [](Options& o) { o.ports.clear(); }, "ports", "none"},
        Mistake{"TooManyPorts",
                [](Options& o) {
                    for (std::uint32_t i = 1; i < 9; ++i) {
                        o.ports.push_back(
                            {.device = "net_null" + std::to_string(i),
                             .addresses = {{.address = Address::ipv4(0xc6120001 + i)}}});
                    }
                },
                "ports", "9 of them"},
        Mistake{"NoDevice", [](Options& o) { o.ports[0].device.clear(); }, "ports[0].device",
                "none"},
        Mistake{"DeviceTwice",
                [](Options& o) {
                    o.ports.push_back(o.ports[0]);
                    o.ports[1].device = "net_tap0,iface=la1";
                    o.ports[1].addresses[0].address = Address::ipv4(0xc6120002);
                },
                "ports[1].device", "net_tap0"},
        Mistake{"NoAddress", [](Options& o) { o.ports[0].addresses.clear(); }, "ports[0].addresses",
                "none"},
        Mistake{
            "Ipv6Address",
            [](Options& o) { o.ports[0].addresses[0].address = *Address::parse("2001:db8::1"); },
            "ports[0].addresses[0]", "IPv6 is not built yet"},
        Mistake{"Broadcast",
                [](Options& o) { o.ports[0].addresses[0].address = Address::ipv4(0xc61200ff); },
                "ports[0].addresses[0]", "no host's address"},
        Mistake{"AddressTwice",
                [](Options& o) { o.ports[0].addresses.push_back(o.ports[0].addresses[0]); },
                "ports[0].addresses", "twice"},
        Mistake{"PrefixTooLong", [](Options& o) { o.ports[0].addresses[0].prefix_length = 33; },
                "ports[0].addresses[0]", "33"},
        Mistake{"SmallMtu", [](Options& o) { o.ports[0].mtu = 100; }, "ports[0].mtu", "100"},
        Mistake{"Vlan", [](Options& o) { o.ports[0].vlan = 4095; }, "ports[0].vlan", "4095"},
        Mistake{"Mac", [](Options& o) { o.ports[0].mac = "2:0:0:0:0:1"; }, "ports[0].mac",
                "02:00:00:00:00:01"},
        Mistake{"MulticastMac", [](Options& o) { o.ports[0].mac = "01:00:5e:00:00:01"; },
                "ports[0].mac", "no station"},
        Mistake{"Descriptors", [](Options& o) { o.ports[0].rx_descriptors = 0; },
                "ports[0].descriptors", "0"},
        Mistake{"Gateway",
                [](Options& o) {
                    o.routes.push_back({.destination = Address::ipv4(0),
                                        .prefix_length = 0,
                                        .gateway = Address::ipv4(0x0a000001)});
                },
                "routes[0].gateway", "10.0.0.1"},
        Mistake{"Mbufs", [](Options& o) { o.limits.mbufs = 1'000; }, "limits.mbufs",
                "more than 1088"},
        Mistake{"Burst", [](Options& o) { o.worker.burst = 257; }, "worker.burst", "257"},
        Mistake{"PortRange", [](Options& o) { o.tcp.port_first = 61'000; }, "tcp.port_first",
                "empty"},
        Mistake{"Replay", [](Options& o) { o.debug.replay = true; }, "debug.replay",
                "net_tap0,iface=la0"}),
    [](const testing::TestParamInfo<Mistake>& mistake) { return std::string(mistake.param.name); });

TEST(ParseMac, TakesSixHexOctetsAndNothingElse) {
    EXPECT_EQ(parse_mac("02:0a:FF:00:00:01"), (wire::MacAddress{{2, 0x0a, 0xff, 0, 0, 1}}));
    EXPECT_FALSE(parse_mac(""));
    EXPECT_FALSE(parse_mac("02:00:00:00:00"));
    EXPECT_FALSE(parse_mac("02-00-00-00-00-01"));
    EXPECT_FALSE(parse_mac("02:00:00:00:00:0g"));
    EXPECT_FALSE(parse_mac("02:00:00:00:00:01 "));
}

}  // namespace
}  // namespace lastack::worker
