// A Unix datagram socket that commands come from; each is answered to its sender.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <optional>
#include <string>

namespace interop {

class CommandSocket {
  public:
    explicit CommandSocket(const std::string& path)
        : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        path.copy(name.sun_path, sizeof name.sun_path - 1);
        bound_ = ::bind(fd_, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
    }
    ~CommandSocket() { ::close(fd_); }
    CommandSocket(const CommandSocket&) = delete;
    CommandSocket& operator=(const CommandSocket&) = delete;

    bool bound() const { return bound_; }

    std::optional<std::string> receive() {
        char text[256];
        sender_length_ = sizeof sender_;
        const ssize_t length = ::recvfrom(fd_, text, sizeof text, 0,
                                          reinterpret_cast<sockaddr*>(&sender_), &sender_length_);
        if (length < 0) return std::nullopt;
        return std::string(text, static_cast<std::size_t>(length));
    }

    void answer(const std::string& text) {
        // A test that has gone away needs no answer.
        [[maybe_unused]] const ssize_t sent =
            ::sendto(fd_, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&sender_),
                     sender_length_);
    }

  private:
    int fd_;
    bool bound_ = false;
    sockaddr_un sender_{};
    socklen_t sender_length_ = 0;
};

}  // namespace interop
