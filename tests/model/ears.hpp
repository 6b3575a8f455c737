// The application of one end: hears its events, and tells the world.
#pragma once

#include "tests/model/world.hpp"

namespace lastack::model {

/// The byte at `place` of what an end sends.
inline std::byte byte_of(unsigned place) {
    return static_cast<std::byte>('a' + static_cast<int>(place));
}

class World::Ears final : public Handler {
  public:
    Ears(World& world, unsigned end) : world_(world), end_(end) {}

    void on_open(Connection connection) override { world_.hear_open(end_, connection); }
    std::size_t on_data(Connection, std::span<const Bytes> pieces) override {
        return world_.hear_data(end_, pieces);
    }
    void on_peer_closed(Connection connection) override {
        world_.hear_peer_closed(end_, connection);
    }
    void on_closed(Connection, CloseReason reason) override { world_.hear_closed(end_, reason); }

  private:
    World& world_;
    unsigned end_;
};

}  // namespace lastack::model
