#include "service/chargen.hpp"

#include <algorithm>
#include <array>

#include "service/server.hpp"
#include "service/slots.hpp"

namespace lastack::service {
namespace {

constexpr std::size_t kPrintable = 95;  // ' ' to '~'
constexpr std::size_t kLineText = 72;
constexpr std::size_t kLine = kLineText + 2;
constexpr std::size_t kPeriod = kPrintable * kLine;  // 7030
/// Several periods, for fewer and larger slices; a slice still fits an mbuf's 16-bit length.
constexpr std::size_t kBlock = 9 * kPeriod;
static_assert(kBlock <= 65'535);

std::array<std::byte, kBlock> make_block() {
    std::array<std::byte, kBlock> block;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const std::size_t line = i / kLine;
        const std::size_t column = i % kLine;
        const std::size_t letter = ' ' + (line + column) % kPrintable;
        const std::size_t byte = column < kLineText ? letter : column == kLineText ? '\r' : '\n';
        block[i] = static_cast<std::byte>(byte);
    }
    return block;
}

const std::array<std::byte, kBlock>& block() {
    static const std::array<std::byte, kBlock> made = make_block();
    return made;
}

/// The block is never freed, so there is nothing to release.
void keep(void*) {}

struct Talk {
    Connection connection;
    std::uint32_t position = 0;  // in the block
};

class Chargen final : public Server {
  public:
    Chargen(Settings settings, std::uint32_t max_connections)
        : Server(std::move(settings)), max_connections_(max_connections) {}

    bool start(Core& core, const std::function<void(std::string_view)>& complain) override {
        talks_.reserve(max_connections_);
        return Server::start(core, complain);
    }

    /// The stream has no end of its own, so draining ends it.
    void drain() override {
        Server::drain();
        for (Talk& talk : talks_.all()) {
            if (talk.connection.core() != nullptr) talk.connection.close();
        }
    }

    /// RFC 864: what comes from the peer is thrown away.
    std::size_t on_data(Connection, std::span<const Bytes> pieces) override {
        const std::size_t all = total_bytes(pieces);
        bytes_received_ += all;
        return all;
    }

    void on_writable(Connection connection) override {
        talk_on(*static_cast<Talk*>(connection.context()));
    }

    void on_peer_closed(Connection connection) override { connection.close(); }

  private:
    void opened(Connection connection) override {
        Talk* talk = talks_.acquire();  // as many as Server admits
        *talk = {.connection = connection, .position = 0};
        connection.set_context(talk);
        talk_on(*talk);
    }

    void ended(Connection connection) override {
        Talk* talk = static_cast<Talk*>(connection.context());
        talk->connection = {};
        talks_.release(talk);
    }

    /// Fills the send buffer; the attempt that fails makes on_writable follow.
    void talk_on(Talk& talk) {
        for (;;) {
            const std::size_t room = std::max<std::size_t>(talk.connection.send_room(), 1);
            const std::size_t n = std::min(room, kBlock - talk.position);
            const Bytes slice = Bytes(block()).subspan(talk.position, n);
            if (!talk.connection.send_by_reference(slice, keep, nullptr)) return;
            talk.position = static_cast<std::uint32_t>((talk.position + n) % kBlock);
            bytes_sent_ += n;
        }
    }

    std::uint32_t max_connections_;
    Slots<Talk> talks_;
};

}  // namespace

ApplicationFactory make_chargen(ChargenOptions options) {
    return [options](unsigned) {
        return std::make_unique<Chargen>(
            Server::Settings{.name = "chargen",
                             .listen = options.listen,
                             .max_connections = options.max_connections,
                             .keep_alive = options.keep_alive},
            options.max_connections);
    };
}

}  // namespace lastack::service
