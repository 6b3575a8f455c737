// Scenarios of one tuple used again and again: K-24 and K-42 of requirements.md.
#include <random>

#include "tests/sim/duo.hpp"

namespace lastack::test {
namespace {

using base::Counter;

// a opens, says a few octets, and b, which has TIME-WAIT then, closes; a whole life takes some 20
// us, so that several lie within a tick of the timestamps' clock, and within few of the ISN's.
class Storm {
  public:
    explicit Storm(const stack::Config& config) : duo(config, config, {.delay = 1us}) {
        duo.listen();
        duo.a.app().at_open = [this](Connection connection) {
            EXPECT_EQ(connection.send(as_bytes(text())), text().size());
        };
        duo.a.app().at_peer_closed = [](Connection connection) { connection.close(); };
        duo.b.app().at_data = [this](Connection connection, std::string_view got) {
            EXPECT_EQ(got, text());  // this life's, and no other's
            ++heard;
            connection.close();
            return got.size();
        };
        duo.link.watch = [this](Link::Side from, const Wire& wire) { judge(from, wire); };
    }

    /// One more open, of `octets`. True: it went through at once.
    bool open(std::size_t octets) {
        ++life_;
        octets_ = octets;
        const auto result = duo.a.stack().connect({Address::ipv4(kPeerAddress.value), Duo::kPortB},
                                                  duo.a.app(), {.local = {Address{}, Duo::kPortA}});
        EXPECT_TRUE(result);
        connection_ = result.connection;
        const std::size_t before = heard;
        duo.run(100us);
        return heard > before;
    }
    void give_up() { connection_.abort(); }

    Duo duo;
    std::size_t heard = 0;
    // SYNs into TIME-WAIT, by the rows of C-7.
    unsigned row_a = 0, row_b = 0, row_f = 0, rejected = 0;

  private:
    std::string text() const { return std::string(octets_, static_cast<char>('a' + life_ % 26)); }

    // What C-7 says of a SYN, and what b answers.
    void judge(Link::Side from, const Wire& wire) {
        if (from == Duo::kFromB) {
            EXPECT_TRUE(expected_.empty() || wire.flags == expected_) << "life " << life_;
            EXPECT_TRUE(expected_ != "A" || wire.ack == rcv_nxt_);
            expected_.clear();
            return;
        }
        const std::uint32_t stamp = wire.options.timestamps ? wire.options.timestamps->value : 0;
        if (has(wire, 'S') && life_ > 1) {
            const bool later = stamp != ts_recent_;
            const bool larger = static_cast<std::int32_t>(wire.seq - rcv_nxt_) > 0;
            ++(later ? row_a : !larger ? rejected : wire.options.timestamps ? row_b : row_f);
            expected_ = later || larger ? "SA" : "A";
        }
        if (has(wire, 'F')) {
            rcv_nxt_ = wire.seq + wire.len();
            ts_recent_ = stamp;
        }
    }

