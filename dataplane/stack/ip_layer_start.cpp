// Start-up of the IP layer: the configuration is checked and copied into fixed arrays. The only
// part of it that may throw and allocate.
#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include "lastack/endpoint.hpp"
#include "stack/ip_layer.hpp"

namespace lastack::stack {

namespace {

constexpr std::uint16_t kSmallestMtu = 576;  // RFC 791: what every host must accept
constexpr std::uint16_t kLastVlan = 4'094;
constexpr std::uint32_t kMostWaitingFrames = 256;
constexpr std::uint32_t kErrorsPerSecond = 100;  // ICMP errors of ours

std::string text(wire::Ipv4Address address) {
    return Address::ipv4(address.value).to_string();
}

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument(what);
}

/// A key of the neighbour cache's own, made from the table's (G-10: one key, one use).
base::SipKey neighbour_key(const Secrets& secrets) {
    const std::array<std::uint64_t, 2> first{0x6e65696768626f75, 0};
    const std::array<std::uint64_t, 2> second{0x6e65696768626f75, 1};
    return {base::siphash(secrets.table, first), base::siphash(secrets.table, second)};
}

ip::Neighbours::Limits neighbour_limits(const IpOptions& options) {
    if (options.neighbours < 1 || options.neighbours > ip::kMaxNeighbours) {
        refuse("ip.neighbours must be 1 .. " + std::to_string(ip::kMaxNeighbours));
    }
    if (options.neighbour_reachable.count() < 1) refuse("ip.neighbour_reachable must be positive");
    // A neighbour that does not answer must not take the room of all others.
    const std::uint32_t frames =
        std::clamp<std::uint32_t>(options.neighbours, 4, kMostWaitingFrames);
    return {.capacity = options.neighbours,
            .waiting_frames = frames,
            .waiting_each = std::max<std::uint32_t>(3, frames / 4),
            .reachable = options.neighbour_reachable};
}

std::uint32_t route_rows(const Config& config) {
    std::size_t rows = config.routes.size();
    for (const InterfaceConfig& interface : config.interfaces) rows += interface.addresses.size();
    return static_cast<std::uint32_t>(rows);
}

void check_address(const InterfaceConfig::LocalAddress& own) {
    const wire::Ipv4Prefix prefix{own.address, own.prefix_length};
    if (own.prefix_length > 32) refuse("prefix length of " + text(own.address) + " exceeds 32");
    if (ip::is_never_a_host(own.address) || prefix.is_broadcast(own.address)) {
        refuse(text(own.address) +
               " cannot be the address of an interface: give it a host address");
    }
}

ip::Interface make_interface(const InterfaceConfig& config) {
    const std::string name = "port " + std::to_string(config.port);
    if (config.addresses.size() > ip::kMaxAddresses) {
        refuse(name + " has more than " + std::to_string(ip::kMaxAddresses) + " addresses");
    }
    if (config.mac.is_multicast() || config.mac.is_zero()) {
        refuse(name + " needs a unicast MAC address");
    }
    if (config.mtu < kSmallestMtu) {
        refuse(name + " needs an mtu of at least " + std::to_string(kSmallestMtu));
    }
    if (config.vlan && (*config.vlan < 1 || *config.vlan > kLastVlan)) {
        refuse(name + " needs a vlan of 1 .. " + std::to_string(kLastVlan) + ", or none");
    }
    ip::Interface made;
    for (const InterfaceConfig::LocalAddress& own : config.addresses) {
        check_address(own);
        made.prefixes[made.address_count++] = {own.address, own.prefix_length};
    }
    made.port = config.port;
    made.vlan = config.vlan.value_or(ip::kUntagged);
    made.mtu = config.mtu;
    made.mac = config.mac;
    made.tcp_checksum_offload = config.tcp_checksum_offload;
    made.max_text_bytes = config.max_text_bytes;
    return made;
}

struct OnLink {
    wire::Ipv4Prefix own;
    std::uint8_t interface;
};

/// Where `gateway` is a neighbour: the longest prefix that contains it. A gateway behind another
/// gateway cannot be spoken to.
std::optional<OnLink> find_on_link(std::span<const ip::Interface> interfaces,
                                   wire::Ipv4Address gateway) {
    std::optional<OnLink> best;
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
        for (const wire::Ipv4Prefix& own : interfaces[i].addresses()) {
            if (own.contains(gateway) && (!best || own.length > best->own.length)) {
                best = OnLink{own, static_cast<std::uint8_t>(i)};
            }
        }
    }
    return best;
}

ip::Route make_route(const RouteConfig& route, std::span<const ip::Interface> interfaces) {
    const std::string name = "route to " + text(route.destination.address) + "/" +
                             std::to_string(route.destination.length);
    if (route.gateway.is_unspecified()) {
        if (interfaces.size() != 1 || interfaces[0].address_count == 0) {
            refuse(name + " needs a gateway: without one it says nothing of the interface");
        }
        return {route.destination, {}, interfaces[0].addresses()[0].address, 0};
    }
    const auto link = find_on_link(interfaces, route.gateway);
    if (!link || ip::owns(interfaces, route.gateway) ||
        interfaces[link->interface].is_broadcast(route.gateway)) {
        refuse(name + ": the gateway " + text(route.gateway) +
               " is not a neighbour; give one that lies in the prefix of an interface's address");
    }
    return {route.destination, route.gateway, link->own.address, link->interface};
}

}  // namespace

IpLayer::IpLayer(base::Arena& arena, const Config& config, base::Counters& counters, Shell& shell)
    : ttl_(config.ip.ttl),
      routes_(arena, route_rows(config)),
      neighbours_(arena, neighbour_limits(config.ip), neighbour_key(config.secrets), counters,
                  shell),
      echo_limit_(config.ip.echo_rate_limit),
      error_limit_(kErrorsPerSecond),
      counters_(&counters),
      shell_(&shell) {
    if (config.ip.ttl == 0) refuse("ip.ttl must be 1 .. 255");
    adopt_interfaces(config);
    if (config.routes.size() > ip::kMaxRoutes) {
        refuse("more than " + std::to_string(ip::kMaxRoutes) + " routes");
    }
    if (!arena.measuring()) adopt_routes(config);
}

void IpLayer::adopt_interfaces(const Config& config) {
    if (config.interfaces.size() > ip::kMaxInterfaces) {
        refuse("more than " + std::to_string(ip::kMaxInterfaces) + " interfaces");
    }
    for (const InterfaceConfig& interface : config.interfaces) {
        const ip::Interface made = make_interface(interface);
        if (find_interface(made.port, made.vlan) != base::kNoIndex) {
            refuse("port " + std::to_string(made.port) +
                   " has two interfaces with the same vlan: give each its own");
        }
        for (const wire::Ipv4Prefix& own : made.addresses()) {
            if (is_local(own.address)) {
                refuse(text(own.address) + " is given to two interfaces: one must let it go");
            }
        }
        interfaces_[interface_count_++] = made;
    }
}

void IpLayer::adopt_routes(const Config& config) {
    for (std::uint8_t i = 0; i < interface_count_; ++i) {
        for (const wire::Ipv4Prefix& own : interfaces_[i].addresses()) {
            const bool added = routes_.add({own, {}, own.address, i});
            LA_ASSERT(added);
        }
    }
    for (const RouteConfig& route : config.routes) {
        if (route.destination.length > 32) refuse("a route's prefix length exceeds 32");
        const bool added = routes_.add(make_route(route, interfaces()));
        LA_ASSERT(added);
    }
}

}  // namespace lastack::stack
