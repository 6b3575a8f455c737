// The listener's handler: finds the actor that a connection's SYN was meant for, by the SYN's port
// and number. Tuples are used again; numbers, within a world, are not.
#pragma once

#include <unordered_map>

#include "tests/sim/actor.hpp"
#include "tests/support/host.hpp"

namespace lastack::test {

class Acceptor final : public Handler {
  public:
    explicit Acceptor(Host& host) : host_(host) {}
    void expect(std::uint16_t port, std::uint32_t iss, Actor& actor);
    bool surprised() const { return surprised_; }
    /// A cookie stays valid for a while: an old segment that brings it back opens the connection
    /// again, though it was over (RFC 4987 3.6). Such a ghost is aborted and counted.
    std::uint64_t ghosts() const { return ghosts_; }

    void on_open(Connection connection) override;
    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override;
    void on_urgent(Connection connection) override;
    void on_writable(Connection connection) override;
    void on_peer_closed(Connection connection) override;
    void on_closed(Connection connection, CloseReason reason) override;

  private:
    Host& host_;
    bool surprised_ = false;
    std::uint64_t ghosts_ = 0;
    std::unordered_map<std::uint64_t, Actor*> actors_;  // by the SYN's port and number
};

}  // namespace lastack::test
