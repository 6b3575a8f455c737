// Which devices debug.replay may be given: captures in files.
//
// A replay has secrets that everybody knows, and net_pcap can also open a live interface.
#pragma once

#include <optional>
#include <string>

#include "port/device_string.hpp"

namespace lastack::port {

/// Why `device` is no capture to replay, as a sentence's end ("... has iface=, a live interface");
/// nullopt where it is one.
std::optional<std::string> why_not_a_capture(const DeviceString& device);

}  // namespace lastack::port
