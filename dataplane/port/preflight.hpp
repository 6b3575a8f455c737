// What can be known to fail before a device is created, said in the operator's words.
//
// Drivers answer most mistakes with the same number. So what each of them needs (a privilege, an
// interface, a file) is looked at first.
#pragma once

#include <optional>
#include <string>

#include "port/device_string.hpp"

namespace lastack::port {

struct Obstacle {
    std::string what;
    std::string remedy;
};

/// Why creating `device` will fail; nullopt where nothing is known to be in the way.
std::optional<Obstacle> preflight(const DeviceString& device);

/// The remedy to name when creating `device` has failed with `error` (an errno value) all the same.
std::string creation_remedy(const DeviceString& device, int error);

/// The same when starting it has failed.
std::string start_remedy(const DeviceString& device);

}  // namespace lastack::port
