// What the tests of requirements A.2 have in common: a Conversation that either side has opened,
// and the ways into the states of a release.
//
// In the words of the seed: u is the number of the first FIN, w that of the second.
#pragma once

#include "tests/stack/conversation.hpp"

namespace lastack::test {

/// Who opened: the host by connect(), or the peer by a SYN for the host's listener.
enum class Opener : std::uint8_t { Host, Peer };

class Release : public testing::Test, protected Conversation {
  protected:
    Release() = default;
    explicit Release(const stack::Config& config) : Conversation(config) {}

    /// ESTABLISHED; the host's numbers begin at 5001, the peer's at 1001, whoever opened.
    void open_by(Opener opener, const wire::TcpOptions& options = {.mss = 1'460}) {
        if (opener == Opener::Peer) return open(options);
        connect();
        peer.send({.flags = "SA", .seq = 1'000, .ack = 5'001, .options = options});
        ASSERT_EQ(host.sent(), (Trace{{"A", 5'001, 1'001}}));
        ASSERT_EQ(state(), "ESTABLISHED");
        host.advance_to_tick();
    }

    /// The host's FIN leaves from ESTABLISHED (FIN-WAIT-1) or CLOSE-WAIT (LAST-ACK).
    void finish() {
        connection.shutdown_write();
        host.turn();
        sent += 1;
    }

    void reach_fin_wait_1() {
        open();
        finish();
        ASSERT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'001}}));
        ASSERT_EQ(state(), "FIN-WAIT-1");
    }

    void reach_fin_wait_2() {
        reach_fin_wait_1();
        send("A");
        ASSERT_EQ(state(), "FIN-WAIT-2");
        ASSERT_EQ(host.sent(), Trace{});
    }

    void reach_time_wait() {
        reach_fin_wait_2();
        host.advance_to_tick();
        send("FA");
        ASSERT_EQ(state(), "TIME-WAIT");
        ASSERT_EQ(host.sent(), (Trace{{"A", 5'002, 1'002}}));
    }

    void reach_close_wait() {
        open();
        send("FA");
        ASSERT_EQ(state(), "CLOSE-WAIT");
        ASSERT_EQ(host.sent(), (Trace{{"A", 5'001, 1'002}}));
    }

    void reach_last_ack() {
        reach_close_wait();
        finish();
        ASSERT_EQ(host.sent(), (Trace{{"FA", 5'001, 1'002}}));
        ASSERT_EQ(state(), "LAST-ACK");
    }

    /// Acknowledges all that was sent up to `number`; no text.
    void acknowledge(std::uint32_t number, std::uint16_t window = 65'535) {
        peer.send({.flags = "A", .seq = next, .ack = number, .window = window});
    }

    /// Timers of all kinds that the stack has armed.
    std::uint32_t armed_timers() { return in_use("armed timer"); }

    /// Queues text, without a turn.
    void queue(std::size_t count) {
        ASSERT_EQ(connection.send(as_bytes(std::string(count, 's'))), count);
    }
};

}  // namespace lastack::test
