// Addresses and endpoints of either family, in host byte order.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lastack {

/// An IPv4 or IPv6 address. An IPv4 address stands in the first four octets.
class Address {
  public:
    enum class Family : std::uint8_t { ipv4, ipv6 };

    /// 0.0.0.0: as a local address it means "any of ours".
    constexpr Address() = default;

    /// `value` in host byte order: 198.18.0.1 is 0xc6120001.
    static constexpr Address ipv4(std::uint32_t value) {
        Address address;
        for (std::size_t i = 0; i < 4; ++i) {
            address.octets_[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
        }
        return address;
    }
    static constexpr Address ipv6(const std::array<std::uint8_t, 16>& octets) {
        Address address;
        address.family_ = Family::ipv6;
        address.octets_ = octets;
        return address;
    }

    /// Parses "198.18.0.1" or "2001:db8::1"; nullopt where the text is neither.
    static std::optional<Address> parse(std::string_view text);

    constexpr Family family() const { return family_; }
    constexpr bool is_ipv4() const { return family_ == Family::ipv4; }
    constexpr bool is_unspecified() const { return octets_ == std::array<std::uint8_t, 16>{}; }
    /// The IPv4 value in host byte order; only for ipv4.
    constexpr std::uint32_t ipv4_value() const {
        return std::uint32_t{octets_[0]} << 24 | std::uint32_t{octets_[1]} << 16 |
               std::uint32_t{octets_[2]} << 8 | std::uint32_t{octets_[3]};
    }
    constexpr const std::array<std::uint8_t, 16>& octets() const { return octets_; }

    std::string to_string() const;
    constexpr auto operator<=>(const Address&) const = default;

  private:
    Family family_ = Family::ipv4;
    std::array<std::uint8_t, 16> octets_{};
};

/// An address and a port.
struct Endpoint {
    Address address;
    std::uint16_t port = 0;

    /// Parses "198.18.0.1:80", "[2001:db8::1]:80" or ":80" (any address); nullopt otherwise.
    static std::optional<Endpoint> parse(std::string_view text);
    std::string to_string() const;
    constexpr auto operator<=>(const Endpoint&) const = default;
};

}  // namespace lastack
