// Short connections on the Linux kernel: one end of them, by epoll, in one thread. What `bench
// lifecycle --rows` measures lastack beside.
//
//   kernel_lives server ADDRESS PORT CPU
//   kernel_lives client ADDRESS PORT CPU --from FIRST --addresses N --lives N --in-flight N
//
// The server takes a request of 64 octets, answers with as many and closes, so that TIME-WAIT is
// its; the client checks the answer and closes when the server has. The client ends by itself, the
// server on SIGTERM; each prints one JSON object: what it did, and the CPU time it took.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kText = 64;
using Text = std::array<char, kText>;

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::exit(2);
}

int checked(int result, const char* what) {
    if (result < 0) die(what);
    return result;
}

Text text_of(char first) {
    Text out;
    for (std::size_t i = 0; i < kText; ++i)
        out[i] = static_cast<char>(first + static_cast<char>(i));
    return out;
}

sockaddr_in name_of(std::uint32_t address, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_addr.s_addr = htonl(address);
    out.sin_port = htons(port);
    return out;
}

void bind_to(unsigned cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    checked(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Given {
    std::uint32_t address = 0;
    std::uint16_t port = 0;
    unsigned cpu = 0;
    std::uint32_t from = 0;
    std::uint32_t addresses = 1;
    std::uint64_t lives = 0;
    std::uint32_t in_flight = 256;
};

class Poll {
  public:
    Poll() : poll_(checked(epoll_create1(0), "epoll_create1")) {}

    void add(int file, std::uint32_t events) {
        epoll_event event{};
        event.events = events;
        event.data.fd = file;
        checked(epoll_ctl(poll_, EPOLL_CTL_ADD, file, &event), "epoll_ctl");
    }
    template <class Each>
    void wait(Each each) {
        std::array<epoll_event, 256> events;
        const int count = epoll_wait(poll_, events.data(), events.size(), -1);
        if (count < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < count; ++i) each(events[static_cast<std::size_t>(i)].data.fd);
    }

  private:
    int poll_;
};

void print(const char* role, std::uint64_t lives, std::uint64_t wrong, double seconds) {
    std::printf(
        "{\"role\": \"%s\", \"lives\": %llu, \"wrong\": %llu, \"seconds\": %.6f, "
        "\"cpu_seconds\": %.6f}\n",
        role, static_cast<unsigned long long>(lives), static_cast<unsigned long long>(wrong),
        seconds, cpu_seconds());
}

int serve(const Given& given) {
    const Text request = text_of('!');
    const Text response = text_of('0');
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    checked(sigprocmask(SIG_BLOCK, &ends, nullptr), "sigprocmask");
    const int end = checked(signalfd(-1, &ends, 0), "signalfd");
    const int listener = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    const int on = 1;
    checked(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
    const sockaddr_in name = name_of(given.address, given.port);
    checked(bind(listener, reinterpret_cast<const sockaddr*>(&name), sizeof name), "bind");
    checked(listen(listener, 4'096), "listen");
    Poll poll;
    poll.add(end, EPOLLIN);
    poll.add(listener, EPOLLIN);
    std::uint64_t lives = 0;
    std::uint64_t wrong = 0;
    const auto answer = [&](int file) {
        Text text;
        if (recv(file, text.data(), kText, 0) != static_cast<ssize_t>(kText) || text != request ||
            send(file, response.data(), kText, MSG_NOSIGNAL) != static_cast<ssize_t>(kText)) {
            ++wrong;
        }
        close(file);
        ++lives;
    };
    for (bool ended = false; !ended;) {
        poll.wait([&](int file) {
            if (file == end) {
                ended = true;
            } else if (file == listener) {
                for (int made; (made = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
                    poll.add(made, EPOLLIN);
                }
            } else {
                answer(file);
            }
        });
    }
    print("server", lives, wrong, 0);
    return wrong == 0 ? 0 : 1;
}

class Client {
  public:
    explicit Client(const Given& given)
        : given_(given), server_(name_of(given.address, given.port)), asked_(1U << 16) {}

    int run() {
        const auto began = std::chrono::steady_clock::now();
        while (begun_ < given_.in_flight && begun_ < given_.lives) begin();
        while (over_ < given_.lives) {
            poll_.wait([this](int file) { go_on(file); });
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        print("client", over_, wrong_, took.count());
        return wrong_ == 0 ? 0 : 1;
    }

  private:
    void begin() {
        const int file = checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
        const int on = 1;
        checked(setsockopt(file, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on),
                "IP_BIND_ADDRESS_NO_PORT");
        const auto place = static_cast<std::uint32_t>(begun_ % given_.addresses);
        const sockaddr_in ours = name_of(given_.from + place, 0);
        checked(bind(file, reinterpret_cast<const sockaddr*>(&ours), sizeof ours), "bind");
        if (connect(file, reinterpret_cast<const sockaddr*>(&server_), sizeof server_) != 0 &&
            errno != EINPROGRESS) {
            die("connect");
        }
        if (static_cast<std::size_t>(file) >= asked_.size()) die("too many files");
        asked_[static_cast<std::size_t>(file)] = false;
        poll_.add(file, EPOLLIN | EPOLLOUT | EPOLLET);
        ++begun_;
    }

    // Each edge: connected, answered, closed; or several of these at once.
    void go_on(int file) {
        auto&& asked = asked_[static_cast<std::size_t>(file)];
        if (!asked) {
            if (send(file, request_.data(), kText, MSG_NOSIGNAL) != static_cast<ssize_t>(kText)) {
                if (errno == EAGAIN || errno == ENOTCONN) return;
                ++wrong_;
                return finish(file);
            }
            asked = true;
            return;
        }
        Text text;
        const ssize_t count = recv(file, text.data(), kText, 0);
        if (count < 0 && errno == EAGAIN) return;
        char more = 0;
        const ssize_t rest = count > 0 ? recv(file, &more, 1, 0) : count;
        if (count == static_cast<ssize_t>(kText) && rest < 0 && errno == EAGAIN) {
            if (text != response_) ++wrong_;
            answered_.push_back(file);
            return;
        }
        const bool in_two = count == 0 && forget_answered(file);
        if (!in_two && (count != static_cast<ssize_t>(kText) || text != response_ || rest != 0)) {
            ++wrong_;
        }
        finish(file);
    }

    bool forget_answered(int file) {
        for (int& each : answered_) {
            if (each != file) continue;
            each = answered_.back();
            answered_.pop_back();
            return true;
        }
        return false;
    }

    void finish(int file) {
        close(file);
        ++over_;
        if (begun_ < given_.lives) begin();
    }

    Given given_;
    sockaddr_in server_;
    Poll poll_;
    const Text request_ = text_of('!');
    const Text response_ = text_of('0');
    std::vector<bool> asked_;    // by file
    std::vector<int> answered_;  // whose end has not come with the answer
    std::uint64_t begun_ = 0;
    std::uint64_t over_ = 0;
    std::uint64_t wrong_ = 0;
};

std::uint32_t address_of(const std::string& text) {
    in_addr out{};
    if (inet_pton(AF_INET, text.c_str(), &out) != 1) {
        throw CLI::ValidationError(text, "this is no IPv4 address");
    }
    return ntohl(out.s_addr);
}

}  // namespace

int main(int argc, char** argv) {
    Given given;
    std::string address;
    std::string from;
    CLI::App app("Short connections on the Linux kernel: one end of them.");
    app.require_subcommand(1);
    const auto common = [&](CLI::App* role) {
        role->add_option("address", address)->required();
        role->add_option("port", given.port)->required();
        role->add_option("cpu", given.cpu)->required();
        return role;
    };
    const CLI::App* const server =
        common(app.add_subcommand("server", "Answers, and closes first"));
    CLI::App* const client = common(app.add_subcommand("client", "Asks"));
    client->add_option("--from", from, "Its first address")->required();
    client->add_option("--addresses", given.addresses, "How many it has, from there on");
    client->add_option("--lives", given.lives, "How many connections")->required();
    client->add_option("--in-flight", given.in_flight, "How many at once");
    try {
        app.parse(argc, argv);
        given.address = address_of(address);
        if (!from.empty()) given.from = address_of(from);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    }
    bind_to(given.cpu);
    return server->parsed() ? serve(given) : Client(given).run();
}
