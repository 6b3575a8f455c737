// The configured services as what a worker runs.
#pragma once

#include <vector>

#include "control/config/service_config.hpp"
#include "lastack/core.hpp"
#include "lastack/options.hpp"

namespace lastack::control {

/// The same services, none with room for more connections than a worker can have.
std::vector<ServiceConfig> within(std::vector<ServiceConfig> services, const LimitOptions& limits);

/// All services as one application. In its report each goes by its kind, and from the second of a
/// kind on by kind and number: "http", "http-2". Without services the process only answers pings
/// and resets.
ApplicationFactory make_services(const std::vector<ServiceConfig>& services);

}  // namespace lastack::control
