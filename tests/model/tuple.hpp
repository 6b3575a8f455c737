// The one tuple of the model, and where a segment's TCP header lies in a frame.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "tests/support/host.hpp"
#include "time/instant.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"

namespace lastack::model {

inline constexpr std::array kAddresses{test::kHostAddress, test::kPeerAddress};
inline constexpr std::array kMacs{test::kHostMac, test::kPeerMac};
inline constexpr std::array<std::uint16_t, 2> kPorts{1'000, 2'000};
inline constexpr std::size_t kTcpAt = wire::kEthernetBytes + wire::kIpv4HeaderBytes;

/// What a step takes: two numbers of the ISN's clock.
inline constexpr time::Duration kStep = std::chrono::microseconds(8);

}  // namespace lastack::model
