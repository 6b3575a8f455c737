// The connection table's hash: keyed, so that nobody outside can fill one bucket on purpose.
//
// SipHash-1-3 over the key packed into 64-bit words. IPv4's 12 bytes make two words, IPv6's 36 make
// five; the number of words enters the hash, so the families do not collide by construction.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "base/siphash.hpp"
#include "wire/flow_key.hpp"

namespace lastack::table {

namespace hash_detail {

constexpr std::uint64_t ports(std::uint16_t local, std::uint16_t remote) {
    return std::uint64_t{local} << 16 | remote;
}

constexpr std::uint64_t addresses(wire::Ipv4Address local, wire::Ipv4Address remote) {
    return std::uint64_t{local.value} << 32 | remote.value;
}

/// The two halves of an IPv6 address. Their byte order only has to be always the same one.
constexpr std::array<std::uint64_t, 2> halves(const wire::Ipv6Address& address) {
    return std::bit_cast<std::array<std::uint64_t, 2>>(address.octets);
}

}  // namespace hash_detail

class FlowHasher {
  public:
    /// `key`: the secret of the table alone, fresh per start.
    constexpr explicit FlowHasher(base::SipKey key) : key_(key) {}

    constexpr std::uint64_t operator()(const wire::FlowKey4& key) const {
        const std::array words{hash_detail::addresses(key.local_address, key.remote_address),
                               hash_detail::ports(key.local_port, key.remote_port)};
        return base::siphash(key_, words);
    }

    constexpr std::uint64_t operator()(const wire::FlowKey6& key) const {
        const auto local = hash_detail::halves(key.local_address);
        const auto remote = hash_detail::halves(key.remote_address);
        const std::array words{local[0], local[1], remote[0], remote[1],
                               hash_detail::ports(key.local_port, key.remote_port)};
        return base::siphash(key_, words);
    }

  private:
    base::SipKey key_;
};

}  // namespace lastack::table
