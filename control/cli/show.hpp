// Answers of the API as text for people.
#pragma once

#include <string>

#include "control/cli/fetch.hpp"

namespace lastack::control::cli {

std::string show_status(const Json& answer);
std::string show_ports(const Json& answer);
std::string show_memory(const Json& answer);
std::string show_neighbours(const Json& answer);
std::string show_services(const Json& answer);

}  // namespace lastack::control::cli
