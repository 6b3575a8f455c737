// The keys of [eal], [[port]], [[route]] and [ip].
#include <array>

#include "control/config/tables.hpp"
#include "port/eal_directory.hpp"

namespace lastack::control {
namespace {

constexpr std::array<std::string_view, 3> kMemoryNames{"huge", "huge_files", "none"};

/// It becomes a directory, which is removed at the end, so a path must not get through.
constexpr Key file_prefix_key() {
    Key key = text_key<&EalOptions::file_prefix>(
        "file_prefix", port::kFilePrefixRule,
        "DPDK's --file-prefix; made from the process id if empty.");
    key.set = [](void* section, const Value& value) {
        const auto* const text = std::get_if<std::string>(&value);
        if (text == nullptr || !(text->empty() || port::valid_file_prefix(*text))) return false;
        static_cast<EalOptions*>(section)->file_prefix = *text;
        return true;
    };
    return key;
}

constexpr std::array kEal{
    choice_key<&EalOptions::memory, kMemoryNames>(
        "memory",
        "Huge pages without files (ordinary pages where there are none), with files, or none."),
    integer_key<&EalOptions::memory_mib>("memory_mib", {16, 1 << 20},
                                         "Memory that DPDK reserves at start, in MiB."),
    file_prefix_key(),
    list_key<&EalOptions::allow>("allow", "a list of PCI addresses such as \"0000:00:05.0\"",
                                 "PCI devices that may be touched; none are when empty."),
    list_key<&EalOptions::extra>("extra", "a list of EAL arguments",
                                 "More arguments for DPDK's EAL, as they are."),
};

constexpr std::array kPort{
    text_key<&PortOptions::device>("device", "a DPDK device such as \"net_tap0,iface=la0\"",
                                   "A DPDK virtual device with its arguments, or a PCI address."),
    list_key<&PortOptions::addresses>(
        "addresses", "a list of addresses such as \"198.18.0.2/24\"",
        "Our own addresses on this port, each with the length of its network's prefix."),
    text_key<&PortOptions::mac>("mac", "a MAC address such as \"02:00:00:00:00:01\"",
                                "The port's MAC address; the device's own where not set."),
    integer_key<&PortOptions::mtu>("mtu", {576, 9'216}, "Largest IP datagram, in octets."),
    integer_key<&PortOptions::vlan>("vlan", {1, 4'094},
                                    "802.1Q VLAN of every frame; untagged where not set."),
    boolean_key<&PortOptions::promiscuous>("promiscuous", "Receive frames for other MACs too."),
    boolean_key<&PortOptions::offloads>(
        "offloads", "Use what the device can do; false does everything in software."),
    integer_key<&PortOptions::rx_descriptors>("rx_descriptors", {32, 32'768},
                                              "Length of the receive queue, in frames."),
    integer_key<&PortOptions::tx_descriptors>("tx_descriptors", {32, 32'768},
                                              "Length of the transmit queue, in frames."),
};

/// A route's destination is two fields, written as one: "203.0.113.0/24" or "default".
constexpr Key destination_key() {
    Key key;
    key.name = "destination";
    key.kind = Kind::text;
    key.expected = "a network such as \"203.0.113.0/24\", or \"default\"";
    key.help = "The network that the gateway leads to; \"default\" is every other one.";
    key.get = [](const void* section) -> Value {
        const auto& route = *static_cast<const RouteOptions*>(section);
        if (route.prefix_length == 0) return std::string("default");
        return to_value(AddressOptions{route.destination, route.prefix_length});
    };
    key.set = [](void* section, const Value& value) {
        auto& route = *static_cast<RouteOptions*>(section);
        AddressOptions network{.address = Address(), .prefix_length = 0};
        if (value != Value(std::string("default")) && !from_value(value, network)) return false;
        route.destination = network.address;
        route.prefix_length = network.prefix_length;
        return true;
    };
    return key;
}

constexpr std::array kRoute{
    destination_key(),
    text_key<&RouteOptions::gateway>("gateway", "an address such as \"198.18.0.1\"",
                                     "A neighbour of ours that passes datagrams on."),
};

constexpr std::array kIp{
    integer_key<&IpOptions::ttl>("ttl", {1, 255}, "Time to live of the datagrams we send."),
    integer_key<&IpOptions::echo_rate_limit>("echo_rate_limit", {0, 10'000'000},
                                             "Answers to ping per second and worker."),
    integer_key<&IpOptions::neighbours>("neighbours", {1, 1 << 20},
                                        "Entries of the neighbour (ARP) cache."),
    duration_key<&IpOptions::neighbour_reachable>(
        "neighbour_reachable", {1, kDayMs},
        "How long a neighbour's address is believed without hearing from it."),
};

}  // namespace

std::span<const Key> eal_keys() {
    return kEal;
}
std::span<const Key> port_keys() {
    return kPort;
}
std::span<const Key> route_keys() {
    return kRoute;
}
std::span<const Key> ip_keys() {
    return kIp;
}

}  // namespace lastack::control
