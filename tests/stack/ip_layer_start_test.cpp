// What the IP layer refuses to start with, and that it says what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

#include "tests/stack/ip_host.hpp"

namespace lastack::test {
namespace {

/// The complaint about ip_config() after `change`; empty where there is none.
std::string complaint(const std::function<void(stack::Config&)>& change) {
    auto config = ip_config();
    change(config);
    try {
        IpHost host(config);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

TEST(IpLayerStart, the_ordinary_configuration_is_accepted) {
    EXPECT_EQ(complaint([](stack::Config&) {}), "");
}

TEST(IpLayerStart, every_impossible_configuration_is_refused_by_name) {
    using stack::Config;
    struct {
        const char* says;
        std::function<void(Config&)> change;
    } const rows[] = {
        {"more than 8 interfaces", [](Config& c) { c.interfaces.resize(9, c.interfaces[0]); }},
        {"more than 8 addresses",
         [](Config& c) { c.interfaces[0].addresses.resize(9, c.interfaces[0].addresses[0]); }},
        {"more than 64 routes", [](Config& c) { c.routes.resize(65, c.routes[0]); }},
        {"gateway 10.0.0.1 is not a neighbour",
         [](Config& c) { c.routes[0].gateway = {0x0a00'0001}; }},
        {"gateway 198.18.0.1 is not a neighbour",
         [](Config& c) { c.routes[0].gateway = {raw::kOurs}; }},
        {"gateway 198.18.0.255 is not a neighbour",
         [](Config& c) { c.routes[0].gateway = {raw::net18(255)}; }},
        {"route to 10.0.0.0/8 needs a gateway",
         [](Config& c) {
             c.interfaces.push_back(c.interfaces[0]);
             c.interfaces[1].port = 1;
             c.interfaces[1].addresses = {{{0xc613'0001}, 24}};
             c.routes = {{.destination = {{0x0a00'0000}, 8}, .gateway = {}}};
         }},
        {"exceeds 32", [](Config& c) { c.routes[0].destination.length = 33; }},
        {"exceeds 32", [](Config& c) { c.interfaces[0].addresses[0].prefix_length = 33; }},
        {"224.0.0.1 cannot be",
         [](Config& c) {
             c.interfaces[0].addresses[0] = {{0xe000'0001}, 24};
         }},
        {"198.18.0.255 cannot be",
         [](Config& c) {
             c.interfaces[0].addresses[0] = {{raw::net18(255)}, 24};
         }},
        {"198.18.0.1 is given to two interfaces",
         [](Config& c) {
             c.interfaces.push_back(c.interfaces[0]);
             c.interfaces[1].port = 1;
         }},
        {"two interfaces with the same vlan",
         [](Config& c) {
             c.interfaces.push_back(c.interfaces[0]);
             c.interfaces[1].addresses = {{{0xc613'0001}, 24}};
         }},
        {"vlan of 1 .. 4094", [](Config& c) { c.interfaces[0].vlan = 0; }},
        {"vlan of 1 .. 4094", [](Config& c) { c.interfaces[0].vlan = 4'095; }},
        {"unicast MAC", [](Config& c) { c.interfaces[0].mac = {}; }},
        {"unicast MAC", [](Config& c) { c.interfaces[0].mac = wire::MacAddress::broadcast(); }},
        {"mtu of at least 576", [](Config& c) { c.interfaces[0].mtu = 575; }},
        {"ip.neighbours must be", [](Config& c) { c.ip.neighbours = 0; }},
        {"ip.neighbours must be", [](Config& c) { c.ip.neighbours = 2'000'000; }},
        {"ip.ttl must be", [](Config& c) { c.ip.ttl = 0; }},
        {"ip.neighbour_reachable must be",
         [](Config& c) { c.ip.neighbour_reachable = std::chrono::milliseconds(0); }},
    };
    for (const auto& row : rows) {
        EXPECT_THAT(complaint(row.change), testing::HasSubstr(row.says));
    }
}

TEST(IpLayerStart, a_gateway_is_reached_by_the_interface_with_the_longest_prefix_around_it) {
    auto config = ip_config();
    config.interfaces.push_back(config.interfaces[0]);
    config.interfaces[1].port = 1;
    config.interfaces[1].addresses = {{{raw::net18(253)}, 30}};
    IpHost host(config);
    EXPECT_EQ(host.ip.route({0x0808'0808})->interface, 1);
    EXPECT_EQ(host.ip.route({0x0808'0808})->source.value, raw::net18(253));
}

TEST(IpLayerStart, a_route_without_gateway_is_on_the_only_link) {
    auto config = ip_config();
    config.routes = {{.destination = {{0x0a00'0000}, 8}, .gateway = {}}};
    IpHost host(config);
    EXPECT_EQ(host.ip.route({0x0a01'0203})->next_hop.value, 0x0a01'0203U);
    EXPECT_EQ(host.ip.route({0x0a01'0203})->source.value, raw::kOurs);
}

TEST(IpLayerStart, a_small_configuration_needs_little_memory) {
    auto config = ip_config();
    config.ip.neighbours = 4;
    base::Arena measuring;
    base::Counters counters;
    HeapShell shell;
    stack::IpLayer(measuring, config, counters, shell);
    EXPECT_LE(measuring.used_bytes(), 4'096U);
}

}  // namespace
}  // namespace lastack::test
