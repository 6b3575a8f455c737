// The sections of [[service]], one for each kind.
#pragma once

#include <span>

#include "control/config.hpp"
#include "control/config/key.hpp"

namespace lastack::control {

std::span<const Section> service_sections();

}  // namespace lastack::control
