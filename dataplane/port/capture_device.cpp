#include "port/capture_device.hpp"

namespace lastack::port {

namespace {

// The arguments by which net_pcap opens an interface.
constexpr const char* kLive[] = {"iface", "rx_iface", "rx_iface_in", "tx_iface"};

}  // namespace

std::optional<std::string> why_not_a_capture(const DeviceString& device) {
    if (device.driver() != "net_pcap") return "is no net_pcap device";
    for (const char* const argument : kLive) {
        if (device.argument(argument)) {
            return "opens a live interface with " + std::string(argument) + "=";
        }
    }
    if (!device.argument("rx_pcap")) return "has no rx_pcap=FILE to replay";
    return std::nullopt;
}

}  // namespace lastack::port
