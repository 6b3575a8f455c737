#include "control/services.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "service/composite.hpp"

namespace lastack::control {
namespace {

using service::ChargenOptions;
using service::DiscardOptions;
using service::EchoOptions;
using service::HttpOptions;
using service::LoadOptions;

struct MakePart {
    service::CompositePart operator()(const HttpOptions& options) const {
        return {"http", service::make_http(options)};
    }
    service::CompositePart operator()(const EchoOptions& options) const {
        return {"echo", service::make_echo(options)};
    }
    service::CompositePart operator()(const DiscardOptions& options) const {
        return {"discard", service::make_discard(options)};
    }
    service::CompositePart operator()(const ChargenOptions& options) const {
        return {"chargen", service::make_chargen(options)};
    }
    service::CompositePart operator()(const LoadOptions& options) const {
        return {"load", service::make_load(options), true};
    }
};

/// Slots beyond what the worker can have would only take memory.
struct Restrict {
    std::uint32_t most;

    template <class Server>
    void operator()(Server& options) const {
        options.max_connections = std::min(options.max_connections, most);
    }
    void operator()(LoadOptions& options) const {
        options.max_connections = std::min(options.max_connections.value_or(most), most);
    }
};

}  // namespace

std::vector<ServiceConfig> within(std::vector<ServiceConfig> services, const LimitOptions& limits) {
    for (ServiceConfig& config : services) {
        std::visit(Restrict{limits.max_connections}, config.options);
    }
    return services;
}

ApplicationFactory make_services(const std::vector<ServiceConfig>& services) {
    service::CompositeOptions composite;
    for (const ServiceConfig& config : services) {
        service::CompositePart part = std::visit(MakePart(), config.options);
        // A second service of a kind is told apart in the report: "http", "http-2".
        std::size_t number = 1;
        for (const ServiceConfig& other : services) {
            if (&other == &config) break;
            if (other.kind() == config.kind()) ++number;
        }
        if (number > 1) part.name += "-" + std::to_string(number);
        composite.parts.push_back(std::move(part));
    }
    return service::make_composite(std::move(composite));
}

}  // namespace lastack::control
