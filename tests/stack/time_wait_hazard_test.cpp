// The three hazards of RFC 1337 2, each driven end to end by two hosts and what a network may do
// with old segments (C-16); and how TIME-WAIT stands in the table of connections (C-20, C-21).

#include "tests/stack/middlebox.hpp"
#include "tests/stack/seed.hpp"

namespace lastack::test {
namespace {

using base::Counter;

stack::Config server_config(bool rfc1337) {
    stack::Config config = config_at(kHostAddress, kHostMac);
    config.tcp.rfc1337 = rfc1337;
    config.tcp.timestamps = false;  // time stamps would hide what the numbers alone must do
    return config;
}

// a is the server, and closes first: TIME-WAIT is its; b is the client, and goes to CLOSED.
class Hazard {
  public:
    explicit Hazard(bool rfc1337 = true)
        : net(server_config(rfc1337), [] {
              stack::Config config = config_at(kPeerAddress, kPeerMac);
              config.tcp.timestamps = false;
              return config;
          }()) {
        EXPECT_TRUE(net.a.stack().listen({Address{}, 80}, net.a.app(), {}));
        connect();
        net.run(100ms);
        net.b.app().last.send(as_bytes("old text"));
        net.run(100ms);
        net.a.app().last.send(as_bytes("answer"));
        net.run(100ms);
        net.a.app().last.shutdown_write();
        net.run(100ms);
        net.b.app().last.close();
        net.run(100ms);
        EXPECT_EQ(server(), "TIME-WAIT");
        EXPECT_EQ(client(), "CLOSED");
        net.a.app().received.clear();
    }

