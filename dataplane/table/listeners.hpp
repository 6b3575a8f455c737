// Who listens where: from a local address and port to the index of a listener.
//
// A listener on one address wins over one on any address (an unspecified one) of the same port.
// Control-sized and owner-only: a few entries, set by the configuration and the application, and
// asked once per SYN. Beside the listeners stands a count per port, for those who choose local
// ports (G-34).
#pragma once

#include <cstdint>

#include "base/arena.hpp"
#include "base/pool.hpp"
#include "table/fixed_map.hpp"
#include "wire/address.hpp"

namespace lastack::table {

template <class Address>  // wire::Ipv4Address or wire::Ipv6Address
class Listeners {
  public:
    Listeners(base::Arena& arena, std::uint32_t capacity)
        : by_address_(arena, capacity), by_port_(arena, capacity) {}

    /// The listener for a segment to `address` and `port`; kNoIndex where nobody listens.
    std::uint32_t find(const Address& address, std::uint16_t port) const {
        const std::uint32_t* exact = by_address_.find({address, port});
        if (exact != nullptr) return *exact;
        const std::uint32_t* any = by_address_.find({Address{}, port});
        return any != nullptr ? *any : base::kNoIndex;
    }

    /// The listener on exactly this address, which may be unspecified; kNoIndex where none is.
    std::uint32_t find_exact(const Address& address, std::uint16_t port) const {
        const std::uint32_t* exact = by_address_.find({address, port});
        return exact != nullptr ? *exact : base::kNoIndex;
    }

    /// False: somebody listens on exactly this already, or there is no room.
    bool insert(const Address& address, std::uint16_t port, std::uint32_t listener) {
        if (!by_address_.insert({address, port}, listener)) return false;
        // There are never more ports than listeners, so the count has room.
        if (std::uint32_t* count = by_port_.find(port)) {
            ++*count;
        } else {
            by_port_.insert(port, 1);
        }
        return true;
    }

    /// Another listener in the place of the one on exactly this.
    void replace(const Address& address, std::uint16_t port, std::uint32_t listener) {
        std::uint32_t* const exact = by_address_.find({address, port});
        LA_ASSERT(exact != nullptr);
        *exact = listener;
    }

    /// False: nobody listens on exactly this.
    bool erase(const Address& address, std::uint16_t port) {
        if (!by_address_.erase({address, port})) return false;
        std::uint32_t* count = by_port_.find(port);
        if (--*count == 0) by_port_.erase(port);
        return true;
    }

    /// Whether anybody listens on this port, on whatever address.
    bool uses_port(std::uint16_t port) const { return by_port_.find(port) != nullptr; }

    std::uint32_t size() const { return by_address_.size(); }
    std::uint32_t capacity() const { return by_address_.capacity(); }

  private:
    struct Key {
        Address address;
        std::uint16_t port = 0;

        constexpr bool operator==(const Key&) const = default;
    };
    static constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
        return (hash ^ word) * 0x9e37'79b9'7f4a'7c15U;
    }
    struct KeyHash {
        std::uint64_t operator()(const Key& key) const {
            return mix(mix(0, key.port), fold(key.address));
        }
        static std::uint64_t fold(wire::Ipv4Address address) { return address.value; }
        static std::uint64_t fold(const wire::Ipv6Address& address) {
            std::uint64_t hash = 0;
            for (const std::uint8_t octet : address.octets) hash = mix(hash, octet);
            return hash;
        }
    };
    struct PortHash {
        std::uint64_t operator()(std::uint16_t port) const { return mix(0, port); }
    };

    FixedMap<Key, std::uint32_t, KeyHash> by_address_;
    FixedMap<std::uint16_t, std::uint32_t, PortHash> by_port_;
};

}  // namespace lastack::table
