#include "service/echo.hpp"

#include "service/server.hpp"

namespace lastack::service {
namespace {

class Echo final : public Server {
  public:
    using Server::Server;

    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override {
        std::size_t used = 0;
        for (const Bytes piece : pieces) {
            const std::size_t sent = connection.send(piece);
            used += sent;
            if (sent < piece.size()) break;  // on_writable will ask for the rest again
        }
        bytes_received_ += used;
        bytes_sent_ += used;
        return used;
    }

    void on_writable(Connection connection) override { connection.resume(); }

    void on_peer_closed(Connection connection) override { connection.close(); }
};

}  // namespace

ApplicationFactory make_echo(EchoOptions options) {
    return [options](unsigned) {
        return std::make_unique<Echo>(Server::Settings{.name = "echo",
                                                       .listen = options.listen,
                                                       .max_connections = options.max_connections,
                                                       .keep_alive = options.keep_alive});
    };
}

}  // namespace lastack::service
