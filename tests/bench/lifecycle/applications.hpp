// What runs on lastack in the bench: a server that answers one request and closes, and a client
// that asks once. Both check every byte they are given.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "lastack/core.hpp"
#include "tests/bench/generator/plan.hpp"

namespace lastack::bench {

/// Counted on lastack's thread; read when it has ended.
struct ApplicationTally {
    std::uint64_t opened = 0;
    std::uint64_t wrong_text = 0;
    std::uint64_t refused = 0;              // calls that lastack did not carry out
    std::array<std::uint64_t, 8> closed{};  // by CloseReason

    std::uint64_t closed_orderly() const {
        return closed[static_cast<std::size_t>(CloseReason::orderly)];
    }
    std::uint64_t closed_otherwise() const {
        std::uint64_t sum = 0;
        for (const std::uint64_t count : closed) sum += count;
        return sum - closed_orderly();
    }
};

class Responder final : public Application, private Handler {
  public:
    Responder(const Plan& plan, ApplicationTally& tally);

    bool start(Core& core, const std::function<void(std::string_view)>& complain) override;

  private:
    void on_open(Connection) override { ++tally_.opened; }
    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override;
    void on_peer_closed(Connection connection) override { connection.close(); }
    void on_closed(Connection, CloseReason reason) override {
        ++tally_.closed[static_cast<std::size_t>(reason)];
    }

    Plan plan_;
    ApplicationTally& tally_;
    std::vector<std::byte> request_;
    std::vector<std::byte> response_;
};

class Asker final : public Application, private Handler {
  public:
    Asker(const Plan& plan, std::uint32_t concurrency, ApplicationTally& tally);

    bool start(Core& core, const std::function<void(std::string_view)>& complain) override;

  private:
    void open_next();
    void on_open(Connection connection) override;
    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override;
    void on_peer_closed(Connection connection) override { connection.close(); }
    void on_closed(Connection connection, CloseReason reason) override;

    Plan plan_;
    std::uint32_t concurrency_;
    ApplicationTally& tally_;
    std::vector<std::byte> request_;
    std::vector<std::byte> response_;
    Core* core_ = nullptr;
    std::uint64_t begun_ = 0;
};

}  // namespace lastack::bench
