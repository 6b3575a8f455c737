// Two FakeCores joined: what one connects, sends and closes reaches the other.
//
// A network without delay or loss. It notes which side's FIN went first, for tests of who closes.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "tests/support/fake_core.hpp"

namespace lastack::test {

class FakePair {
  public:
    FakePair(FakeCore& client, FakeCore& server) : client_(client), server_(server) {}

    /// Moves everything until nothing moves.
    void exchange();

    /// Time passes on both, a millisecond at a time, with an exchange after each.
    void advance(std::chrono::milliseconds duration);

    std::size_t client_closed_first() const { return client_first_; }
    std::size_t server_closed_first() const { return server_first_; }

  private:
    struct Link {
        Connection client;
        Connection server;
        bool client_fin = false;
        bool server_fin = false;
    };

    bool open_new();
    bool move(Link& link);
    static bool move_bytes(FakeCore& from, Connection sender, FakeCore& to, Connection receiver);
    static bool move_fin(FakeCore& from, Connection sender, FakeCore& to, Connection receiver,
                         bool& moved);
    static bool move_reset(FakeCore& from, Connection sender, FakeCore& to, Connection receiver);

    FakeCore& client_;
    FakeCore& server_;
    std::size_t seen_connects_ = 0;
    std::vector<Link> links_;
    std::size_t client_first_ = 0;
    std::size_t server_first_ = 0;
};

}  // namespace lastack::test
