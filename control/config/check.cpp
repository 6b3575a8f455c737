#include "control/config/check.hpp"

#include <algorithm>
#include <set>

#include "control/config/eal_words.hpp"
#include "control/config/units.hpp"
#include "port/capture_device.hpp"

namespace lastack::control {
namespace {

constexpr std::size_t kMostPorts = 8;            // one worker's, as worker/options_check.cpp has it
constexpr std::size_t kLongestSocketPath = 107;  // sun_path holds 108 with its terminator

std::uint32_t mask_of(const AddressOptions& network) {
    return network.prefix_length == 0 ? 0 : 0xffff'ffffU << (32 - network.prefix_length);
}

bool contains(const AddressOptions& network, const Address& address) {
    return network.address.is_ipv4() && address.is_ipv4() &&
           ((network.address.ipv4_value() ^ address.ipv4_value()) & mask_of(network)) == 0;
}

/// Why no host may have this address; empty where one may.
std::string_view unusable(const Address& address) {
    if (!address.is_ipv4()) return "IPv6 is not built yet";
    const std::uint32_t value = address.ipv4_value();
    if (value >> 24 == 0) return "0.0.0.0/8 is not an address of a host";
    if (value >> 24 == 127) return "127.0.0.0/8 is the loopback's";
    if (value >> 28 == 0xe) return "it is a multicast address";
    if (value >> 28 == 0xf) return "240.0.0.0/4 is reserved";
    return {};
}

/// The network's first and last address belong to no host, where it has room for others.
std::string_view unusable(const AddressOptions& own) {
    const std::string_view reason = unusable(own.address);
    if (!reason.empty() || own.prefix_length > 30) return reason;
    if (own.prefix_length == 0) return "a port's network cannot be the whole Internet (/0)";
    const std::uint32_t host = own.address.ipv4_value() & ~mask_of(own);
    if (host == 0) return "it is the address of the network itself";
    if (host == ~mask_of(own)) return "it is the network's broadcast address";
    return {};
}

bool is_mac(std::string_view text) {
    if (text.size() != 17) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool hex =
            std::string_view("0123456789abcdefABCDEF").find(text[i]) != std::string_view::npos;
        if (i % 3 == 2 ? text[i] != ':' : !hex) return false;
    }
    return true;
}

/// Its lowest bit of the first octet marks a group: no station may send from such a MAC.
bool is_group_mac(std::string_view mac) {
    return std::string_view("13579bdfBDF").find(mac[1]) != std::string_view::npos;
}

class Checker {
  public:
    Checker(const Config& config, std::string_view file) : config_(config), file_(file) {}

    std::vector<Problem> run() {
        check_eal();
        check_ports();
        check_routes();
        check_tcp();
        check_mbufs();
        check_debug();
        for (std::size_t i = 0; i < config_.services.size(); ++i) check_service(i);
        check_control();
        return std::move(problems_);
    }

  private:
    /// Where `path` was written; else where what it lies in begins; else the file.
    Place place_of(std::string path) const {
        while (true) {
            const auto found = config_.origins.find(path);
            if (found != config_.origins.end()) return found->second;
            const std::size_t dot = path.rfind('.');
            if (dot == std::string::npos) return {.source = std::string(file_)};
            path.resize(dot);
        }
    }

    void complain(const std::string& path, std::string message) {
        problems_.push_back({place_of(path), std::move(message)});
    }

    void check_eal() {
        for (const std::string& device : config_.options.eal.allow) {
            if (is_pci_address(device)) continue;
            complain(
                "eal.allow",
                "eal.allow: expected a list of PCI addresses such as \"0000:00:05.0\", found \"" +
                    device + '"');
        }
        for (const std::string& word : config_.options.eal.extra) {
            const std::string reason = owned_by_lastack(word);
            if (!reason.empty()) complain("eal.extra", "eal.extra: " + reason);
        }
    }

    void check_ports() {
        const std::size_t count = config_.options.ports.size();
        if (count == 0) {
            complain("", "no [[port]]: expected at least one, with device and addresses");
        } else if (count > kMostPorts) {
            complain("port." + std::to_string(kMostPorts), "[[port]]: expected at most " +
                                                               std::to_string(kMostPorts) +
                                                               ", found " + std::to_string(count));
        }
        std::set<std::string> devices;
        for (std::size_t i = 0; i < config_.options.ports.size(); ++i) {
            const PortOptions& port = config_.options.ports[i];
            const std::string path = "port." + std::to_string(i);
            if (port.device.empty()) {
                complain(path + ".device",
                         "port.device: missing; expected a DPDK device such as "
                         "\"net_tap0,iface=la0\"");
            } else if (!devices.insert(port.device.substr(0, port.device.find(','))).second) {
                complain(path + ".device", "port.device: \"" + port.device +
                                               "\" is the device of an earlier [[port]]");
            }
            check_addresses(port, path);
            check_mac(port, path);
        }
    }

