// Where a datagram leaves: the longest matching prefix decides (RFC 1122 3.3.1).
//
// A table of a few rows, sorted once at start: longest prefix first, and among equals in the order
// they were added. So the first match is the answer, and ties are settled by the configuration.
//
//     prefix            interface  gateway      source
//     198.18.0.0/24     0          -            198.18.0.1     made from an interface's address
//     198.18.7.0/24     0          198.18.0.9   198.18.0.1     configured
//     0.0.0.0/0         0          198.18.0.254 198.18.0.1     configured
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/arena.hpp"
#include "wire/address.hpp"

namespace lastack::ip {

struct Route {
    wire::Ipv4Prefix destination;
    wire::Ipv4Address gateway;  // unspecified: the destination itself is the next hop
    wire::Ipv4Address source;   // our address, where the caller has no preference
    std::uint8_t interface = 0;
};

struct NextHop {
    wire::Ipv4Address address;
    wire::Ipv4Address source;
    std::uint8_t interface = 0;
};

class RouteTable {
  public:
    RouteTable() = default;
    RouteTable(base::Arena& arena, std::uint32_t capacity) : rows_(arena.carve<Route>(capacity)) {}

    /// Start-up only. False where the table is full.
    bool add(const Route& route) {
        if (count_ == rows_.size()) return false;
        std::uint32_t at = count_++;
        for (; at > 0 && rows_[at - 1].destination.length < route.destination.length; --at) {
            rows_[at] = rows_[at - 1];
        }
        rows_[at] = route;
        return true;
    }

    std::optional<NextHop> find(wire::Ipv4Address remote) const {
        for (const Route& route : rows()) {
            if (route.destination.contains(remote)) return hop(route, remote, route.source);
        }
        return std::nullopt;
    }

    /// With the local address given, and with it the interface that owns it.
    std::optional<NextHop> find(wire::Ipv4Address remote, wire::Ipv4Address local,
                                std::uint8_t interface) const {
        for (const Route& route : rows()) {
            if (route.interface == interface && route.destination.contains(remote)) {
                return hop(route, remote, local);
            }
        }
        return std::nullopt;
    }

    std::span<const Route> rows() const { return rows_.first(count_); }

  private:
    static NextHop hop(const Route& route, wire::Ipv4Address remote, wire::Ipv4Address source) {
        return {.address = route.gateway.is_unspecified() ? remote : route.gateway,
                .source = source,
                .interface = route.interface};
    }

    std::span<Route> rows_;
    std::uint32_t count_ = 0;
};

}  // namespace lastack::ip