    void connect() {
        EXPECT_TRUE(net.b.stack().connect({Address::ipv4(kHostAddress.value), 80}, net.b.app(),
                                          {.local = {Address{}, 40'000}}));
    }
    std::string server() { return net.a.state(80, 40'000); }
    std::string client() { return net.b.state(40'000, 80); }

    /// The first segment of `from` with this text: the network has kept a copy.
    Wire kept(Side from, std::string_view text) const {
        for (const auto& one : net.passed) {
            if (one.from == from && one.segment.text == text) return one.segment;
        }
        ADD_FAILURE() << "never passed";
        return {};
    }
    /// The last pure ACK of `from`.
    Wire last_ack(Side from) const {
        Wire found;
        for (const auto& one : net.passed) {
            if (one.from == from && one.segment.flags == "A" && one.segment.len() == 0) {
                found = one.segment;
            }
        }
        return found;
    }

    Middlebox net;
};

// Old text makes TIME-WAIT answer, and CLOSED at the other end resets the answer with the very
// number that would end it. TIME-WAIT survives, so the next SYN is judged by the old numbers, and
// the old text is old for the new connection too.
TEST(Hazards, C_16_hazard_one_old_text_is_not_accepted_by_the_next_incarnation) {
    Hazard it;
    const Wire old = it.kept(Side::B, "old text");
    it.net.inject(Side::A, old);
    it.net.run(10ms);
    EXPECT_EQ(it.net.b.count(Counter::OutRsts), 1U) << "the other end has answered by a reset";
    EXPECT_EQ(it.net.a.count(Counter::TcpInRstIgnored), 1U);
    EXPECT_EQ(it.server(), "TIME-WAIT");

    it.net.inject(
        Side::A, {.flags = "S", .seq = old.seq - 1, .source_port = 40'000, .destination_port = 80});
    it.net.run(10ms);
    EXPECT_EQ(it.server(), "TIME-WAIT") << "a SYN that the old text would follow";
    EXPECT_EQ(it.net.a.count(Counter::TimeWaitReturned), 0U) << "and it never left it";

    it.connect();
    it.net.run(10ms);
    ASSERT_EQ(it.server(), "ESTABLISHED");
    it.net.inject(Side::A, old);
    it.net.run(10ms);
    it.net.b.app().last.send(as_bytes("new"));
    it.net.inject(Side::A, old);
    it.net.run(100ms);
    EXPECT_EQ(it.net.a.app().received, "new");
    EXPECT_EQ(it.client(), "ESTABLISHED");
}

// What it would be without: that the segments above do kill a record that is not protected.
TEST(Hazards, C_16_hazard_one_without_the_protection_the_record_does_die) {
    Hazard it(false);
    it.net.inject(Side::A, it.kept(Side::B, "old text"));
    it.net.run(10ms);
    EXPECT_EQ(it.server(), "CLOSED");
    EXPECT_EQ(it.net.a.count(Counter::TimeWaitResetByPeer), 1U);
}

// The server has taken text that the client never sent, so each acknowledges what the other finds
// absurd: an ACK for an ACK, for ever, if nothing limited them.
TEST(Hazards, C_16_hazard_two_two_ends_that_disagree_do_not_exchange_acks_for_ever) {
    Hazard it;
    it.connect();
    it.net.run(100ms);
    ASSERT_EQ(it.server(), "ESTABLISHED");
    const Wire third = it.last_ack(Side::B);
    Wire foreign = third;
    foreign.text = std::string(100, '?');
    it.net.inject(Side::A, foreign);
    it.net.run(100ms);
    ASSERT_EQ(it.net.a.app().received.size(), 100U) << "they disagree from here on";
    const time::Instant began = it.net.a.now();
    it.net.run(20s);
    for (int second = 0; second < 20; ++second) {
        const time::Instant since = began + std::chrono::seconds(second);
        EXPECT_LE(it.net.count(Side::A, since, 1s), 2U) << second;
        EXPECT_LE(it.net.count(Side::B, since, 1s), 2U) << second;
    }
}

// The client is in SYN-SENT when an old ACK makes it send a reset, which reaches the server in
// SYN-RECEIVED; and an old ACK of the client's reaches the server there too.
TEST(Hazards, C_16_hazard_three_an_old_ack_does_not_kill_the_next_handshake) {
    Hazard it;
    const Wire of_server = it.last_ack(Side::A);
    const Wire of_client = it.last_ack(Side::B);
    it.connect();
    it.net.run(1ms);
    ASSERT_EQ(it.client(), "SYN-SENT");
    ASSERT_EQ(it.server(), "SYN-RECEIVED");
    const std::uint64_t of_b = it.net.b.count(Counter::OutRsts);
    it.net.inject(Side::B, of_server);  // ahead of the SYN,ACK
    it.net.inject(Side::A, of_client);  // ahead of its ACK
    it.net.run(20ms);
    EXPECT_EQ(it.net.b.count(Counter::OutRsts), of_b + 1);
    EXPECT_EQ(it.net.a.count(Counter::TcpInRstIgnored), 1U);
    EXPECT_EQ(it.net.a.count(Counter::TcpInOutOfWindow), 1U);
    EXPECT_EQ(it.client(), "ESTABLISHED");
    EXPECT_EQ(it.server(), "ESTABLISHED");
    it.net.b.app().last.send(as_bytes("new"));
    it.net.run(100ms);
    EXPECT_EQ(it.net.a.app().received, "new");
}

// --- The table of connections

class InTheTable : public Release {};

TEST_F(InTheTable, C_20_time_wait_is_found_before_the_listener_of_its_port) {
    reach_fin_wait_2();
    EXPECT_EQ(in_use("table entry"), 1U) << "the connection";
    send("FA");
    ASSERT_EQ(host.sent(), (Trace{{"A", 5'002, 1'002}}));
    EXPECT_EQ(in_use("table entry"), 1U) << "and the record, in the same table";
    peer.send({.flags = "A", .seq = 1'001, .ack = 5'002});
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'002, 1'002}})) << "a listener answers an ACK by a reset";
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'002, 1'002}}));
    host.advance(1s);
    peer.send({.flags = "S", .seq = 1'002, .options = {.mss = 1'460}});
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'002, 1'002}})) << "and any SYN by a SYN,ACK";
    EXPECT_EQ(state(), "TIME-WAIT");
    Peer(host, kPeerPort + 1, kHostPort).send({.flags = "S", .seq = 1'002});
    EXPECT_EQ(host.sent().at(0).flags, "SA") << "the next port's SYN is the listener's";
}

// A burst with the FIN that makes the record, and segments on either side of it: each finds one
// record, never the listener, which would reset, and never two.
TEST_F(InTheTable, C_21_no_segment_of_a_burst_finds_no_record_or_two) {
    for (int behind = 1; behind <= 4; ++behind) {
        SCOPED_TRACE(behind);
        Conversation it;
        it.open();
        it.connection.shutdown_write();
        it.host.turn();
        it.host.sent();
        std::size_t most = 0, fewest = 9;
        const auto look = [&] {
            const std::size_t rows = rows_of_tuple(it.host, kHostPort, kPeerPort);
            most = std::max(most, rows);
            fewest = std::min(fewest, rows);
        };
        it.host.app().at_peer_closed = [&](Connection) { look(); };
        it.host.app().at_closed = [&](Connection, CloseReason) { look(); };
        const auto ack = it.peer.frame({.flags = "A", .seq = 1'001, .ack = 5'002});
        const auto fin = it.peer.frame({.flags = "FA", .seq = 1'001, .ack = 5'002});
        std::vector<std::vector<std::byte>> burst{ack, ack, fin};
        for (int i = 0; i < behind; ++i) burst.push_back(i % 2 == 0 ? fin : ack);
        it.host.receive(burst);
        look();
        EXPECT_EQ(fewest, 1U);
        EXPECT_EQ(most, 1U);
        for (const Wire& segment : it.host.sent()) EXPECT_EQ(segment.flags, "A");
        EXPECT_EQ(it.host.count(Counter::TimeWaitRestarted),
                  static_cast<std::uint64_t>((behind + 1) / 2));
        EXPECT_EQ(it.host.count(Counter::OutRsts), 0U);
    }
}

// --- Time stamps are remembered per tuple

// Two hosts behind one address, an hour apart in their clocks.
TEST_F(InTheTable, C_29_another_tuple_of_the_same_address_has_a_clock_of_its_own) {
    const auto clock = [](std::uint32_t value) {
        return wire::TcpOptions{.mss = 1'460, .timestamps = wire::Timestamps{value, 0}};
    };
    open(clock(9'000'000));
    finish();
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002, .options = clock(9'000'001)});
    ASSERT_EQ(state(), "TIME-WAIT");
    host.sent();
    Peer neighbour{host, kPeerPort + 1, kHostPort};
    const std::uint32_t iss = neighbour.open(1'000, clock(100));
    EXPECT_EQ(host.state(kHostPort, kPeerPort + 1), "ESTABLISHED");
    neighbour.send({.flags = "PA",
                    .seq = 1'001,
                    .ack = iss + 1,
                    .text = "mine",
                    .options = {.timestamps = wire::Timestamps{101, 0}}});
    EXPECT_EQ(host.app().received, "mine");
    EXPECT_EQ(host.count(Counter::PAWSEstab), 0U);
    // And it is remembered for its own tuple.
    peer.send({.flags = "S", .seq = 900'000, .options = clock(8'999'999)});
    EXPECT_EQ(host.count(Counter::PAWSTimewait), 1U);
    EXPECT_EQ(state(), "TIME-WAIT");
}

}  // namespace
}  // namespace lastack::test
