#include "service/discard.hpp"

#include "service/server.hpp"

namespace lastack::service {
namespace {

class Discard final : public Server {
  public:
    using Server::Server;

    std::size_t on_data(Connection, std::span<const Bytes> pieces) override {
        const std::size_t all = total_bytes(pieces);
        bytes_received_ += all;
        return all;
    }

    void on_peer_closed(Connection connection) override { connection.close(); }
};

}  // namespace

ApplicationFactory make_discard(DiscardOptions options) {
    return [options](unsigned) {
        return std::make_unique<Discard>(
            Server::Settings{.name = "discard",
                             .listen = options.listen,
                             .max_connections = options.max_connections,
                             .keep_alive = options.keep_alive});
    };
}

}  // namespace lastack::service
