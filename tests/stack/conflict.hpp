// Conversations under one option or another: where the RFCs and Linux differ (requirements, M).
#pragma once

#include <cstdint>

#include "tests/stack/conversation.hpp"

namespace lastack::test {

/// small_config() as `change`, a function of TcpOptions&, leaves it.
template <class Change>
stack::Config small_config_but(Change change) {
    stack::Config config = small_config();
    change(config.tcp);
    return config;
}

class Disputed : public Conversation {
  public:
    template <class Change>
    explicit Disputed(Change change) : Conversation(small_config_but(change)) {}

    /// ESTABLISHED to TIME-WAIT, the host closing first: RCV.NXT 1002, SND.NXT 5002. The clock is
    /// ten seconds further on, so that a restart is seen to.
    void enter_time_wait(const wire::TcpOptions& options = {.mss = 1'460}) {
        enter_fin_wait_1(options);
        Wire fin{.flags = "FA", .seq = 1'001, .ack = 5'002};
        fin.options.timestamps = options.timestamps;
        peer.send(fin);
        next = 1'002;
        ASSERT_EQ(state(), "TIME-WAIT");
        host.advance_to_tick();
        host.advance(10s);
        host.sent();
    }

    /// An orphan whose FIN is unacknowledged: SND.MAX is 5002.
    void enter_fin_wait_1(const wire::TcpOptions& options = {.mss = 1'460}) {
        open(options);
        connection.close();
        host.turn();
        host.sent();
        sent = 5'002;
        ASSERT_EQ(state(), "FIN-WAIT-1");
    }

    /// An orphan whose FIN is acknowledged: a compact record.
    void enter_fin_wait_2(const wire::TcpOptions& options = {.mss = 1'460}) {
        enter_fin_wait_1(options);
        host.advance_to_tick();
        send("A");
        ASSERT_EQ(state(), "FIN-WAIT-2");
    }

    /// How long TIME-WAIT goes on from now; the connection ends by it.
    time::Duration time_left() {
        time::Duration left{};
        while (state() == "TIME-WAIT") {
            host.advance(1s);
            left += 1s;
        }
        return left;
    }
};

inline constexpr auto kAsEver = [](TcpOptions&) {};

}  // namespace lastack::test
