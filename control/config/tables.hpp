// The rows of each section, as the table_*.cpp files define them; only sections.cpp asks.
#pragma once

#include <cstdint>
#include <span>

#include "control/config/key.hpp"

namespace lastack::control {

inline constexpr std::int64_t kDayMs = 24LL * 3'600'000;

std::span<const Key> eal_keys();
std::span<const Key> port_keys();
std::span<const Key> route_keys();
std::span<const Key> tcp_keys();
std::span<const Key> ip_keys();
std::span<const Key> limit_keys();
std::span<const Key> worker_keys();
std::span<const Key> debug_keys();
std::span<const Key> control_keys();

}  // namespace lastack::control
