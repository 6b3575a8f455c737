// A whole lastack program: an echo server in one process, with its own TCP.
//
//     echo_service net_ring0                 a port that ends in this process: to try it out
//     echo_service net_tap0,iface=la0        a port that the kernel sees as la0 (as root)
//
// Build it with: g++ -std=c++20 echo_service.cpp $(pkg-config --cflags --libs lastack)
#include <csignal>
#include <cstdio>

#include "lastack/runtime.hpp"

struct Echo final : lastack::Application, lastack::Handler {
    bool start(lastack::Core& core,
               const std::function<void(std::string_view)>& complain) override {
        const auto result = core.listen({.address = {}, .port = 7}, *this, {.reuse_address = true});
        if (!result) complain(lastack::describe(result.error));
        return bool(result);
    }
    std::size_t on_data(lastack::Connection peer, std::span<const lastack::Bytes> pieces) override {
        std::size_t used = 0;
        for (const lastack::Bytes piece : pieces) {
            const std::size_t sent = peer.send(piece);
            used += sent;
            if (sent < piece.size()) break;  // no room: the rest stays, and holds the window shut
        }
        return used;
    }
    void on_writable(lastack::Connection peer) override { peer.resume(); }
    void on_peer_closed(lastack::Connection peer) override { peer.close(); }
};

static lastack::Runtime* running = nullptr;

int main(int argc, char** argv) try {
    lastack::Options options;
    options.ports.resize(1);
    options.ports[0].device = argc > 1 ? argv[1] : "net_ring0";
    options.ports[0].addresses = {{*lastack::Address::parse("198.18.0.1"), 24}};
    lastack::Runtime runtime(options, [](unsigned) { return std::make_unique<Echo>(); });
    running = &runtime;
    for (int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { running->stop(); });
    return runtime.run();
} catch (const lastack::StartError& error) {
    std::fprintf(stderr, "echo_service: %s\n", error.what());
    return 1;
}
