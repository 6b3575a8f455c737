// What a good file becomes: values, origins, --set, Linux's names. Mistakes: config_problems_test.
#include "control/config.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace lastack::control {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kPort = R"([[port]]
device = "net_tap0,iface=la0"
addresses = ["198.18.0.2/24"]
)";

std::string problems_of(const LoadResult& result) {
    std::string text;
    for (const Problem& problem : result.problems) text += problem.to_string() + "\n";
    return text;
}

Config loaded(const std::string& text, const std::vector<std::string>& sets = {}) {
    const LoadResult result = load(text, "t.toml", sets);
    EXPECT_EQ(problems_of(result), "");
    return result.config;
}

Config with_port(const std::string& text, const std::vector<std::string>& sets = {}) {
    return loaded(std::string(kPort) + text, sets);
}

TEST(Config, AnEmptySectionLeavesTheDefaultsOfOptions) {
    const Config config = with_port("[tcp]\n");
    EXPECT_EQ(config.options.tcp.msl, milliseconds(30'000));
    EXPECT_EQ(config.options.tcp.port_last, 60'999);
    EXPECT_EQ(config.options.limits.max_time_wait, 262'144U);
    EXPECT_EQ(config.control.socket, "/run/lastack/control.sock");
    EXPECT_TRUE(config.services.empty());
}

TEST(Config, EveryKindOfValueReachesItsField) {
    const Config config = loaded(R"(
[eal]
memory = "none"
memory_mib = 512
extra = ["--log-level=7"]
[[port]]
device = "net_tap0,iface=la0"
addresses = ["198.18.0.2/24", "198.18.1.2/16"]
mac = "02:00:00:00:00:01"
mtu = 9000
vlan = 7
offloads = false
[[port]]
device = "net_tap1,iface=la1"
addresses = "198.19.0.2/31"
[[route]]
destination = "default"
gateway = "198.18.0.1"
[[route]]
destination = "203.0.113.0/24"
gateway = "198.18.0.3"
[tcp]
msl = "500ms"
user_timeout = "5s"
nagle = false
retries2 = 8
receive_buffer = "64KiB"
send_buffer = 32768
[worker]
idle = "busy"
core = 1
[control]
socket = "/tmp/x.sock"
drain_patience = "1min"
log_level = "debug"
)");
    const Options& options = config.options;
    EXPECT_EQ(options.eal.memory, EalOptions::Memory::none);
    EXPECT_EQ(options.eal.memory_mib, 512U);
    EXPECT_EQ(options.eal.extra, std::vector<std::string>{"--log-level=7"});
    ASSERT_EQ(options.ports.size(), 2U);
    EXPECT_EQ(options.ports[0].device, "net_tap0,iface=la0");
    ASSERT_EQ(options.ports[0].addresses.size(), 2U);
    EXPECT_EQ(options.ports[0].addresses[1].address, Address::ipv4(0xc6120102));
    EXPECT_EQ(options.ports[0].addresses[1].prefix_length, 16);
    EXPECT_EQ(options.ports[0].mac, "02:00:00:00:00:01");
    EXPECT_EQ(options.ports[0].mtu, 9000);
    EXPECT_EQ(options.ports[0].vlan, 7);
    EXPECT_FALSE(options.ports[0].offloads);
    EXPECT_EQ(options.ports[1].mac, std::nullopt);
    EXPECT_EQ(options.ports[1].addresses[0].prefix_length, 31);
    ASSERT_EQ(options.routes.size(), 2U);
    EXPECT_EQ(options.routes[0].prefix_length, 0);
    EXPECT_EQ(options.routes[1].destination, Address::ipv4(0xcb007100));
    EXPECT_EQ(options.routes[1].gateway, Address::ipv4(0xc6120003));
    EXPECT_EQ(options.tcp.msl, milliseconds(500));
    EXPECT_EQ(options.tcp.user_timeout, milliseconds(5'000));
    EXPECT_FALSE(options.tcp.nagle);
    EXPECT_EQ(options.tcp.retries2, 8);
    EXPECT_EQ(options.tcp.receive_buffer, 65'536U);
    EXPECT_EQ(options.tcp.send_buffer, 32'768U);
    EXPECT_EQ(options.worker.idle, WorkerOptions::Idle::busy);
    EXPECT_EQ(options.worker.core, 1U);
    EXPECT_EQ(config.control.socket, "/tmp/x.sock");
    EXPECT_EQ(config.control.drain_patience, milliseconds(60'000));
    EXPECT_EQ(config.control.log_level, ControlOptions::LogLevel::debug);
}

TEST(Config, ServicesKeepTheOrderOfTheFileAndTheirOwnDefaults) {
    const Config config = with_port(R"(
[[service]]
kind = "echo"
[[service]]
kind = "http"
listen = "198.18.0.2:8080"
first_closer = "client"
[[service]]
kind = "discard"
[[service]]
kind = "chargen"
listen = ":1919"
[[service]]
kind = "load"
target = "198.18.0.1:80"
count = 10
path = "/bytes/100"
local_addresses = ["198.18.0.2"]
)");
    ASSERT_EQ(config.services.size(), 5U);
    EXPECT_EQ(config.services[0].kind(), "echo");
    EXPECT_EQ(config.services[0].listen()->port, 7);
    EXPECT_EQ(config.services[1].kind(), "http");
    const auto& http = std::get<service::HttpOptions>(config.services[1].options);
    EXPECT_EQ(http.listen.to_string(), "198.18.0.2:8080");
    EXPECT_EQ(http.first_closer, service::HttpOptions::FirstCloser::client);
    EXPECT_EQ(config.services[2].kind(), "discard");
    EXPECT_EQ(config.services[3].kind(), "chargen");
    EXPECT_EQ(config.services[3].listen()->port, 1919);
    EXPECT_EQ(config.services[4].kind(), "load");
    EXPECT_EQ(config.services[4].listen(), nullptr);
    const auto& load = std::get<service::LoadOptions>(config.services[4].options);
    EXPECT_EQ(load.count, 10U);
    EXPECT_EQ(load.path, "/bytes/100");
    EXPECT_EQ(load.local_addresses, std::vector<Address>{Address::ipv4(0xc6120002)});
}

TEST(Config, D_K_LinuxNamesMeanWhatTheyMeanOnLinux) {
    const Config config = with_port(R"(
[sysctl]
tcp_fin_timeout = 20
tcp_max_tw_buckets = 5000
tcp_rfc1337 = 0
tcp_orphan_retries = 0
tcp_retries1 = 4
tcp_retries2 = 9
tcp_syn_retries = 3
tcp_syn_linear_timeouts = 2
tcp_rto_min_us = 150500
tcp_rto_max_ms = 60000
tcp_max_syn_backlog = 512
tcp_synack_retries = 4
tcp_keepalive_time = 600
tcp_keepalive_intvl = 10
tcp_keepalive_probes = 5
tcp_invalid_ratelimit = 250
tcp_timestamps = 0
tcp_sack = 0
tcp_dsack = 0
tcp_window_scaling = 0
ip_local_port_range = "20000 30000"
ip_local_reserved_ports = "20080,21000-21100"
tcp_mtu_probing = 1
ip_default_ttl = 32
)");
    const TcpOptions& tcp = config.options.tcp;
    EXPECT_EQ(tcp.fin_timeout, milliseconds(20'000));
    EXPECT_EQ(tcp.msl, milliseconds(30'000)) << "C-2: never derived from tcp_fin_timeout";
    EXPECT_EQ(config.options.limits.max_time_wait, 5'000U);
    EXPECT_FALSE(tcp.rfc1337);
    EXPECT_EQ(tcp.orphan_retries, 0) << "D-17: as on Linux, 0 is not no retries";
    EXPECT_EQ(tcp.retries1, 4);
    EXPECT_EQ(tcp.retries2, 9);
    EXPECT_EQ(tcp.syn_retries, 3);
    EXPECT_EQ(tcp.syn_linear_timeouts, 2);
    EXPECT_EQ(tcp.rto_min, milliseconds(151)) << "never less than was asked for";
    EXPECT_EQ(tcp.rto_max, milliseconds(60'000));
    EXPECT_EQ(config.options.limits.max_half_open, 512U);
    EXPECT_EQ(tcp.synack_retries, 4);
    EXPECT_EQ(tcp.keep_alive_idle, milliseconds(600'000));
    EXPECT_EQ(tcp.keep_alive_interval, milliseconds(10'000));
    EXPECT_EQ(tcp.keep_alive_count, 5);
    EXPECT_EQ(tcp.invalid_rate_limit, milliseconds(250));
    EXPECT_FALSE(tcp.timestamps);
    EXPECT_FALSE(tcp.sack);
    EXPECT_FALSE(tcp.dsack);
    EXPECT_FALSE(tcp.window_scaling);
    EXPECT_EQ(tcp.port_first, 20'000);
    EXPECT_EQ(tcp.port_last, 30'000);
    EXPECT_TRUE(tcp.mtu_probing);
    EXPECT_EQ(tcp.port_reserved, (std::vector<PortSpan>{{20'080, 20'080}, {21'000, 21'100}}));
    EXPECT_EQ(config.options.ip.ttl, 32);
}

TEST(Config, S_70_D_18_TheGuardsAndTheTimesOfOpensAreOffUnlessTheyAreSet) {
    const TcpOptions none = with_port("").options.tcp;
    for (const milliseconds value :
         {none.fin_wait1_timeout, none.closing_timeout, none.last_ack_timeout,
          none.close_wait_timeout, none.syn_timeout, none.synack_timeout}) {
        EXPECT_EQ(value, milliseconds(0));
    }
    const TcpOptions tcp = with_port(R"(
[tcp]
fin_wait1_timeout = "1s"
closing_timeout = "2s"
last_ack_timeout = "3s"
close_wait_timeout = "4h"
syn_timeout = "3min"
synack_timeout = "180s"
)")
                               .options.tcp;
    EXPECT_EQ(tcp.fin_wait1_timeout, milliseconds(1'000));
    EXPECT_EQ(tcp.closing_timeout, milliseconds(2'000));
    EXPECT_EQ(tcp.last_ack_timeout, milliseconds(3'000));
    EXPECT_EQ(tcp.close_wait_timeout, std::chrono::hours(4));
    EXPECT_EQ(tcp.syn_timeout, std::chrono::minutes(3));
    EXPECT_EQ(tcp.synack_timeout, std::chrono::minutes(3));
}

TEST(Config, LinesOfSysctlConfAreReadAsTheyAre) {
    const Config config = with_port(
        "[sysctl]\nnet.ipv4.tcp_fin_timeout = 15\nnet.ipv4.ip_local_port_range = "
        "\"1024\\t2048\"\n");
    EXPECT_EQ(config.options.tcp.fin_timeout, milliseconds(15'000));
    EXPECT_EQ(config.options.tcp.port_first, 1'024);
    EXPECT_EQ(config.options.tcp.port_last, 2'048);
}

TEST(Config, SetWinsOverTheFileAndTheLastSetOverEarlierOnes) {
    const Config config =
        with_port("[tcp]\nmsl = \"10s\"\n[[service]]\nkind = \"http\"\n",
                  {"tcp.msl=1s", "tcp.msl=30s", "tcp.nagle=false", "port.0.mtu=1400",
                   "service.0.listen=:8080", "sysctl.tcp_fin_timeout=7",
                   "port.0.addresses=[\"198.18.0.9/24\"]", "eal.memory=none"});
    EXPECT_EQ(config.options.tcp.msl, milliseconds(30'000));
    EXPECT_FALSE(config.options.tcp.nagle);
    EXPECT_EQ(config.options.ports[0].mtu, 1400);
    EXPECT_EQ(config.services[0].listen()->port, 8080);
    EXPECT_EQ(config.options.tcp.fin_timeout, milliseconds(7'000));
    EXPECT_EQ(config.options.ports[0].addresses[0].address, Address::ipv4(0xc6120009));
    EXPECT_EQ(config.options.eal.memory, EalOptions::Memory::none);
}

TEST(Config, EachValueKnowsWhereItWasWritten) {
    const Config config = with_port("[tcp]\nmsl = \"10s\"\n", {"tcp.nagle=false"});
    EXPECT_EQ(config.origins.at("tcp.msl"), (Place{"t.toml", 5, 7}));
    EXPECT_EQ(config.origins.at("tcp.nagle").to_string(), "--set tcp.nagle=false");
    EXPECT_EQ(config.origins.at("port.0.device"), (Place{"t.toml", 2, 10}));
    EXPECT_FALSE(config.origins.contains("tcp.sack"));
}

TEST(Config, PrintShowsEveryKeyWithItsOrigin) {
    const std::string text = print(
        with_port("[tcp]\nmsl = \"10s\"\n[[service]]\nkind = \"http\"\n", {"tcp.nagle=false"}));
    const auto line = [&text](std::string_view start) {
        const std::size_t at = text.find("\n" + std::string(start));
        if (at == std::string::npos) return std::string("absent");
        return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    };
    EXPECT_EQ(line("msl ="), "msl = \"10s\"                                 # t.toml:5");
    EXPECT_EQ(line("nagle ="), "nagle = false                               # --set");
    EXPECT_EQ(line("sack ="), "sack = true                                 # default");
    EXPECT_EQ(line("receive_buffer ="), "receive_buffer = \"1MiB\"                     # default");
    EXPECT_EQ(line("# mac"), "# mac is not set                            # default");
    EXPECT_EQ(line("addresses"), "addresses = [\"198.18.0.2/24\"]               # t.toml:3");
    EXPECT_EQ(line("kind"), "kind = \"http\"");
    EXPECT_EQ(line("listen"), "listen = \"0.0.0.0:80\"                       # default");
}

TEST(Config, WhatIsPrintedReadsBackAsTheSameConfiguration) {
    const std::string text = R"(
[eal]
allow = ["0000:00:05.0"]
extra = ["--a=\"b\\c\"", "tab	x"]
[[port]]
device = "net_pcap0,rx_pcap=in,tx_pcap=out"
addresses = ["198.18.0.2/24"]
vlan = 5
[[route]]
destination = "default"
gateway = "198.18.0.1"
[debug]
replay = true
[[service]]
kind = "echo"
[[service]]
kind = "http"
[[service]]
kind = "load"
target = "198.18.0.1:80"
duration = "10s"
rate = 1000
)";
    const std::string once = print(loaded(text));
    const Config again = loaded(once);
    EXPECT_EQ(again.options.eal.extra, (std::vector<std::string>{"--a=\"b\\c\"", "tab\tx"}));
    EXPECT_EQ(again.services.size(), 3U);
    EXPECT_TRUE(again.options.debug.replay);
    const auto without_origins = [](std::string printed) {
        std::string out;
        for (std::size_t at = 0; at < printed.size();) {
            const std::size_t end = printed.find('\n', at);
            const std::string line = printed.substr(at, end - at);
            out += line.substr(0, line.rfind("  # ")) + "\n";
            at = end + 1;
        }
        return out;
    };
    EXPECT_EQ(without_origins(print(again)), without_origins(once));
}

TEST(Config, AFileIsReadByItsPath) {
    const std::string path = testing::TempDir() + "lastack_config_test.toml";
    std::ofstream(path) << kPort;
    const LoadResult result = load_file(path, {});
    EXPECT_EQ(problems_of(result), "");
    EXPECT_EQ(result.config.options.ports.size(), 1U);
    std::remove(path.c_str());
    EXPECT_EQ(problems_of(load_file(path, {})),
              path + ": cannot read this file: No such file or directory\n");
}

TEST(Config, ADirectoryIsNoFile) {
    const LoadResult result = load_file(testing::TempDir(), {});
    EXPECT_EQ(problems_of(result),
              testing::TempDir() + ": cannot read this file: Is a directory\n");
}

}  // namespace
}  // namespace lastack::control
