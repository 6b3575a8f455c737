#include "port/kernel_interface.hpp"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lastack::port {

namespace {

/// A socket to ask about one interface, in the caller's network namespace.
class Question {
  public:
    explicit Question(const std::string& name) {
        name.copy(request.ifr_name, IFNAMSIZ - 1);  // the rest is zero already
    }
    ~Question() {
        if (socket_ >= 0) close(socket_);
    }
    Question(const Question&) = delete;
    Question& operator=(const Question&) = delete;

    bool ask(unsigned long what) { return ioctl(socket_, what, &request) == 0; }

    ifreq request{};

  private:
    int socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

}  // namespace

std::optional<KernelInterface> KernelInterface::find(const std::string& name) {
    Question question(name);
    if (!question.ask(SIOCGIFMTU)) return std::nullopt;
    const int mtu = question.request.ifr_mtu;
    if (!question.ask(SIOCGIFFLAGS)) return std::nullopt;
    return KernelInterface(name, mtu, (question.request.ifr_flags & IFF_PROMISC) != 0);
}

void KernelInterface::put_back() const {
    const auto now = find(name_);
    if (!now) return;
    Question question(name_);
    if (now->mtu_ != mtu_) {
        question.request.ifr_mtu = mtu_;
        question.ask(SIOCSIFMTU);
    }
    // The other flags are somebody else's, and may have changed.
    if (now->promiscuous_ == promiscuous_ || !question.ask(SIOCGIFFLAGS)) return;
    question.request.ifr_flags = static_cast<short>(question.request.ifr_flags ^ IFF_PROMISC);
    question.ask(SIOCSIFFLAGS);
}

}  // namespace lastack::port