    void check_addresses(const PortOptions& port, const std::string& path) {
        if (port.addresses.empty()) {
            complain(path + ".addresses",
                     "port.addresses: missing; expected at least one, such as \"198.18.0.2/24\"");
        }
        for (const AddressOptions& own : port.addresses) {
            const std::string text = own.address.to_string();
            const std::string_view reason = unusable(own);
            if (!reason.empty()) {
                complain(path + ".addresses", "port.addresses: " + text + "/" +
                                                  std::to_string(own.prefix_length) + ": " +
                                                  std::string(reason));
            } else if (!own_.insert(own.address).second) {
                complain(path + ".addresses", "port.addresses: " + text + " appears twice");
            }
        }
    }

    void check_mac(const PortOptions& port, const std::string& path) {
        if (!port.mac) return;
        std::string reason;
        if (!is_mac(*port.mac)) {
            reason = "expected a MAC address such as \"02:00:00:00:00:01\"";
        } else if (is_group_mac(*port.mac)) {
            reason =
                "expected the MAC address of a station, not of a group (its first octet is "
                "odd)";
        } else if (*port.mac == "00:00:00:00:00:00") {
            reason = "expected a MAC address other than all zeros";
        }
        if (!reason.empty()) {
            complain(path + ".mac", "port.mac: " + reason + ", found \"" + *port.mac + '"');
        }
    }

    bool on_link(const Address& address) const {
        for (const PortOptions& port : config_.options.ports) {
            for (const AddressOptions& own : port.addresses) {
                if (contains(own, address)) return true;
            }
        }
        return false;
    }

    void check_routes() {
        for (std::size_t i = 0; i < config_.options.routes.size(); ++i) {
            const RouteOptions& route = config_.options.routes[i];
            const std::string path = "route." + std::to_string(i);
            if (!config_.origins.contains(path + ".destination")) {
                complain(path,
                         "route.destination: missing; expected a network such as "
                         "\"203.0.113.0/24\", or \"default\"");
            }
            check_gateway(route.gateway, path);
        }
    }

    void check_gateway(const Address& gateway, const std::string& path) {
        const std::string where = path + ".gateway";
        if (!config_.origins.contains(where)) {
            complain(path, "route.gateway: missing; expected an address such as \"198.18.0.1\"");
        } else if (const std::string_view reason = unusable(gateway); !reason.empty()) {
            complain(where, "route.gateway: " + gateway.to_string() + ": " + std::string(reason));
        } else if (own_.contains(gateway)) {
            complain(where, "route.gateway: " + gateway.to_string() + " is our own address");
        } else if (!on_link(gateway)) {
            complain(where, "route.gateway: " + gateway.to_string() +
                                " is on no network of a [[port]]'s addresses");
        }
    }

    static bool all_reserved(const TcpOptions& tcp) {
        const auto reserved = [&](std::uint32_t port) {
            return std::ranges::any_of(tcp.port_reserved, [port](const PortSpan& span) {
                return port >= span.first && port <= span.last;
            });
        };
        for (std::uint32_t port = tcp.port_first; port <= tcp.port_last; ++port) {
            if (!reserved(port)) return false;
        }
        return true;
    }

    void check_tcp() {
        const TcpOptions& tcp = config_.options.tcp;
        if (tcp.port_first > tcp.port_last) {
            complain(written_of("tcp.port_first", "tcp.port_last"),
                     "tcp.port_first (" + std::to_string(tcp.port_first) +
                         ") is above tcp.port_last (" + std::to_string(tcp.port_last) + ")");
        }
        if (tcp.port_first <= tcp.port_last && all_reserved(tcp)) {
            complain(written_of("tcp.port_reserved", "tcp.port_first"),
                     "tcp.port_reserved: no port from tcp.port_first (" +
                         std::to_string(tcp.port_first) + ") to tcp.port_last (" +
                         std::to_string(tcp.port_last) + ") is left");
        }
        check_order("rto_min", tcp.rto_min, "rto_initial", tcp.rto_initial);
        check_order("rto_initial", tcp.rto_initial, "rto_max", tcp.rto_max);
        check_retries("retries1", tcp.retries1);
        check_retries("retries2", tcp.retries2);
        check_retries("orphan_retries", tcp.orphan_retries);
    }

    /// The protocol's clock tells 24 days apart.
    void check_retries(const std::string& key, std::uint8_t count) {
        const std::chrono::milliseconds most = config_.options.tcp.rto_max;
        if ((count + 1) * most <= std::chrono::hours(24 * 24)) return;
        const std::string name = "tcp." + key;
        complain(written_of(name, "tcp.rto_max"),
                 name + ": " + std::to_string(count) + " retransmissions, up to tcp.rto_max (" +
                     format_duration(most) + ") apart, may take more than 24 days");
    }

    void check_order(std::string_view less_name, std::chrono::milliseconds less,
                     std::string_view more_name, std::chrono::milliseconds more) {
        if (less <= more) return;
        const std::string low = "tcp." + std::string(less_name);
        const std::string high = "tcp." + std::string(more_name);
        complain(written_of(low, high), low + " (" + format_duration(less) + ") is above " + high +
                                            " (" + format_duration(more) + ")");
    }

    /// Of two keys that contradict each other, the one that somebody wrote.
    std::string written_of(const std::string& first, const std::string& second) const {
        return config_.origins.contains(first) ? first : second;
    }

