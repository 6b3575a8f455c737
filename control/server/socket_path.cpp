#include "control/server/socket_path.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace lastack::control {
namespace {

/// 0 where somebody answers, else errno.
int try_to_connect(const std::string& path) {
    sockaddr_un address{};
    if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    // Without blocking: a daemon whose queue of connections is full answers EAGAIN, and lives.
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return errno;
    const int result =
        ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0 : errno;
    ::close(fd);
    return result;
}

void make_directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos || slash == 0) return;
    const std::string directory = path.substr(0, slash);
    if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) {
        throw listen_error(path, errno);
    }
}

}  // namespace

ListenError listen_error(const std::string& path, int error) {
    std::string text = "control socket " + path + ": " + std::strerror(error);
    if (error == EACCES || error == EPERM || error == EROFS) {
        text += "; run as root, or set control.socket to a path that you may write";
    } else if (error == ENOENT || error == ENOTDIR) {
        text += "; create its directory, or set control.socket to another path";
    }
    const auto kind =
        error == EADDRINUSE ? ListenError::Kind::in_use : ListenError::Kind::impossible;
    return {kind, text};
}

void clear_socket_path(const std::string& path) {
    struct stat file {};
    if (::lstat(path.c_str(), &file) != 0) {
        if (errno != ENOENT) throw listen_error(path, errno);
        return make_directory_of(path);
    }
    if (!S_ISSOCK(file.st_mode)) {
        throw ListenError(ListenError::Kind::impossible,
                          "control socket " + path +
                              ": this file is no socket; remove it, or set control.socket to "
                              "another path");
    }
    const int error = try_to_connect(path);
    if (error == 0 || error == EAGAIN) {
        throw ListenError(ListenError::Kind::in_use,
                          "control socket " + path +
                              ": another lastackd answers there; stop it, or set control.socket "
                              "to another path");
    }
    if (error != ECONNREFUSED) throw listen_error(path, error);
    // A daemon that died left it behind.
    if (::unlink(path.c_str()) != 0) throw listen_error(path, errno);
}

}  // namespace lastack::control
