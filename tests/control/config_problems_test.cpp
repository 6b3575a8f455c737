// Every kind of mistake in a configuration: the exact message, at the exact place.
#include <gtest/gtest.h>

#include "control/config.hpp"
#include "lastack/runtime.hpp"
#include "worker/options_check.hpp"

namespace lastack::control {
namespace {

struct Case {
    std::string text;
    std::string expected;  ///< All problems, a line each.
};

std::string problems(const std::string& text, const std::vector<std::string>& sets = {}) {
    std::string out;
    for (const Problem& problem : load(text, "t.toml", sets).problems) {
        out += problem.to_string() + "\n";
    }
    return out;
}

/// The file begins with a good port, so that line 4 is the first of `text`.
constexpr std::string_view kPort = R"([[port]]
device = "net_tap0,iface=la0"
addresses = ["198.18.0.2/24"]
)";

std::string problems_after_port(const std::string& text,
                                const std::vector<std::string>& sets = {}) {
    return problems(std::string(kPort) + text, sets);
}

TEST(ConfigProblems, TextThatIsNotTomlIsAnErrorAtItsPlace) {
    const std::string found = problems("[tcp]\nmsl = = 3\n");
    EXPECT_TRUE(found.starts_with("t.toml:2:7: not TOML: ")) << found;
    const std::string twice = problems("[tcp]\nmsl = \"1s\"\nmsl = \"2s\"\n");
    EXPECT_TRUE(twice.starts_with("t.toml:3:7: not TOML: ")) << twice;
}

TEST(ConfigProblems, AnUnknownNameGetsTheNearestKnownOne) {
    EXPECT_EQ(problems_after_port("[tcp]\nmls = \"30s\"\n"),
              "t.toml:5:1: unknown key tcp.mls; did you mean tcp.msl?\n");
    EXPECT_EQ(problems_after_port("[tcp]\nmax_time_wait = 5\n"),
              "t.toml:5:1: unknown key tcp.max_time_wait; did you mean limits.max_time_wait?\n");
    EXPECT_EQ(problems_after_port("[tcp]\n  flux_capacitor_voltage = 5\n"),
              "t.toml:5:3: unknown key tcp.flux_capacitor_voltage\n");
    EXPECT_EQ(problems_after_port("[tpc]\n"),
              "t.toml:4:2: unknown section tpc; did you mean tcp?\n");
    EXPECT_EQ(problems("msl = \"30s\"\n" + std::string(kPort)),
              "t.toml:1:1: unknown key msl; did you mean tcp.msl?\n");
    EXPECT_EQ(problems_after_port("[sysctl]\ntcp_fin_time = 3\n"),
              "t.toml:5:1: unknown key sysctl.tcp_fin_time; "
              "did you mean sysctl.tcp_fin_timeout?\n");
    EXPECT_EQ(problems_after_port("[[service]]\nkind = \"echo\"\nlisen = \":7\"\n"),
              "t.toml:6:1: unknown key service.lisen of a service of kind \"echo\"; "
              "did you mean service.listen?\n");
}

TEST(ConfigProblems, AWrongTypeSaysWhatWasExpectedAndWhatWasFound) {
    const std::string duration =
        "expected a duration from 1ms to 1d, such as \"30s\" or \"500ms\", found ";
    EXPECT_EQ(problems_after_port("[tcp]\nmsl = 30\n"),
              "t.toml:5:7: tcp.msl: " + duration + "30\n");
    EXPECT_EQ(problems_after_port("[tcp]\nmsl = \"30\"\n"),
              "t.toml:5:7: tcp.msl: " + duration + "\"30\"\n");
    EXPECT_EQ(problems_after_port("[tcp]\nmsl = 1.5\n"),
              "t.toml:5:7: tcp.msl: " + duration + "a number with a fraction\n");
    EXPECT_EQ(problems_after_port("[tcp]\nnagle = 1\n"),
              "t.toml:5:9: tcp.nagle: expected true or false, found 1\n");
    EXPECT_EQ(problems_after_port("[tcp]\nretries2 = \"15\"\n"),
              "t.toml:5:12: tcp.retries2: expected an integer from 0 to 255, found \"15\"\n");
    EXPECT_EQ(problems_after_port("[worker]\nidle = \"sleepy\"\n"),
              "t.toml:5:8: worker.idle: expected \"busy\" or \"adaptive\", found \"sleepy\"\n");
    EXPECT_EQ(
        problems_after_port("[eal]\nmemory = true\n"),
        "t.toml:5:10: eal.memory: expected \"huge\", \"huge_files\" or \"none\", found true\n");
    EXPECT_EQ(problems_after_port("[eal]\nallow = [1, 2]\n"),
              "t.toml:5:9: eal.allow: expected a list of PCI addresses such as \"0000:00:05.0\", "
              "found a list or date of another kind\n");
    EXPECT_EQ(problems_after_port("[control]\nsocket = {}\n"),
              "t.toml:5:10: control.socket: expected a path of at most 107 characters, "
              "found a table\n");
    EXPECT_EQ(problems("tcp = 5\n" + std::string(kPort)),
              "t.toml:1:1: tcp: expected a table [tcp], found 5\n");
    EXPECT_EQ(problems("[port]\ndevice = \"net_null0\"\n"),
              "t.toml:1:2: port: expected tables [[port]], in double brackets, found a table\n");
}

TEST(ConfigProblems, RangesAreProbedOnBothSides) {
    struct Edge {
        const char* good;
        const char* bad;
    };
    for (const Edge& edge :
         {Edge{"[tcp]\nmsl=\"1ms\"", "[tcp]\nmsl=\"0ms\""},
          Edge{"[tcp]\nmsl=\"24h\"", "[tcp]\nmsl=\"86400001ms\""},
          Edge{"[tcp]\ndelayed_ack=\"499ms\"", "[tcp]\ndelayed_ack=\"500ms\""},
          Edge{"[tcp]\nretries2=255", "[tcp]\nretries2=256"},
          Edge{"[tcp]\nretries2=0", "[tcp]\nretries2=-1"},
          Edge{"[tcp]\nsyn_timeout=\"1h\"", "[tcp]\nsyn_timeout=\"3600001ms\""},
          Edge{"[tcp]\nclose_wait_timeout=\"24d\"", "[tcp]\nclose_wait_timeout=\"25d\""},
          Edge{"[tcp]\nretries1=255", "[tcp]\nretries1=256"},
          Edge{"[sysctl]\ntcp_mtu_probing=1", "[sysctl]\ntcp_mtu_probing=2"},
          Edge{"[sysctl]\ntcp_rto_min_us=1", "[sysctl]\ntcp_rto_min_us=-1"},
          Edge{"[tcp]\nsend_buffer=2048", "[tcp]\nsend_buffer=2047"},
          Edge{"[tcp]\nsend_buffer=1073725440", "[tcp]\nsend_buffer=1073725441"},
          Edge{"[ip]\nttl=1", "[ip]\nttl=0"},
          Edge{"[ip]\nttl=255", "[ip]\nttl=256"},
          Edge{"[tcp]\nport_first=1", "[tcp]\nport_first=0"},
          Edge{"[tcp]\nport_last=65535", "[tcp]\nport_last=65536"},
          Edge{"[tcp]\nport_probes=1", "[tcp]\nport_probes=0"},
          Edge{"[tcp]\nport_reserved=\"65535\"", "[tcp]\nport_reserved=\"65536\""},
          Edge{"[tcp]\nport_reserved=[\"1-2\"]", "[tcp]\nport_reserved=[\"2-1\"]"},
          Edge{"[sysctl]\nip_local_reserved_ports=\"1,3-4\"",
               "[sysctl]\nip_local_reserved_ports=\"1,,3\""},
          Edge{"[sysctl]\nip_local_reserved_ports=\"\"", "[sysctl]\nip_local_reserved_ports=\"0\""},
          Edge{"[tcp]\nport_reserved=\"32768-60998\"",
               "[tcp]\nport_reserved=[\"32768-50000\", \"50001-60999\"]"},
          Edge{"[tcp]\nquiet_time=\"24h\"", "[tcp]\nquiet_time=\"86400001ms\""},
          Edge{"[sysctl]\ntcp_fin_timeout=86400", "[sysctl]\ntcp_fin_timeout=86401"},
          Edge{"[worker]\nburst=256", "[worker]\nburst=257"},
          Edge{"[sysctl]\ntcp_sack=1", "[sysctl]\ntcp_sack=2"}}) {
        EXPECT_EQ(problems_after_port(edge.good), "") << edge.good;
        EXPECT_NE(problems_after_port(edge.bad), "") << edge.bad;
    }
}

TEST(ConfigProblems, LinuxNamesSayWhatLinuxExpects) {
    EXPECT_EQ(problems_after_port("[sysctl]\ntcp_fin_timeout = \"60s\"\n"),
              "t.toml:5:19: sysctl.tcp_fin_timeout: expected a number of seconds, "
              "found \"60s\"\n");
    EXPECT_EQ(problems_after_port("[sysctl]\ntcp_keepalive_probes = 200\n"),
              "t.toml:5:24: sysctl.tcp_keepalive_probes: expected a number; "
              "tcp.keep_alive_count is an integer from 1 to 127, found 200\n");
    EXPECT_EQ(problems_after_port("[sysctl]\ntcp_rfc1337 = true\n"),
              "t.toml:5:15: sysctl.tcp_rfc1337: expected 0 or 1, found true\n");
    EXPECT_EQ(problems_after_port("[sysctl]\ntcp_tw_reuse = 3\n"),
              "t.toml:5:16: sysctl.tcp_tw_reuse: expected 0 (never), 1 (any destination) or 2 "
              "(loopback only), found 3\n");
    EXPECT_EQ(problems_after_port("[sysctl]\ntcp_ecn = 2\n"),
              "t.toml:5:1: sysctl.tcp_ecn: Linux has this, and lastack does not; "
              "remove it\n");
    for (const char* range : {"\"5\"", "\"1 2 3\"", "\"0 2\"", "\"1 65536\"", "5", "\"a b\""}) {
        EXPECT_EQ(problems_after_port("[sysctl]\nip_local_port_range = " + std::string(range)),
                  "t.toml:5:23: sysctl.ip_local_port_range: expected two ports such as "
                  "\"32768 60999\", found " +
                      std::string(range) + "\n");
    }
}

TEST(ConfigProblems, OneValueCannotBeSetInTwoPlacesOfTheFile) {
    EXPECT_EQ(problems_after_port("[sysctl]\ntcp_fin_timeout = 60\n[tcp]\nfin_timeout = \"60s\"\n"),
              "t.toml:7:15: tcp.fin_timeout: this is tcp.fin_timeout, which t.toml:5:19 has set "
              "already\n");
}

TEST(ConfigProblems, AllMistakesAreShownAtOnceInTheOrderOfTheFile) {
    EXPECT_EQ(problems_after_port("[worker]\nburst = 0\n[ip]\nttl = 0\nxyzzy_plugh = 1\n"),
              "t.toml:5:9: worker.burst: expected an integer from 1 to 256, found 0\n"
              "t.toml:7:7: ip.ttl: expected an integer from 1 to 255, found 0\n"
              "t.toml:8:1: unknown key ip.xyzzy_plugh\n");
}

TEST(ConfigProblems, APortNeedsADeviceAndUsableAddresses) {
    EXPECT_EQ(problems(""),
              "t.toml: no [[port]]: expected at least one, with device and addresses\n");
    EXPECT_EQ(problems("\n[[port]]\n"),
              "t.toml:2:1: port.device: missing; expected a DPDK device such as "
              "\"net_tap0,iface=la0\"\n"
              "t.toml:2:1: port.addresses: missing; expected at least one, such as "
              "\"198.18.0.2/24\"\n");
    const auto addresses = [](const std::string& list) {
        return problems("[[port]]\ndevice = \"net_null0\"\naddresses = " + list + "\n");
    };
    const std::string expected = "t.toml:3:13: port.addresses: ";
    EXPECT_EQ(addresses("[\"198.18.0.2\"]"),
              expected +
                  "expected a list of addresses such as \"198.18.0.2/24\", found "
                  "[\"198.18.0.2\"]\n");
    EXPECT_EQ(addresses("[\"198.18.0.2/33\"]"),
              expected +
                  "expected a list of addresses such as \"198.18.0.2/24\", found "
                  "[\"198.18.0.2/33\"]\n");
    EXPECT_EQ(addresses("[\"198.18.0.2/24\", \"198.18.0.2/16\"]"),
              expected + "198.18.0.2 appears twice\n");
    EXPECT_EQ(addresses("\"198.18.0.0/24\""),
              expected + "198.18.0.0/24: it is the address of the network itself\n");
    EXPECT_EQ(addresses("\"198.18.0.255/24\""),
              expected + "198.18.0.255/24: it is the network's broadcast address\n");
    EXPECT_EQ(addresses("\"198.18.0.0/31\""), "") << "RFC 3021: both are hosts";
    EXPECT_EQ(addresses("\"198.18.0.0/32\""), "");
    EXPECT_EQ(addresses("\"224.0.0.1/4\""), expected + "224.0.0.1/4: it is a multicast address\n");
    EXPECT_EQ(addresses("\"127.0.0.1/8\""),
              expected + "127.0.0.1/8: 127.0.0.0/8 is the loopback's\n");
    EXPECT_EQ(addresses("\"0.0.0.1/8\""),
              expected + "0.0.0.1/8: 0.0.0.0/8 is not an address of a host\n");
    EXPECT_EQ(addresses("\"198.18.0.1/0\""),
              expected + "198.18.0.1/0: a port's network cannot be the whole Internet (/0)\n");
    EXPECT_EQ(addresses("\"2001:db8::1/64\""),
              expected + "2001:db8::1/64: IPv6 is not built yet\n");
}

TEST(ConfigProblems, PortsMustDiffer) {
    EXPECT_EQ(problems_after_port(
                  "[[port]]\ndevice = \"net_tap0,iface=x\"\naddresses = \"198.18.0.2/24\"\n"),
              "t.toml:5:10: port.device: \"net_tap0,iface=x\" is the device of an earlier "
              "[[port]]\n"
              "t.toml:6:13: port.addresses: 198.18.0.2 appears twice\n");
}

/// `count` ports; the n-th begins at line 4 n + 1 (n from 0).
std::string ports(unsigned count) {
    std::string text;
    for (unsigned i = 0; i < count; ++i) {
        const std::string n = std::to_string(i);
        text += "[[port]]\ndevice = \"net_null" + n + "\"\naddresses = \"198.18." + n +
                ".2/24\"\nrx_descriptors = 64\n";
    }
    return text;
}

TEST(ConfigProblems, AWorkerHasSoManyPorts) {
    EXPECT_EQ(problems(ports(8)), "");
    EXPECT_EQ(problems(ports(9)), "t.toml:33:1: [[port]]: expected at most 8, found 9\n");
}

TEST(ConfigProblems, MbufsMustBeMoreThanTheReceiveQueuesHold) {
    const std::string small = "rx_descriptors = 600\n[worker]\nburst = 32\n[limits]\nmbufs = ";
    EXPECT_EQ(problems_after_port(small + "633\n"), "");
    EXPECT_EQ(problems_after_port(small + "632\n"),
              "t.toml:8:9: limits.mbufs: expected more than 632, for port.rx_descriptors of all "
              "ports and worker.burst hold as many, found 632\n");
    EXPECT_EQ(problems_after_port("[limits]\nmbufs = 600\n"),
              "t.toml:5:9: limits.mbufs: expected more than 1088, for port.rx_descriptors of all "
              "ports and worker.burst hold as many, found 600\n");
    EXPECT_EQ(problems_after_port("rx_descriptors = 32768\n[[port]]\ndevice = \"net_null0\"\n"
                                  "addresses = \"198.19.0.2/24\"\nrx_descriptors = 32768\n"),
              "t.toml:4:18: limits.mbufs: expected more than 65600, for port.rx_descriptors of all "
              "ports and worker.burst hold as many, found 65536\n")
        << "nobody wrote the limit, so the queue is what to look at";
}

TEST(ConfigProblems, OnlyPciAddressesCanBeAllowed) {
    EXPECT_EQ(
        problems_after_port(
            "[eal]\nallow = [\"0000:00:05.0\", \"3b:00.1\", \"0000:3B:00.1,txq_inline=1\"]\n"),
        "");
    EXPECT_EQ(problems_after_port("[eal]\nallow = [\"0000:00:05.0\", \"nonsense\", \"00:05.8\"]\n"),
              "t.toml:5:9: eal.allow: expected a list of PCI addresses such as \"0000:00:05.0\", "
              "found \"nonsense\"\n"
              "t.toml:5:9: eal.allow: expected a list of PCI addresses such as \"0000:00:05.0\", "
              "found \"00:05.8\"\n");
}

TEST(ConfigProblems, ExtraArgumentsOfEalAreNotThoseThatLastackGives) {
    const auto extra = [](const std::string& words) {
        return problems_after_port("[eal]\nextra = [" + words + "]\n");
    };
    EXPECT_EQ(extra(R"("--log-level=7", "-n", "2", "--legacy-mem", "--no-telemetry")"), "");
    EXPECT_EQ(extra("\"--file-prefix=x\""),
              "t.toml:5:9: eal.extra: --file-prefix is lastack's own to set; "
              "set eal.file_prefix instead\n");
    EXPECT_EQ(extra(R"("-n", "2", "-m64")"),
              "t.toml:5:9: eal.extra: -m is lastack's own to set; set eal.memory_mib instead\n");
    for (const char* word : {"--file-prefix", "-m", "--socket-mem=64", "--lcores=0@1", "--lcore",
                             "-l", "-l0", "-c", "-c1", "--no-huge", "--no-hu", "--in-memory",
                             "--huge-unlink", "--huge-unlink=never", "--huge-dir=/x"}) {
        EXPECT_NE(extra('"' + std::string(word) + '"'), "") << word;
    }
}

TEST(ConfigProblems, WhatTheCheckLetsPassTheRuntimeTakes) {
    const auto accepted = [](const std::string& text) {
        const LoadResult result = load(text, "t.toml", {});
        EXPECT_TRUE(result) << text;
        EXPECT_NO_THROW(worker::check_options(result.config.options)) << text;
        return result.config.options;
    };
    Options most = accepted(ports(8));
    most.ports.push_back(most.ports.back());
    EXPECT_THROW(worker::check_options(most), StartError);
    const std::string head(kPort);
    Options burst = accepted(head + "[worker]\nburst = 256\n");
    burst.worker.burst = 257;
    EXPECT_THROW(worker::check_options(burst), StartError);
    Options mbufs = accepted(head + "[limits]\nmbufs = 1089\n");
    mbufs.limits.mbufs = 1088;
    EXPECT_THROW(worker::check_options(mbufs), StartError);
}

TEST(ConfigProblems, AMacMustBeOneOfAStation) {
    const auto mac = [](const std::string& text) {
        return problems_after_port("mac = \"" + text + "\"\n");
    };
    EXPECT_EQ(mac("02:00:00:00:00:0A"), "");
    EXPECT_EQ(mac("02-00-00-00-00-01"),
              "t.toml:4:7: port.mac: expected a MAC address such as \"02:00:00:00:00:01\", found "
              "\"02-00-00-00-00-01\"\n");
    EXPECT_EQ(mac("03:00:00:00:00:01"),
              "t.toml:4:7: port.mac: expected the MAC address of a station, not of a group (its "
              "first octet is odd), found \"03:00:00:00:00:01\"\n");
    EXPECT_EQ(mac("00:00:00:00:00:00"),
              "t.toml:4:7: port.mac: expected a MAC address other than all zeros, found "
              "\"00:00:00:00:00:00\"\n");
}

TEST(ConfigProblems, AGatewayIsANeighbour) {
    const auto route = [](const std::string& gateway) {
        return problems_after_port("[[route]]\ndestination = \"default\"\ngateway = \"" + gateway +
                                   "\"\n");
    };
    EXPECT_EQ(route("198.18.0.1"), "");
    EXPECT_EQ(route("198.18.1.1"),
              "t.toml:6:11: route.gateway: 198.18.1.1 is on no network of a [[port]]'s "
              "addresses\n");
    EXPECT_EQ(route("198.18.0.2"), "t.toml:6:11: route.gateway: 198.18.0.2 is our own address\n");
    EXPECT_EQ(route("198.18.0"),
              "t.toml:6:11: route.gateway: expected an address such as \"198.18.0.1\", found "
              "\"198.18.0\"\n");
    EXPECT_EQ(problems_after_port("[[route]]\n"),
              "t.toml:4:1: route.destination: missing; expected a network such as "
              "\"203.0.113.0/24\", or \"default\"\n"
              "t.toml:4:1: route.gateway: missing; expected an address such as "
              "\"198.18.0.1\"\n");
}

TEST(ConfigProblems, TimesAndPortsThatContradictEachOther) {
    EXPECT_EQ(problems_after_port("[tcp]\nport_first = 2000\nport_last = 1999\n"),
              "t.toml:5:14: tcp.port_first (2000) is above tcp.port_last (1999)\n");
    EXPECT_EQ(problems_after_port("[tcp]\nport_first = 2000\nport_last = 2000\n"), "");
    EXPECT_EQ(problems_after_port("[tcp]\nport_last = 1999\n"),
              "t.toml:5:13: tcp.port_first (32768) is above tcp.port_last (1999)\n");
    EXPECT_EQ(problems_after_port("[tcp]\nrto_min = \"2s\"\n"),
              "t.toml:5:11: tcp.rto_min (2s) is above tcp.rto_initial (1s)\n");
    EXPECT_EQ(problems_after_port("[tcp]\nrto_max = \"900ms\"\n"),
              "t.toml:5:11: tcp.rto_initial (1s) is above tcp.rto_max (900ms)\n");
    EXPECT_EQ(problems_after_port("[tcp]\nretries2 = 24\nrto_max = \"1d\"\n"),
              "t.toml:5:12: tcp.retries2: 24 retransmissions, up to tcp.rto_max (1d) apart, may "
              "take more than 24 days\n");
    EXPECT_EQ(problems_after_port("[tcp]\nretries2 = 23\nrto_max = \"1d\"\n"), "");
}

TEST(ConfigProblems, AServiceListensOnAnAddressOfOursAndAlone) {
    EXPECT_EQ(problems_after_port("[[service]]\nlisten = \":80\"\n"),
              "t.toml:4:1: service: kind is missing; expected one of \"http\", \"echo\", "
              "\"discard\", \"chargen\", \"load\"\n");
    EXPECT_EQ(problems_after_port("[[service]]\nkind = \"htp\"\n"),
              "t.toml:5:8: service.kind: expected one of \"http\", \"echo\", \"discard\", "
              "\"chargen\", \"load\", found \"htp\"\n");
    EXPECT_EQ(problems_after_port("[[service]]\nkind = \"http\"\nlisten = \"198.18.0.3:80\"\n"),
              "t.toml:6:10: service.listen: 198.18.0.3 is an address of no [[port]]; "
              "ours are 198.18.0.2\n");
    EXPECT_EQ(problems_after_port("[[service]]\nkind = \"http\"\nlisten = \":0\"\n"),
              "t.toml:6:10: service.listen: port 0 cannot be listened on\n");
    EXPECT_EQ(problems_after_port("[[service]]\nkind = \"http\"\nlisten = \"80\"\n"),
              "t.toml:6:10: service.listen: expected an endpoint such as \"198.18.0.2:80\" or "
              "\":80\", found \"80\"\n");
    EXPECT_EQ(problems_after_port("[[service]]\nkind = \"http\"\n"
                                  "[[service]]\nkind = \"echo\"\nlisten = \":80\"\n"),
              "t.toml:8:10: service.listen: 0.0.0.0:80 is taken by the service at t.toml:4:1\n");
}

TEST(ConfigProblems, ALoadHasATargetAndAnEnd) {
    EXPECT_EQ(problems_after_port("[[service]]\nkind = \"load\"\n"),
              "t.toml:4:1: service.target: missing; expected an endpoint such as "
              "\"198.18.0.1:80\"\n"
              "t.toml:4:1: service.count and service.duration: one of both must be set, or the "
              "load never ends\n");
    EXPECT_EQ(problems_after_port("[[service]]\nkind = \"load\"\ncount = 1\ntarget = \":80\"\n"),
              "t.toml:7:10: service.target: expected an address and a port, found "
              "\"0.0.0.0:80\"\n");
    EXPECT_EQ(problems_after_port("[[service]]\nkind = \"load\"\ncount = 1\nmode = \"echo\"\n"
                                  "target = \"198.18.0.1:7\"\nfirst_closer = \"server\"\n"
                                  "local_addresses = \"198.18.0.5\"\n"),
              "t.toml:9:16: service.first_closer: an echo server never closes first; expected "
              "\"client\"\n"
              "t.toml:10:19: service.local_addresses: 198.18.0.5 is an address of no [[port]]; "
              "ours are 198.18.0.2\n");
}

TEST(ConfigProblems, OnlyWhoClosesFirstCanCloseWithAReset) {
    const auto load = [](const std::string& closer) {
        return problems_after_port(
            "[[service]]\nkind = \"load\"\ncount = 1\ntarget = \"198.18.0.1:80\"\n"
            "abortive_close = true\nfirst_closer = " +
            closer);
    };
    EXPECT_EQ(load("\"client\""), "");
    EXPECT_EQ(load("\"server\""),
              "t.toml:8:18: service.abortive_close: only where first_closer is \"client\"\n");
}

TEST(ConfigProblems, ALoadHasOnePace) {
    const auto load = [](const std::string& pace) {
        return problems_after_port(
            "[[service]]\nkind = \"load\"\ncount = 1\ntarget = \"198.18.0.1:80\"\n" + pace);
    };
    EXPECT_EQ(load("rate = 5000\nmax_connections = 100\n"), "");
    EXPECT_EQ(load("concurrency = 64\n"), "");
    EXPECT_EQ(load("rate = 0\nconcurrency = 64\n"), "") << "0 is the closed loop";
    EXPECT_EQ(load("rate = 5000\nconcurrency = 64\n"),
              "t.toml:9:15: service.concurrency: not together with service.rate; expected one of "
              "both (max_connections limits what a rate opens)\n");
    EXPECT_EQ(load("max_connections = 100\n"),
              "t.toml:8:19: service.max_connections: only with service.rate; expected "
              "concurrency\n");
}

TEST(ConfigProblems, ReplayIsOnlyForCaptures) {
    EXPECT_EQ(problems_after_port("[debug]\nreplay = true\n"),
              "t.toml:5:10: debug.replay: only from captures in files, and \"net_tap0,iface=la0\" "
              "is no net_pcap device\n");
    const auto of_device = [](const std::string& device) {
        return problems("[debug]\nreplay = true\n[[port]]\ndevice = \"" + device +
                        "\"\naddresses = \"198.18.0.2/24\"\n");
    };
    EXPECT_EQ(of_device("net_pcap0,rx_pcap=in.pcap"), "");
    EXPECT_EQ(of_device("net_pcap0,iface=lo"),
              "t.toml:2:10: debug.replay: only from captures in files, and "
              "\"net_pcap0,iface=lo\" opens a live interface with iface=\n");
    EXPECT_EQ(problems_after_port("[debug]\nreplay = false\n"), "");
}

TEST(ConfigProblems, AFilePrefixIsANameAndNoPath) {
    const auto prefix = [](const std::string& text) {
        return problems_after_port("[eal]\nfile_prefix = \"" + text + "\"\n");
    };
    for (const char* const good : {"", "lastack-1", "A.b_c"}) EXPECT_EQ(prefix(good), "") << good;
    for (const std::string bad : {".", "..", "a/b", "../x", "a b"}) {
        EXPECT_EQ(prefix(bad),
                  "t.toml:5:15: eal.file_prefix: expected 1 to 48 letters, digits, '.', '_' and "
                  "'-', and not \".\" or \"..\", found \"" +
                      bad + "\"\n");
    }
}

TEST(ConfigProblems, AControlSocketMustFitIntoItsAddress) {
    EXPECT_EQ(problems_after_port("[control]\nsocket = \"" + std::string(107, 'x') + "\"\n"), "");
    EXPECT_EQ(problems_after_port("[control]\nsocket = \"" + std::string(108, 'x') + "\"\n"),
              "t.toml:5:10: control.socket: expected a path of 1 to 107 characters, found 108\n");
}

TEST(ConfigProblems, SetNamesItselfAsThePlace) {
    const auto set = [](const std::string& argument) {
        return problems_after_port("", {argument});
    };
    EXPECT_EQ(set("tcp.msl"), "--set tcp.msl: expected path=value, such as tcp.msl=30s\n");
    EXPECT_EQ(set("tcp.mls=30s"),
              "--set tcp.mls=30s: unknown key tcp.mls; did you mean tcp.msl?\n");
    EXPECT_EQ(set("msl=30s"), "--set msl=30s: unknown key msl; did you mean tcp.msl?\n");
    EXPECT_EQ(set("tcp.x.msl=30s"),
              "--set tcp.x.msl=30s: unknown key tcp.x.msl; "
              "did you mean tcp.msl?\n");
    EXPECT_EQ(set("tcp.msl=30"),
              "--set tcp.msl=30: tcp.msl: expected a duration from 1ms to 1d, such as \"30s\" or "
              "\"500ms\", found 30\n");
    EXPECT_EQ(set("port.1.mtu=1400"),
              "--set port.1.mtu=1400: expected port.N.mtu with N from 0; there are 1 [[port]]\n");
    EXPECT_EQ(set("port.mtu=1400"),
              "--set port.mtu=1400: expected port.N.mtu with N from 0; there are 1 [[port]]\n");
    EXPECT_EQ(set("sysctl.tcp_sack=2"),
              "--set sysctl.tcp_sack=2: sysctl.tcp_sack: expected 0 or 1, found 2\n");
}

}  // namespace
}  // namespace lastack::control
