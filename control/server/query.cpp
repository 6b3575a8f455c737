#include "control/server/query.hpp"

#include <charconv>

#include "control/config/units.hpp"
#include "control/server/problem.hpp"

namespace lastack::control {
namespace {

ApiError bad_parameter(std::string_view name, std::string_view expected, std::string_view found) {
    return {400, "A parameter means nothing",
            std::string(name) + ": expected " + std::string(expected) + ", found \"" +
                std::string(found) + "\""};
}

bool within(const std::optional<AddressOptions>& network, const Address& address) {
    if (!network) return true;
    if (network->address.family() != address.family()) return false;
    for (unsigned bit = 0; bit < network->prefix_length; ++bit) {
        const unsigned mask = 0x80U >> bit % 8;
        const std::uint8_t a = network->address.octets()[bit / 8];
        const std::uint8_t b = address.octets()[bit / 8];
        if (((a ^ b) & mask) != 0) return false;
    }
    return true;
}

std::optional<tcp::State> state_named(std::string_view name) {
    for (std::size_t i = 0; i < tcp::kStateCount; ++i) {
        const auto state = static_cast<tcp::State>(i);
        if (tcp::name(state) == name) return state;
    }
    return std::nullopt;
}

}  // namespace

bool EndpointFilter::matches(const Endpoint& local, const Endpoint& remote) const {
    return (!source_port || *source_port == local.port) &&
           (!destination_port || *destination_port == remote.port) &&
           within(source, local.address) && within(destination, remote.address);
}

Query::Query(const Request& request, std::initializer_list<std::string_view> known)
    : request_(request) {
    for (const auto& [name, value] : request.query) {
        bool found = false;
        std::string list;
        for (const std::string_view candidate : known) {
            found = found || candidate == name;
            list += (list.empty() ? "" : ", ") + std::string(candidate);
        }
        if (!found) {
            throw ApiError{
                400, "Unknown parameter",
                name + ": " + request.path + (list.empty() ? " takes none" : " takes " + list)};
        }
    }
}

const std::string* Query::find(std::string_view name) const {
    const auto found = request_.query.find(std::string(name));
    return found == request_.query.end() ? nullptr : &found->second;
}

std::uint64_t Query::number(std::string_view name, std::uint64_t otherwise,
                            std::uint64_t most) const {
    const std::string* text = find(name);
    if (text == nullptr) return otherwise;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() || value > most) {
        throw bad_parameter(name, "a number from 0 to " + std::to_string(most), *text);
    }
    return value;
}

std::string Query::text(std::string_view name) const {
    const std::string* text = find(name);
    return text == nullptr ? std::string() : *text;
}

std::optional<std::chrono::milliseconds> Query::duration(std::string_view name) const {
    const std::string* text = find(name);
    if (text == nullptr) return std::nullopt;
    const auto duration = parse_duration(*text);
    if (!duration) throw bad_parameter(name, "a duration such as \"10s\"", *text);
    return duration;
}

StateSet Query::states() const {
    StateSet set{};
    const std::string* text = find("state");
    if (text == nullptr) {
        set.fill(true);
        return set;
    }
    std::string_view rest = *text;
    while (true) {
        const std::string_view name = rest.substr(0, rest.find(','));
        const auto state = state_named(name);
        if (!state) throw bad_parameter("state", "RFC 9293's names, such as TIME-WAIT", name);
        set[static_cast<std::size_t>(*state)] = true;
        if (name.size() == rest.size()) return set;
        rest.remove_prefix(name.size() + 1);
    }
}

std::optional<AddressOptions> Query::network(std::string_view name) const {
    const std::string* text = find(name);
    if (text == nullptr) return std::nullopt;
    const auto address = Address::parse(*text);
    if (address) {
        const std::uint8_t length = address->is_ipv4() ? 32 : 128;
        return AddressOptions{.address = *address, .prefix_length = length};
    }
    const auto prefix = parse_prefix(*text);
    if (!prefix) throw bad_parameter(name, "an address, or a network such as 198.18.0.0/24", *text);
    return prefix;
}

std::optional<std::uint16_t> Query::port(std::string_view name) const {
    if (find(name) == nullptr) return std::nullopt;
    return static_cast<std::uint16_t>(number(name, 0, 65'535));
}

EndpointFilter Query::endpoints() const {
    return {.source = network("src"),
            .destination = network("dst"),
            .source_port = port("sport"),
            .destination_port = port("dport")};
}

}  // namespace lastack::control
