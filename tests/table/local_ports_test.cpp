#include "table/local_ports.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

#include "tests/support/arena_memory.hpp"

namespace lastack::table {
namespace {

constexpr LocalPorts::Settings kUsual{
    .range = {}, .offset_key = {1, 2}, .counter_key = {3, 4}, .counters = 1'024};

struct Host {
    explicit Host(const LocalPorts::Settings& settings = kUsual)
        : memory([&](base::Arena& measuring) { LocalPorts(measuring, settings); }),
          arena(memory.bytes()),
          ports(arena, settings) {}

    test::ArenaMemory memory;
    base::Arena arena;
    LocalPorts ports;
};

LocalPorts::Settings with_range(std::uint16_t first, std::uint16_t last) {
    LocalPorts::Settings settings = kUsual;
    settings.range = {first, last};
    return settings;
}

wire::FlowKey4 to(std::uint32_t remote, std::uint16_t remote_port = 80) {
    return {{0xc612'0001}, {remote}, 0, remote_port};
}

bool every_port(std::uint16_t) {
    return true;
}
bool no_port(std::uint16_t) {
    return false;
}

/// The next `count` ports towards one destination.
template <class Key>
std::vector<std::uint16_t> sequence(LocalPorts& ports, const Key& key, unsigned count) {
    std::vector<std::uint16_t> chosen;
    for (unsigned i = 0; i < count; ++i)
        chosen.push_back(ports.choose(key, every_port).port.value());
    return chosen;
}

TEST(LocalPorts, G_34_reserved_ports_are_never_chosen_and_cost_no_probe) {
    constexpr std::array<PortRange, 4> kReserved{
        PortRange{1'025, 1'027}, {1'027, 1'028}, {1'033, 1'033}, {80, 80}};
    LocalPorts::Settings settings = with_range(1'024, 1'033);
    settings.reserved = kReserved;
    Host host(settings);
    EXPECT_EQ(host.ports.size(), 5U);
    std::set<std::uint16_t> seen;
    for (unsigned i = 0; i < 5; ++i) {
        const PortChoice choice = host.ports.choose(to(1), every_port);
        EXPECT_EQ(choice.probed, 1U);
        seen.insert(choice.port.value());
    }
    EXPECT_EQ(seen, (std::set<std::uint16_t>{1'024, 1'029, 1'030, 1'031, 1'032}));
    EXPECT_EQ(host.ports.choose(to(1), no_port).probed, 5U);
}

TEST(LocalPorts, G_34_StaysInTheConfiguredRangeEndsIncluded) {
    Host host(with_range(1'024, 1'033));
    std::set<std::uint16_t> seen;
    for (const std::uint16_t port : sequence(host.ports, to(1), 10)) seen.insert(port);
    EXPECT_EQ(seen.size(), 10U);
    EXPECT_EQ(*seen.begin(), 1'024);
    EXPECT_EQ(*seen.rbegin(), 1'033);
}

TEST(LocalPorts, G_34_TheWholeRfcRangeWorks) {
    Host host(with_range(1'024, 65'535));
    std::set<std::uint16_t> seen;
    for (unsigned i = 0; i < 64'512; ++i)
        seen.insert(host.ports.choose(to(1), every_port).port.value());
    EXPECT_EQ(seen.size(), 64'512U);
}

TEST(LocalPorts, G_34_DoesNotTakeWhatTheCallerRefuses) {
    Host host(with_range(100, 199));
    const auto even = [](std::uint16_t port) { return port % 2 == 0; };
    std::set<std::uint16_t> seen;
    for (int i = 0; i < 50; ++i) {
        const PortChoice choice = host.ports.choose(to(1), even);
        EXPECT_LE(choice.probed, 2U);
        seen.insert(choice.port.value());
    }
    EXPECT_EQ(seen.size(), 50U);
    for (const std::uint16_t port : seen) EXPECT_EQ(port % 2, 0);
}

TEST(LocalPorts, G_35_APortTowardsOneDestinationComesBackOnlyAfterTheWholeRange) {
    Host host;
    const unsigned size = host.ports.range().size();
    EXPECT_EQ(size, 28'232U);
    const std::vector<std::uint16_t> ports = sequence(host.ports, to(7), 2 * size);
    EXPECT_EQ(std::set(ports.begin(), ports.begin() + size).size(), size);
    for (unsigned i = 0; i < size; ++i) ASSERT_EQ(ports[i], ports[i + size]);
}

TEST(LocalPorts, G_35_TheLastFreePortIsFoundWhereverItIs) {
    Host host(with_range(100, 355));
    for (std::uint16_t free = 100; free <= 355; ++free) {
        const PortChoice choice =
            host.ports.choose(to(free), [&](std::uint16_t port) { return port == free; });
        EXPECT_EQ(choice.port, free);
        EXPECT_LE(choice.probed, 256U);
    }
}

TEST(LocalPorts, G_35_AnExhaustedRangeIsAnAnswerAfterEachPortWasAskedOnce) {
    Host host(with_range(100, 355));
    std::vector<int> asked(65'536);
    const PortChoice choice = host.ports.choose(to(1), [&](std::uint16_t port) {
        ++asked[port];
        return false;
    });
    EXPECT_EQ(choice.port, std::nullopt);
    EXPECT_EQ(choice.probed, 256U);
    for (std::uint16_t port = 100; port <= 355; ++port) EXPECT_EQ(asked[port], 1);
}

TEST(LocalPorts, G_35_AScanIsBoundedAndGoesOnWhereItStopped) {
    Host host(with_range(100, 355));
    std::set<std::uint16_t> asked;
    for (int call = 0; call < 8; ++call) {
        const auto refuse = [&](std::uint16_t port) {
            asked.insert(port);
            return false;
        };
        const PortChoice choice = host.ports.choose(to(1), refuse, 32);
        EXPECT_EQ(choice.port, std::nullopt);
        EXPECT_EQ(choice.probed, 32U);
    }
    EXPECT_EQ(asked.size(), 256U);
    EXPECT_EQ(host.ports.choose(to(1), no_port, 0).probed, 0U);
}

TEST(LocalPorts, G_35_WithoutTheOffsetSecretAStartCannotBeTold) {
    LocalPorts::Settings other = kUsual;
    other.offset_key = {1, 3};
    Host host, host_other(other);
    std::set<int> distances;
    for (std::uint32_t remote = 0; remote < 1'000; ++remote) {
        const int one = host.ports.choose(to(remote), every_port).port.value();
        const int another = host_other.ports.choose(to(remote), every_port).port.value();
        distances.insert(one - another);
    }
    EXPECT_GT(distances.size(), 950U);
}

TEST(LocalPorts, G_35_DestinationsStartFarApartAndSpreadOverTheRange) {
    Host host;
    std::vector<int> bins(16);
    for (std::uint32_t remote = 0; remote < 16'000; ++remote) {
        const std::uint32_t port = host.ports.choose(to(remote), every_port).port.value();
        ++bins[(port - 32'768) * 16 / host.ports.range().size()];
    }
    for (const int bin : bins) EXPECT_NEAR(bin, 1'000, 200);
}

TEST(LocalPorts, G_35_ConnectionsElsewhereHardlyEverShowInASequence) {
    Host host;
    const std::uint16_t before = host.ports.choose(to(1), every_port).port.value();
    for (std::uint32_t remote = 2; remote < 102; ++remote)
        host.ports.choose(to(remote), every_port);
    const std::uint16_t after = host.ports.choose(to(1), every_port).port.value();
    // A hundred others over 1024 counters: this destination shares with none or few of them.
    EXPECT_LE((after - before + 28'232) % 28'232, 4);
}

TEST(LocalPorts, G_36_TheSamePortMayServeDifferentRemotes) {
    Host host(with_range(100, 100));
    EXPECT_EQ(host.ports.choose(to(1), every_port).port, 100);
    EXPECT_EQ(host.ports.choose(to(2), every_port).port, 100);
    EXPECT_EQ(host.ports.choose(to(1, 443), every_port).port, 100);
}

TEST(LocalPorts, EveryPartOfTheDestinationCounts) {
    Host host;
    const std::set<std::uint16_t> starts{
        host.ports.choose(to(1), every_port).port.value(),
        host.ports.choose(to(2), every_port).port.value(),
        host.ports.choose(to(1, 81), every_port).port.value(),
        host.ports.choose(wire::FlowKey4{{5}, {1}, 0, 80}, every_port).port.value(),
    };
    EXPECT_EQ(starts.size(), 4U);
}

TEST(LocalPorts, TheKeysLocalPortIsNotLookedAt) {
    Host host, same;
    wire::FlowKey4 key = to(1);
    key.local_port = 4'711;
    EXPECT_EQ(host.ports.choose(to(1), every_port).port, same.ports.choose(key, every_port).port);
}

TEST(LocalPorts, Ipv6DestinationsHaveSequencesOfTheirOwn) {
    Host host;
    wire::FlowKey6 one, two;
    one.remote_address.octets[15] = 1;
    two.remote_address.octets[15] = 2;
    const auto first = sequence(host.ports, one, 3);
    EXPECT_NE(first, sequence(host.ports, two, 3));
    EXPECT_EQ((first[1] - first[0] + 28'232) % 28'232, 1);
}

}  // namespace
}  // namespace lastack::table
