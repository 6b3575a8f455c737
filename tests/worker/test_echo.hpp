// The smallest service: says back what it hears, closes when the peer has.
#pragma once

#include <functional>
#include <string>

#include "lastack/core.hpp"

namespace lastack::worker {

class TestEcho final : public Application, public Handler {
  public:
    static constexpr std::uint16_t kPort = 7;

    bool start(Core& core, const std::function<void(std::string_view)>& complain) override {
        const ListenResult result = core.listen(Endpoint{.address = {}, .port = kPort}, *this);
        if (!result) complain(describe(result.error));
        return static_cast<bool>(result);
    }
    void drain() override { draining_ = true; }
    std::string report() const override {
        return "{\"opened\":" + std::to_string(opened_) +
               ",\"draining\":" + (draining_ ? "true" : "false") + "}";
    }

    void on_open(Connection) override { ++opened_; }
    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override {
        std::size_t used = 0;
        for (const Bytes& piece : pieces) {
            const std::size_t sent = connection.send(piece);
            used += sent;
            if (sent < piece.size()) break;
        }
        return used;
    }
    void on_writable(Connection connection) override { connection.resume(); }
    void on_peer_closed(Connection connection) override { connection.close(); }

  private:
    unsigned opened_ = 0;
    bool draining_ = false;
};

}  // namespace lastack::worker
