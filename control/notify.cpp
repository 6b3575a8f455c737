#include "control/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace lastack::control {

bool notify(std::string_view state) {
    const char* const name = std::getenv("NOTIFY_SOCKET");
    if (name == nullptr || *name == '\0') return true;
    sockaddr_un address{};
    const std::size_t length = std::strlen(name);
    if (length >= sizeof address.sun_path) return false;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name, length);
    if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // an abstract socket

    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    const auto address_bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
    const ssize_t sent = ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL,
                                  reinterpret_cast<const sockaddr*>(&address), address_bytes);
    ::close(fd);
    return sent == static_cast<ssize_t>(state.size());
}

}  // namespace lastack::control
