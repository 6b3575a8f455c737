#include "control/cli/client.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace lastack::control::cli {
namespace {

constexpr timeval kPatience{.tv_sec = 10, .tv_usec = 0};

class Socket {
  public:
    Socket() : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
    ~Socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int fd() const { return fd_; }

  private:
    int fd_;
};

NoDaemon no_daemon(const std::string& path, int error) {
    std::string text = path + ": " + std::strerror(error);
    if (error == ENOENT || error == ECONNREFUSED) {
        text +=
            "; no lastackd answers there. Start one, or name its socket by --socket or "
            "LASTACK_SOCKET";
    } else if (error == EACCES || error == EPERM) {
        text += "; the socket belongs to another user. Run as that user or as root";
    } else if (error == EAGAIN) {
        text = path + ": lastackd did not answer within 10 s";
    }
    return NoDaemon(text);
}

void connect_to(const Socket& socket, const std::string& path) {
    sockaddr_un address{};
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        throw no_daemon(path, ENAMETOOLONG);
    }
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw no_daemon(path, errno);
    }
}

void send_all(const Socket& socket, const std::string& path, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) throw no_daemon(path, errno);
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string receive_all(const Socket& socket, const std::string& path) {
    std::string bytes;
    std::array<char, 65'536> chunk{};
    while (true) {
        const ssize_t got = ::recv(socket.fd(), chunk.data(), chunk.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw no_daemon(path, errno);
        if (got == 0) return bytes;
        bytes.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace

Answer Client::ask(std::string_view method, const std::string& target) const {
    const Socket socket;
    connect_to(socket, socket_);
    send_all(socket, socket_,
             std::string(method) + " " + target +
                 " HTTP/1.1\r\nHost: lastack\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    const Answer answer = parse_answer(receive_all(socket, socket_));
    if (answer.status == 0) throw NoDaemon(socket_ + ": what answers there is no lastackd");
    return answer;
}

Answer parse_answer(const std::string& response) {
    const std::size_t header_end = response.find("\r\n\r\n");
    if (!response.starts_with("HTTP/1.1 ") || header_end == std::string::npos) return {};
    const int status = std::atoi(response.c_str() + std::strlen("HTTP/1.1 "));
    if (status < 100 || status > 599) return {};
    return {.status = status, .body = response.substr(header_end + 4)};
}

std::string encode(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                           (c >= 'a' && c <= 'z') ||
                           std::string_view("-._~,:/").find(c) != std::string_view::npos;
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += kHex[octet >> 4];
            out += kHex[octet & 15];
        }
    }
    return out;
}

}  // namespace lastack::control::cli
