// What one core's Stack is made from: fixed for its life, except where stack.hpp offers a setter.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/siphash.hpp"
#include "lastack/options.hpp"
#include "wire/address.hpp"

namespace lastack::stack {

/// One interface: a port with its MAC, its addresses and what its NIC can do.
struct InterfaceConfig {
    struct LocalAddress {
        wire::Ipv4Address address;
        std::uint8_t prefix_length = 24;
    };
    std::uint8_t port = 0;  // index into the worker's ports
    wire::MacAddress mac{};
    std::vector<LocalAddress> addresses{};
    std::uint16_t mtu = 1500;  // octets of IP datagram
    std::optional<std::uint16_t> vlan{};
    bool tcp_checksum_offload = false;  // the port completes TCP checksums on transmit
    std::uint32_t max_text_bytes = 0;   // largest text of one OutFrame; 0: one MSS
};

struct RouteConfig {
    wire::Ipv4Prefix destination;
    wire::Ipv4Address gateway;  // unspecified: on-link (made from addresses anyway)
};

/// Keys from the operating system's entropy, each for one use (G-10).
struct Secrets {
    base::SipKey table;
    base::SipKey isn;
    base::SipKey timestamp_offset;
    base::SipKey port;
    base::SipKey address_pair;  // RFC 6056 algorithm 4's table index
    base::SipKey cookie;
};

struct Config {
    unsigned worker = 0;
    std::vector<InterfaceConfig> interfaces;
    std::vector<RouteConfig> routes;
    TcpOptions tcp;
    IpOptions ip;
    LimitOptions limits;
    /// How many received buffers connections may hold unread before they are copied.
    std::uint32_t max_held_buffers = 16'384;
    /// Entries of the queues' pool: out-of-order, unread and unacknowledged pieces together.
    std::uint32_t max_pieces = 262'144;
    /// Counters of the local ports' choice (table::LocalPorts); few make a tiny stack.
    std::uint32_t port_counters = 65'536;
    /// False: no TIME-WAIT at all, the connection is CLOSED at once. For tests alone, which show
    /// what goes wrong then (S-60 to S-62); nothing that an operator can set leads here.
    bool time_wait = true;
    Secrets secrets;
};

}  // namespace lastack::stack
