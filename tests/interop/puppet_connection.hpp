// One connection of the puppet's: what has been heard of it, and the commands that name it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "lastack/connection.hpp"

namespace interop {

/// A connection, and what has been heard of it.
struct Puppet {
    lastack::Connection connection;
    std::uint16_t local_port = 0;
    std::uint16_t remote_port = 0;
    std::uint64_t received = 0;
    bool reading = true;
    bool opened = false;
    bool peer_closed = false;
    std::string_view closed = "";
    int error = 0;
};

/// Does what `verb` and the rest of the command say; the answer.
nlohmann::json obey(const std::string& verb, Puppet& puppet, std::istringstream& words);

}  // namespace interop
