#include "worker/options_check.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "lastack/profile.hpp"
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

TEST(OptionsCheck, M_7_SoDoTheOptionsOfEachProfile) {
    for (const Profile profile : {Profile::lastack, Profile::linux_kernel, Profile::rfc}) {
        EXPECT_EQ(complaint([profile](Options& o) { o.tcp = tcp_options(profile); }), "");
    }
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
                "net_tap0,iface=la0) is no net_pcap device"},
        Mistake{"ReplayOfALiveInterface",
                [](Options& o) {
                    o.debug.replay = true;
                    o.ports[0].device = "net_pcap0,rx_pcap=in.pcap,tx_iface=lo";
                },
                "debug.replay", "opens a live interface with tx_iface="},
        Mistake{"FilePrefixThatIsAPath", [](Options& o) { o.eal.file_prefix = "a/b"; },
                "eal.file_prefix", "\"a/b\""},
        Mistake{"FilePrefixThatLeadsUp", [](Options& o) { o.eal.file_prefix = ".."; },
                "eal.file_prefix", "\"..\""},
        Mistake{"EalHelp",
                [](Options& o) {
                    o.eal.extra = {"--no-telemetry", "-h"};
                },
                "eal.extra", "-h asks for help"}),
    [](const testing::TestParamInfo<Mistake>& mistake) { return std::string(mistake.param.name); });

constexpr std::chrono::milliseconds kMs{1};
constexpr std::chrono::milliseconds kDay = std::chrono::hours(24);

INSTANTIATE_TEST_SUITE_P(
    Tcp, OptionsMistakes,
    testing::Values(
        Mistake{"MslZero", [](Options& o) { o.tcp.msl = 0 * kMs; }, "tcp.msl", "0 ms"},
        Mistake{"MslTooLong", [](Options& o) { o.tcp.msl = 12 * kDay + kMs; }, "tcp.msl",
                "1036800001 ms"},
        Mistake{"RtoMinZero", [](Options& o) { o.tcp.rto_min = 0 * kMs; }, "tcp.rto_min", "0 ms"},
        Mistake{"RtoMinAboveInitial", [](Options& o) { o.tcp.rto_min = 1'001 * kMs; },
                "tcp.rto_min", "above tcp.rto_initial (1000 ms)"},
        Mistake{"RtoInitialAboveMax", [](Options& o) { o.tcp.rto_max = 999 * kMs; },
                "tcp.rto_initial", "above tcp.rto_max (999 ms)"},
        Mistake{"RtoMaxTooLong", [](Options& o) { o.tcp.rto_max = kDay + kMs; }, "tcp.rto_max",
                "86400001 ms"},
        Mistake{"RetriesBeyondTheClock",
                [](Options& o) {
                    o.tcp.rto_max = kDay;
                    o.tcp.retries2 = 24;
                },
                "tcp.retries2", "more than 24 days"},
        Mistake{"Retries1BeyondTheClock",
                [](Options& o) {
                    o.tcp.rto_max = kDay;
                    o.tcp.retries1 = 24;
                },
                "tcp.retries1", "more than 24 days"},
        Mistake{"OrphanRetriesBeyondTheClock",
                [](Options& o) {
                    o.tcp.rto_max = kDay;
                    o.tcp.orphan_retries = 24;
                },
                "tcp.orphan_retries", "more than 24 days"},
        Mistake{"FinTimeout", [](Options& o) { o.tcp.fin_timeout = -kMs; }, "tcp.fin_timeout",
                "-1 ms"},
        Mistake{"FinWait1Timeout", [](Options& o) { o.tcp.fin_wait1_timeout = -kMs; },
                "tcp.fin_wait1_timeout", "-1 ms"},
        Mistake{"ClosingTimeout", [](Options& o) { o.tcp.closing_timeout = -kMs; },
                "tcp.closing_timeout", "-1 ms"},
        Mistake{"LastAckTimeout", [](Options& o) { o.tcp.last_ack_timeout = -kMs; },
                "tcp.last_ack_timeout", "-1 ms"},
        Mistake{"CloseWaitTimeout", [](Options& o) { o.tcp.close_wait_timeout = 24 * kDay + kMs; },
                "tcp.close_wait_timeout", "2073600001 ms"},
        Mistake{"SynTimeout", [](Options& o) { o.tcp.syn_timeout = 3'600'001 * kMs; },
                "tcp.syn_timeout", "3600001 ms"},
        Mistake{"SynAckTimeout", [](Options& o) { o.tcp.synack_timeout = 3'600'001 * kMs; },
                "tcp.synack_timeout", "3600001 ms"},
        Mistake{"UserTimeout", [](Options& o) { o.tcp.user_timeout = -kMs; }, "tcp.user_timeout",
                "-1 ms"},
        Mistake{"DelayedAck", [](Options& o) { o.tcp.delayed_ack = 500 * kMs; }, "tcp.delayed_ack",
                "500 ms"},
        Mistake{"PersistMax", [](Options& o) { o.tcp.persist_max = 24 * kDay + kMs; },
                "tcp.persist_max", "2073600001 ms"},
        Mistake{"KeepAliveIdle", [](Options& o) { o.tcp.keep_alive_idle = 0 * kMs; },
                "tcp.keep_alive_idle", "0 ms"},
        Mistake{"KeepAliveInterval", [](Options& o) { o.tcp.keep_alive_interval = 0 * kMs; },
                "tcp.keep_alive_interval", "0 ms"},
        Mistake{"KeepAliveCount", [](Options& o) { o.tcp.keep_alive_count = 0; },
                "tcp.keep_alive_count", "0"},
        Mistake{"MaxTimeWait", [](Options& o) { o.limits.max_time_wait = (1U << 28) + 1; },
                "limits.max_time_wait", "268435457"},
        Mistake{"TwReuseDelay", [](Options& o) { o.tcp.tw_reuse_delay = 60'001 * kMs; },
                "tcp.tw_reuse_delay", "60001 ms"},
        Mistake{"InvalidRateLimit", [](Options& o) { o.tcp.invalid_rate_limit = -kMs; },
                "tcp.invalid_rate_limit", "-1 ms"},
        Mistake{"ReceiveBuffer", [](Options& o) { o.tcp.receive_buffer = 2'047; },
                "tcp.receive_buffer", "2047"},
        Mistake{"SendBuffer", [](Options& o) { o.tcp.send_buffer = 1'073'725'441; },
                "tcp.send_buffer", "1073725441"}),
    [](const testing::TestParamInfo<Mistake>& mistake) { return std::string(mistake.param.name); });

TEST(OptionsCheck, TheEndsOfTheRangesPass) {
    EXPECT_EQ(complaint([](Options& o) {
                  o.eal.file_prefix = "";
                  o.tcp.msl = 12 * kDay;
                  o.tcp.rto_min = o.tcp.rto_initial = kMs;
                  o.tcp.rto_max = kDay;
                  o.tcp.retries2 = o.tcp.orphan_retries = 23;
                  o.tcp.delayed_ack = 499 * kMs;
                  o.tcp.persist_max = 24 * kDay;
                  o.tcp.receive_buffer = 2'048;
                  o.tcp.send_buffer = 1'073'725'440;
              }),
              "");
    EXPECT_EQ(complaint([](Options& o) {
                  o.tcp.rto_min = o.tcp.rto_initial = o.tcp.rto_max = kMs;
                  o.tcp.user_timeout = o.tcp.delayed_ack = o.tcp.invalid_rate_limit = 0 * kMs;
              }),
              "");
}

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
