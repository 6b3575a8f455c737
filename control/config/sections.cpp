// The table of all sections: how each one's struct is reached inside a Config.
#include <array>
#include <vector>

#include "control/config.hpp"
#include "control/config/service_table.hpp"
#include "control/config/tables.hpp"

namespace lastack::control {
namespace {

template <auto Member>
constexpr Section option_section(std::string_view name, std::string_view help) {
    return {.name = name,
            .service_kind = {},
            .keys = {},
            .help = help,
            .count = [](const Config&) -> std::size_t { return 1; },
            .at = [](Config& config, std::size_t) -> void* { return &(config.options.*Member); }};
}

template <auto Member>
constexpr Section list_section(std::string_view name, std::string_view help) {
    return {.name = name,
            .service_kind = {},
            .repeated = true,
            .keys = {},
            .help = help,
            .count = [](const Config& config) { return (config.options.*Member).size(); },
            .at = [](Config& config, std::size_t index) -> void* {
                return &(config.options.*Member)[index];
            },
            .append = [](Config& config) { (config.options.*Member).emplace_back(); }};
}

Section with(Section section, std::span<const Key> keys) {
    section.keys = keys;
    return section;
}

Section control_section() {
    return {.name = "control",
            .service_kind = {},
            .keys = control_keys(),
            .help = "How the daemon is reached, and how it ends.",
            .count = [](const Config&) -> std::size_t { return 1; },
            .at = [](Config& config, std::size_t) -> void* { return &config.control; }};
}

std::vector<Section> make_sections() {
    std::vector<Section> sections{
        with(option_section<&Options::eal>("eal", "DPDK's environment."), eal_keys()),
        with(list_section<&Options::ports>("port", "An interface: a device and our addresses."),
             port_keys()),
        with(list_section<&Options::routes>("route", "A gateway and the network behind it."),
             route_keys()),
        with(option_section<&Options::tcp>("tcp", "The protocol."), tcp_keys()),
        with(option_section<&Options::ip>("ip", "IPv4, ICMP and ARP."), ip_keys()),
        with(option_section<&Options::limits>("limits", "What is reserved at start."),
             limit_keys()),
        with(option_section<&Options::worker>("worker", "The thread that moves the packets."),
             worker_keys()),
        with(option_section<&Options::debug>("debug", "For tests."), debug_keys()),
        control_section(),
    };
    for (const Section& section : service_sections()) sections.push_back(section);
    return sections;
}

}  // namespace

std::span<const Section> all_sections() {
    static const std::vector<Section> sections = make_sections();
    return sections;
}

const Key* find_key(const Section& section, std::string_view name) {
    for (const Key& key : section.keys) {
        if (key.name == name) return &key;
    }
    return nullptr;
}

}  // namespace lastack::control
