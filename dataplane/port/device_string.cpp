#include "port/device_string.hpp"

#include <algorithm>
#include <cctype>

namespace lastack::port {

namespace {

bool hex_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(),
                                        [](unsigned char c) { return std::isxdigit(c) != 0; });
}

}  // namespace

DeviceString::DeviceString(std::string_view text) : text_(text) {
    const std::size_t comma = text.find(',');
    name_ = text.substr(0, comma);
    if (comma != std::string_view::npos) arguments_ = text.substr(comma + 1);
}

std::string DeviceString::driver() const {
    const std::size_t last = name_.find_last_not_of("0123456789");
    return last == std::string::npos ? name_ : name_.substr(0, last + 1);
}

std::optional<std::string> DeviceString::argument(std::string_view key) const {
    std::string_view rest = arguments_;
    while (!rest.empty()) {
        const std::string_view item = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(item.size() + 1, rest.size()));
        const std::size_t equals = item.find('=');
        if (item.substr(0, equals) != key) continue;
        return equals == std::string_view::npos ? std::string()
                                                : std::string(item.substr(equals + 1));
    }
    return std::nullopt;
}

bool DeviceString::is_pci() const {
    std::string_view rest = name_;
    const std::size_t dot = rest.rfind('.');
    if (dot == std::string_view::npos || !hex_digits(rest.substr(dot + 1))) return false;
    rest = rest.substr(0, dot);
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos || !hex_digits(rest.substr(colon + 1))) return false;
    rest = rest.substr(0, colon);
    const std::size_t domain = rest.rfind(':');
    if (domain == std::string_view::npos) return hex_digits(rest);
    return hex_digits(rest.substr(0, domain)) && hex_digits(rest.substr(domain + 1));
}

}  // namespace lastack::port