    /// A receive queue holds as many mbufs as it has descriptors, and a burst is on its way to us.
    void check_mbufs() {
        const std::uint32_t mbufs = config_.options.limits.mbufs;
        std::uint64_t held = config_.options.worker.burst;
        for (const PortOptions& port : config_.options.ports) held += port.rx_descriptors;
        if (mbufs > held) return;
        complain(
            place_of_mbufs(),
            "limits.mbufs: expected more than " + std::to_string(held) +
                ", for port.rx_descriptors of all ports and worker.burst hold as many, found " +
                std::to_string(mbufs));
    }

    /// What somebody wrote of that which is compared: the limit, or the first queue.
    std::string place_of_mbufs() const {
        for (std::size_t i = 0; i < config_.options.ports.size(); ++i) {
            const std::string queue = "port." + std::to_string(i) + ".rx_descriptors";
            if (config_.origins.contains(queue)) return written_of("limits.mbufs", queue);
        }
        return "limits.mbufs";
    }

    void check_debug() {
        if (!config_.options.debug.replay) return;
        for (const PortOptions& port : config_.options.ports) {
            const auto reason = port::why_not_a_capture(port::DeviceString(port.device));
            if (!reason) continue;
            complain("debug.replay", "debug.replay: only from captures in files, and \"" +
                                         port.device + "\" " + *reason);
        }
    }

    void check_service(std::size_t index) {
        const ServiceConfig& service = config_.services[index];
        const std::string path = "service." + std::to_string(index);
        if (const auto* load = std::get_if<service::LoadOptions>(&service.options)) {
            check_load(*load, path);
        }
        const Endpoint* listen = service.listen();
        if (listen != nullptr) check_listen(*listen, path, index);
    }

    void check_listen(const Endpoint& listen, const std::string& path, std::size_t index) {
        if (listen.port == 0) {
            complain(path + ".listen", "service.listen: port 0 cannot be listened on");
        }
        if (!listen.address.is_unspecified() && !own_.contains(listen.address)) {
            complain(path + ".listen", "service.listen: " + listen.address.to_string() +
                                           " is an address of no [[port]]" + own_addresses());
        }
        for (std::size_t i = 0; i < index; ++i) {
            const Endpoint* other = config_.services[i].listen();
            if (other == nullptr || *other != listen) continue;
            complain(path + ".listen", "service.listen: " + listen.to_string() +
                                           " is taken by the service at " +
                                           place_of("service." + std::to_string(i)).to_string());
        }
    }

    void check_load(const service::LoadOptions& load, const std::string& path) {
        if (!config_.origins.contains(path + ".target")) {
            complain(path,
                     "service.target: missing; expected an endpoint such as "
                     "\"198.18.0.1:80\"");
        } else if (load.target.address.is_unspecified() || load.target.port == 0) {
            complain(path + ".target", "service.target: expected an address and a port, found \"" +
                                           load.target.to_string() + '"');
        }
        if (load.count == 0 && load.duration.count() == 0) {
            complain(path,
                     "service.count and service.duration: one of both must be set, or the "
                     "load never ends");
        }
        check_pace(load, path);
        using Load = service::LoadOptions;
        if (load.mode == Load::Mode::echo && load.first_closer == Load::FirstCloser::server) {
            complain(path + ".first_closer",
                     "service.first_closer: an echo server never closes first; expected "
                     "\"client\"");
        }
        if (load.abortive_close && load.first_closer == Load::FirstCloser::server) {
            complain(path + ".abortive_close",
                     "service.abortive_close: only where first_closer is \"client\"");
        }
        for (const Address& address : load.local_addresses) {
            if (own_.contains(address)) continue;
            complain(path + ".local_addresses", "service.local_addresses: " + address.to_string() +
                                                    " is an address of no [[port]]" +
                                                    own_addresses());
        }
    }

    /// What the pace that was chosen would ignore.
    void check_pace(const service::LoadOptions& load, const std::string& path) {
        if (load.rate > 0 && load.concurrency) {
            complain(path + ".concurrency",
                     "service.concurrency: not together with service.rate; expected one of both "
                     "(max_connections limits what a rate opens)");
        }
        if (load.rate == 0 && load.max_connections) {
            complain(path + ".max_connections",
                     "service.max_connections: only with service.rate; expected concurrency");
        }
    }

    void check_control() {
        const std::string& socket = config_.control.socket;
        if (socket.empty() || socket.size() > kLongestSocketPath) {
            complain("control.socket",
                     "control.socket: expected a path of 1 to 107 characters, found " +
                         std::to_string(socket.size()));
        }
    }

    /// "; ours are 198.18.0.2, 198.18.0.3", the remedy for an address that is not.
    std::string own_addresses() const {
        std::string text;
        for (const Address& address : own_) {
            text += (text.empty() ? "; ours are " : ", ") + address.to_string();
        }
        return text;
    }

    const Config& config_;
    std::string_view file_;
    std::set<Address> own_;
    std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> check(const Config& config, std::string_view file) {
    return Checker(config, file).run();
}

}  // namespace lastack::control
