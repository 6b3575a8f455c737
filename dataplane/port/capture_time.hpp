// When a frame that net_pcap read from a file was captured.
#pragma once

#include <cstdint>

#include "base/buffer.hpp"

namespace lastack::port {

/// Microseconds since 1970 as the capture says; 0 where the driver stamped none.
std::uint64_t capture_time_us(base::BufferRef frame);

}  // namespace lastack::port
