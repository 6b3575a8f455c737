#include "worker/options_check.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "port/capture_device.hpp"
#include "port/device_string.hpp"
#include "port/eal_directory.hpp"
#include "port/receiver.hpp"
#include "worker/require.hpp"
#include "worker/tcp_options_check.hpp"

namespace lastack::worker {

namespace {

constexpr std::size_t kMostPorts = 8;
constexpr std::uint16_t kSmallestMtu = 576;  // RFC 1122 3.3.2: what every host takes
constexpr std::uint16_t kLargestMtu = 9'600;
constexpr std::uint16_t kMostDescriptors = 32'768;

wire::Ipv4Prefix prefix_of(const AddressOptions& address) {
    return {.address = {address.address.ipv4_value()}, .length = address.prefix_length};
}

void check_address(const std::string& place, const AddressOptions& option) {
    require(option.address.is_ipv4(), place,
            option.address.to_string() + " is an IPv6 address, and IPv6 is not built yet",
            "give an IPv4 address");
    require(option.prefix_length <= 32, place,
            "the prefix length " + std::to_string(option.prefix_length) + " is too long",
            "give 0 to 32");
    const wire::Ipv4Address address{option.address.ipv4_value()};
    const bool host = !address.is_unspecified() && !address.is_this_network() &&
                      !address.is_loopback() && !address.is_multicast() && !address.is_reserved() &&
                      !prefix_of(option).is_broadcast(address);
    require(host, place, option.address.to_string() + " can be no host's address",
            "give a unicast address of the network that the port is in");
}

void check_port_numbers(const std::string& place, const PortOptions& port) {
    require(port.mtu >= kSmallestMtu && port.mtu <= kLargestMtu, place + ".mtu",
            std::to_string(port.mtu) + " is out of range",
            "give " + std::to_string(kSmallestMtu) + " to " + std::to_string(kLargestMtu));
    require(!port.vlan || (*port.vlan >= 1 && *port.vlan <= 4'094), place + ".vlan",
            std::to_string(port.vlan.value_or(0)) + " is no VLAN", "give 1 to 4094");
    for (const std::uint16_t count : {port.rx_descriptors, port.tx_descriptors}) {
        require(count >= 1 && count <= kMostDescriptors, place + ".descriptors",
                std::to_string(count) + " is out of range",
                "give 1 to " + std::to_string(kMostDescriptors));
    }
    if (!port.mac) return;
    const auto mac = parse_mac(*port.mac);
    require(mac && !mac->is_multicast() && !mac->is_zero(), place + ".mac",
            "\"" + *port.mac + "\" is no station's address", "write it like 02:00:00:00:00:01");
}

void check_port(const std::string& place, const PortOptions& port) {
    require(!port.device.empty(), place + ".device", "there is none",
            "name one, such as \"net_tap0,iface=la0\" or a PCI address");
    require(!port.addresses.empty(), place + ".addresses", "there is none",
            "give the port at least one address, such as 198.18.0.1/24");
    for (std::size_t i = 0; i < port.addresses.size(); ++i) {
        check_address(place + ".addresses[" + std::to_string(i) + "]", port.addresses[i]);
    }
    check_port_numbers(place, port);
}

void check_ports(const std::vector<PortOptions>& ports) {
    require(!ports.empty(), "ports", "there is none", "configure at least one port");
    require(ports.size() <= kMostPorts, "ports",
            "there are " + std::to_string(ports.size()) + " of them",
            "use at most " + std::to_string(kMostPorts));
    std::vector<std::string> devices;
    std::vector<Address> addresses;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const std::string place = "ports[" + std::to_string(i) + "]";
        check_port(place, ports[i]);
        const std::string device = port::DeviceString(ports[i].device).name();
        require(std::find(devices.begin(), devices.end(), device) == devices.end(),
                place + ".device", device + " is another port's device already",
                "give each port a device of its own");
        devices.push_back(device);
        for (const AddressOptions& option : ports[i].addresses) {
            require(
                std::find(addresses.begin(), addresses.end(), option.address) == addresses.end(),
                place + ".addresses", option.address.to_string() + " is given twice",
                "remove one of them");
            addresses.push_back(option.address);
        }
    }
}

void check_routes(const Options& options) {
    for (std::size_t i = 0; i < options.routes.size(); ++i) {
        const RouteOptions& route = options.routes[i];
        const std::string place = "routes[" + std::to_string(i) + "]";
        require(route.destination.is_ipv4() && route.gateway.is_ipv4(), place,
                "IPv6 is not built yet", "give IPv4 addresses");
        require(route.prefix_length <= 32, place,
                "the prefix length " + std::to_string(route.prefix_length) + " is too long",
                "give 0 to 32");
        const wire::Ipv4Address gateway{route.gateway.ipv4_value()};
        const bool on_link = std::any_of(
            options.ports.begin(), options.ports.end(), [gateway](const PortOptions& port) {
                return std::any_of(port.addresses.begin(), port.addresses.end(),
                                   [gateway](const AddressOptions& address) {
                                       return prefix_of(address).contains(gateway);
                                   });
            });
        require(on_link, place + ".gateway", route.gateway.to_string() + " is in no port's network",
                "give a gateway that a port can reach directly");
    }
}

// What an entry of the connection table can point to is one bit more (table::FlowRef).
void check_records(const std::string& name, std::uint32_t count) {
    constexpr std::uint32_t kMost = 1U << 28;
    require(count <= kMost, "limits." + name, std::to_string(count) + " are too many",
            "give at most " + std::to_string(kMost));
}

void check_limits(const Options& options) {
    require(options.limits.max_connections >= 1, "limits.max_connections", "it is 0",
            "give at least 1");
    check_records("max_connections", options.limits.max_connections);
    check_records("max_time_wait", options.limits.max_time_wait);
    check_records("max_half_open", options.limits.max_half_open);
    std::uint64_t descriptors = 0;
    for (const PortOptions& port : options.ports) descriptors += port.rx_descriptors;
    const std::uint64_t least = descriptors + options.worker.burst;
    require(options.limits.mbufs > least, "limits.mbufs",
            std::to_string(options.limits.mbufs) + " are fewer than the ports' receive queues hold",
            "give more than " + std::to_string(least) + ", or lower rx_descriptors");
}

void check_worker(const WorkerOptions& worker) {
    require(worker.burst >= 1 && worker.burst <= port::Receiver::kMostFrames, "worker.burst",
            std::to_string(worker.burst) + " is out of range",
            "give 1 to " + std::to_string(port::Receiver::kMostFrames));
    require(worker.expire_budget >= 1, "worker.expire_budget", "it is 0", "give at least 1");
}

void check_eal(const EalOptions& eal) {
    require(eal.file_prefix.empty() || port::valid_file_prefix(eal.file_prefix), "eal.file_prefix",
            "\"" + eal.file_prefix + "\" cannot be the name of a directory of ours",
            "give " + std::string(port::kFilePrefixRule) + ", or nothing");
    for (const std::string& argument : eal.extra) {  // EAL would end the process with 0
        require(argument != "-h" && argument != "--help", "eal.extra",
                argument + " asks for help instead of a start", "remove it");
    }
}

void check_replay(const Options& options) {
    if (!options.debug.replay) return;
    for (std::size_t i = 0; i < options.ports.size(); ++i) {
        const auto reason = port::why_not_a_capture(port::DeviceString(options.ports[i].device));
        require(!reason, "debug.replay",
                "ports[" + std::to_string(i) + "] (" + options.ports[i].device + ") " +
                    reason.value_or("") + ", and secrets that all know are for files only",
                "remove debug.replay, or replay with net_pcap0,rx_pcap=FILE");
    }
}

std::optional<std::uint8_t> hex_octet(std::string_view text) {
    unsigned value = 0;
    for (const char c : text) {
        unsigned digit = 0;
        if (c >= '0' && c <= '9') {
            digit = static_cast<unsigned>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = static_cast<unsigned>(c - 'a') + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = static_cast<unsigned>(c - 'A') + 10;
        } else {
            return std::nullopt;
        }
        value = value * 16 + digit;
    }
    return static_cast<std::uint8_t>(value);
}

}  // namespace

std::optional<wire::MacAddress> parse_mac(std::string_view text) {
    constexpr std::size_t kLength = 17;
    if (text.size() != kLength) return std::nullopt;
    wire::MacAddress mac;
    for (std::size_t i = 0; i < mac.octets.size(); ++i) {
        if (i > 0 && text[3 * i - 1] != ':') return std::nullopt;
        const auto octet = hex_octet(text.substr(3 * i, 2));
        if (!octet) return std::nullopt;
        mac.octets[i] = *octet;
    }
    return mac;
}

void check_options(const Options& options) {
    check_eal(options.eal);
    check_ports(options.ports);
    check_routes(options);
    check_limits(options);
    check_tcp_options(options.tcp);
    check_worker(options.worker);
    check_replay(options);
}

}  // namespace lastack::worker