    Connection connection_;
    std::size_t life_ = 0;
    std::size_t octets_ = 0;
    std::uint32_t rcv_nxt_ = 0;  // of b's TIME-WAIT
    std::uint32_t ts_recent_ = 0;
    std::string expected_;
};

constexpr std::size_t kOpens = 4'000;

TEST(Scenario, K_24_a_storm_of_opens_is_judged_by_the_clock_and_within_a_tick_by_the_number) {
    Storm storm(small_config());
    std::mt19937 random(24);
    std::size_t late = 0;
    for (std::size_t i = 0; i < kOpens; ++i) {
        if (storm.open(1 + random() % 60)) continue;
        ++late;
        ASSERT_EQ(storm.duo.state_b(), "TIME-WAIT");
        storm.duo.run(1'100ms);  // its SYN goes again, and the clock has ticked
        ASSERT_EQ(storm.heard, i + 1);
    }
    EXPECT_EQ(storm.heard, kOpens);
    EXPECT_EQ(storm.rejected, late);
    for (const unsigned row : {storm.row_a, storm.row_b, storm.rejected}) EXPECT_GT(row, 500U);
    EXPECT_EQ(storm.duo.b.count(Counter::TimeWaitReopened), kOpens - 1);
    EXPECT_EQ(storm.duo.b.count(Counter::TimeWaitResetByPeer), 0U);  // by what answers our ACK
    EXPECT_EQ(storm.duo.b.count(Counter::PAWSTimewait), 0U);
    EXPECT_EQ(told(storm.duo.a, "closed orderly"), kOpens);
    EXPECT_EQ(told(storm.duo.b, "closed orderly"), kOpens);
    storm.duo.expect_rest();
}

TEST(Scenario, K_24_without_timestamps_only_a_larger_isn_reopens) {
    Storm storm(plain());
    std::mt19937 random(42);
    std::size_t refused = 0;
    for (std::size_t i = 0; i < kOpens; ++i) {
        if (storm.open(1 + random() % 60)) continue;
        ++refused;
        storm.duo.run(1'100ms);  // the same number again: no better
        ASSERT_EQ(storm.duo.state_b(), "TIME-WAIT");
        ASSERT_EQ(storm.heard, i + 1 - refused);
        storm.give_up();
        storm.duo.run(100us);
    }
    EXPECT_EQ(storm.heard, kOpens - refused);
    EXPECT_GT(storm.row_f, 500U);
    EXPECT_GT(refused, 500U);
    EXPECT_EQ(storm.rejected, 2 * refused);
    EXPECT_EQ(storm.row_a + storm.row_b, 0U);
    EXPECT_EQ(storm.duo.b.count(Counter::TimeWaitReopened), storm.row_f);
    storm.duo.expect_rest();
}

// A client behind the NAT: what the server sees is the NAT's address, and a port of its choice.
class Masked {
  public:
    Masked(Host& server, std::uint32_t clock) : server_(server), clock_(clock) {}

    /// A SYN from `port`, at the client's own time and number. What is answered.
    std::string knock(std::uint16_t port, std::uint32_t seq) {
        seq_ = seq;
        Peer(server_, port, 80).send({.flags = "S", .seq = seq, .options = stamped()});
        const auto answer = server_.sent();
        if (answer.size() != 1) return "";
        ack_ = answer[0].seq + 1;
        return answer[0].flags;
    }
    /// The handshake's end, some text, and a close that the server begins.
    void live_and_close(std::uint16_t port, const std::string& text) {
        Peer peer(server_, port, 80);
        peer.send({.flags = "A", .seq = seq_ + 1, .ack = ack_, .options = stamped()});
        const std::size_t before = server_.app().received.size();
        peer.send(
            {.flags = "PA", .seq = seq_ + 1, .ack = ack_, .text = text, .options = stamped()});
        EXPECT_EQ(server_.app().received.substr(before), text);
        server_.app().last.close();
        server_.turn();
        const auto end = static_cast<std::uint32_t>(seq_ + 1 + text.size());
        peer.send({.flags = "FA", .seq = end, .ack = ack_ + 1, .options = stamped()});
        EXPECT_EQ(server_.state(80, port), "TIME-WAIT");
        server_.sent();
    }

  private:
    wire::TcpOptions stamped() const {
        const auto now = static_cast<std::uint32_t>(server_.now().time_since_epoch() / 1ms);
        return {.mss = 1'460, .timestamps = wire::Timestamps{clock_ + now, 0}};
    }

    Host& server_;
    std::uint32_t clock_;
    std::uint32_t seq_ = 0;
    std::uint32_t ack_ = 0;
};

TEST(Scenario, K_42_clients_behind_one_address_need_not_agree_on_the_time) {
    Host server;
    ASSERT_TRUE(server.stack().listen({Address{}, 80}, server.app(), {}));
    Masked late(server, 1'000'000'000);
    Masked early(server, 5);
    ASSERT_EQ(late.knock(1'000, 100), "SA");
    late.live_and_close(1'000, "late");
    // No memory of the address: another port of it may have any time.
    ASSERT_EQ(early.knock(1'001, 200), "SA");
    early.live_and_close(1'001, "early");
    ASSERT_EQ(late.knock(1'002, 300), "SA");
    late.live_and_close(1'002, "late again");
    EXPECT_EQ(server.count(Counter::PAWSEstab) + server.count(Counter::PAWSTimewait), 0U);

    // The NAT gives the tuples away anew. A later clock opens, whatever the number (row a) ...
    server.advance(5s);
    ASSERT_EQ(late.knock(1'001, 7), "SA");
    late.live_and_close(1'001, "on the tuple of another");
    EXPECT_EQ(server.count(Counter::TimeWaitReopened), 1U);
    // ... an earlier one does not (row c), and this tuple alone waits for 2MSL.
    const std::uint32_t much_larger = 1'000'000;
    for (const time::Duration pause : {0s, 1s, 2s, 4s, 8s}) {
        server.advance(pause);
        EXPECT_EQ(early.knock(1'000, much_larger), "A");
    }
    EXPECT_EQ(server.count(Counter::PAWSTimewait), 5U);
    EXPECT_EQ(early.knock(1'003, 1), "SA");
    early.live_and_close(1'003, "elsewhere");
    server.advance(60s);
    EXPECT_EQ(early.knock(1'000, much_larger), "SA");
    early.live_and_close(1'000, "at last");
    EXPECT_EQ(server.count(Counter::PAWSEstab), 0U);
    EXPECT_EQ(server.count(Counter::PAWSTimewait), 5U);
    server.advance(61s);
    EXPECT_TRUE(server.stack().quiescent());
}

}  // namespace
}  // namespace lastack::test
