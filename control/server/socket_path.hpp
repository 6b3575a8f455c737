// The file of a unix socket before it is listened on: whose is it?
#pragma once

#include <string>

#include "control/server/http_server.hpp"

namespace lastack::control {

/// Makes the path free: creates its directory where only that is missing, and removes a socket
/// that nobody listens on any more. Throws ListenError where another daemon answers there, where
/// the file is no socket, or where the directory cannot be written.
void clear_socket_path(const std::string& path);

/// The error for `error` (an errno) of listening at `path`, with its remedy.
ListenError listen_error(const std::string& path, int error);

}  // namespace lastack::control
