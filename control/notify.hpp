// systemd's notification protocol: one datagram to the socket that NOTIFY_SOCKET names.
#pragma once

#include <string_view>

namespace lastack::control {

/// Sends "READY=1", "STOPPING=1" and the like. Does nothing where nobody asked to be notified;
/// false where somebody did, and could not be reached.
bool notify(std::string_view state);

}  // namespace lastack::control
