// How a device is named in the configuration: "NAME,argument=value,..." for a virtual one, as after
// --vdev; a PCI address; or the name of a port that the process has made itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lastack::port {

class DeviceString {
  public:
    explicit DeviceString(std::string_view text);

    const std::string& text() const { return text_; }
    /// "net_tap0"
    const std::string& name() const { return name_; }
    /// "iface=la0,queues=1"; what the driver gets.
    const std::string& arguments() const { return arguments_; }
    /// "net_tap": the name without its number.
    std::string driver() const;
    /// The value of one argument: argument("iface") is "la0".
    std::optional<std::string> argument(std::string_view key) const;

    /// "0000:00:05.0" or "00:05.0".
    bool is_pci() const;

  private:
    std::string text_;
    std::string name_;
    std::string arguments_;
};

}  // namespace lastack::port
