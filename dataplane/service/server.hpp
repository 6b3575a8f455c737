// What the small servers share: one listener, a cap on connections, counting, a report.
//
// A connection is admitted (opened() is called) or, when max_connections are open, reset and
// counted. An admitted connection's context is never null, so that a refused one's events are told
// apart.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "lastack/core.hpp"

namespace lastack::service {

class Server : public Application, public Handler {
  public:
    struct Settings {
        std::string name;
        Endpoint listen;
        std::uint32_t max_connections = 0;
        bool keep_alive = true;
    };

    explicit Server(Settings settings) : settings_(std::move(settings)) {}

    bool start(Core& core, const std::function<void(std::string_view)>& complain) override;
    void drain() override;
    std::string report() const override;

    void on_open(Connection connection) override;
    void on_closed(Connection connection, CloseReason reason) override;

  protected:
    /// The connection was admitted. Sets its context where the service has state of its own.
    virtual void opened(Connection) {}
    /// An admitted connection is over; its context is as it was.
    virtual void ended(Connection) {}

    std::uint64_t bytes_received_ = 0;
    std::uint64_t bytes_sent_ = 0;

  private:
    Settings settings_;
    Core* core_ = nullptr;
    Listener listener_;
    std::uint32_t open_ = 0;
    std::uint64_t accepted_ = 0;
    std::uint64_t refused_ = 0;
    std::array<std::uint64_t, 8> ended_by_reason_{};
};

/// How many bytes `pieces` hold together.
std::size_t total_bytes(std::span<const Bytes> pieces);

/// "echo: cannot listen on 0.0.0.0:7: address in use; ..."
std::string listen_complaint(std::string_view name, const Endpoint& endpoint, Error error);

}  // namespace lastack::service
