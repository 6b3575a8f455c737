// The golden trace of requirements A.1, every number and both states after each segment: with the
// host as client and as server against a script, and between two hosts.

#include "tcp/isn.hpp"
#include "tests/stack/golden_trace.hpp"
#include "tests/support/link.hpp"

namespace lastack::test {
namespace {

using golden::End;
using golden::Form;
using golden::Row;
using golden::Why;

void act(Connection connection, Why why) {
    switch (why) {
        case Why::Shutdown:
            return connection.shutdown_write();
        case Why::Text:
            connection.send(as_bytes(std::string(golden::kHalfCloseText, 's')));
            return;
        case Why::Close:
            return connection.close();
        case Why::Answer:
        case Why::DelayedAck:
            return;  // nobody asks for it
    }
}

// --- One host, and a script at the other end

class OneHost {
  public:
    explicit OneHost(End role) : role_(role) {}

    void follow(Form form) {
        const auto rows = golden::rows(form);
        role_ == End::Client ? open_as_client() : open_as_server();
        ASSERT_EQ(state(), "ESTABLISHED");
        for (std::size_t i = 0; i < rows.size(); ++i) {
            SCOPED_TRACE(testing::Message() << "segment " << rows[i].number);
            const bool answered = i + 1 < rows.size() && rows[i + 1].why == Why::Answer;
            take(rows[i], answered);
            EXPECT_EQ(state(), role_ == End::Client ? rows[i].client : rows[i].server);
        }
    }

    Host host;

  private:
    std::uint16_t local() const { return role_ == End::Client ? 40'000 : 80; }
    std::uint16_t remote() const { return role_ == End::Client ? 80 : 40'000; }
    std::string state() { return host.state(local(), remote()); }

    // One row: the host sends it, or the script does, and the host is silent where no answer is
    // due.
    void take(const Row& row, bool answered) {
        if (row.from != role_) {
            peer_.send(row.segment());
            if (!answered) {
                EXPECT_EQ(host.sent(), Trace{});
            }
            return;
        }
        act(connection_, row.why);
        host.turn();
        if (row.why == Why::DelayedAck) host.advance(50ms);
        EXPECT_EQ(host.sent(), Trace{row.segment()});
    }

    void open_as_client() {
        host.wait_for_isn(local(), remote(), golden::kClientIss);
        connection_ = host.stack()
                          .connect({Address::ipv4(kPeerAddress.value), remote()}, host.app(),
                                   {.local = {Address{}, local()}})
                          .connection;
        host.turn();
        peer_.send(
            {.flags = "SA", .seq = golden::kServerIss, .ack = 1'001, .options = {.mss = 1'460}});
        connection_.send(as_bytes(std::string(golden::kClientText, 'c')));
        host.turn();
        peer_.send({.flags = "PA",
                    .seq = 5'001,
                    .ack = 1'501,
                    .text = std::string(golden::kServerText, 's')});
        settle();
    }

    void open_as_server() {
        ASSERT_TRUE(host.stack().listen({Address{}, local()}, host.app(), {}));
        host.wait_for_isn(local(), remote(), golden::kServerIss);
        ASSERT_EQ(peer_.open(golden::kClientIss, {.mss = 1'460}), golden::kServerIss);
        connection_ = host.app().last;
        peer_.send({.flags = "PA",
                    .seq = 1'001,
                    .ack = 5'001,
                    .text = std::string(golden::kClientText, 'c')});
        connection_.send(as_bytes(std::string(golden::kServerText, 's')));
        host.turn();
        peer_.send({.flags = "A", .seq = 1'501, .ack = 5'301});
        settle();
    }

    // Every ACK has left, and what comes next stands on a tick.
    void settle() {
        host.advance(1s);
        host.advance_to_tick();
        host.sent();
    }

    End role_;
    Peer peer_{host, remote(), local()};
    Connection connection_;
};

void expect_the_client_ends_after_2msl(OneHost& one) {
    one.host.advance(60s - 1ms);
    EXPECT_EQ(one.host.state(40'000, 80), "TIME-WAIT");
    one.host.advance(1ms);
    EXPECT_EQ(one.host.state(40'000, 80), "CLOSED");
    EXPECT_EQ(one.host.sent(), Trace{});
    EXPECT_EQ(one.host.shell().live(), 0U);
}

TEST(GoldenTrace, S_12_S_33_S_34_S_36_four_way_basic_as_client) {
    OneHost one(End::Client);
    one.follow(Form::Four);
    expect_the_client_ends_after_2msl(one);
}

TEST(GoldenTrace, S_17_S_18_S_29_S_35_four_way_basic_as_server) {
    OneHost one(End::Server);
    one.follow(Form::Four);
    EXPECT_EQ(one.host.in_state(tcp::State::TimeWait), 0U);
    EXPECT_EQ(one.host.shell().live(), 0U);
}

TEST(GoldenTrace, S_34_S_55_without_the_delayed_ack_segment_4_acknowledges_text_and_fin) {
    OneHost client(End::Client);
    client.follow(Form::WithoutTheDelayedAck);
    expect_the_client_ends_after_2msl(client);
    OneHost server(End::Server);
    server.follow(Form::WithoutTheDelayedAck);
}

// --- Two hosts, numbers of RFC 6528 and all

// The server answers the SYN three delays after connect(): ARP there and back, then the SYN. A
// delay and a secret are sought with which its ISS is that of the trace at that very instant.
struct ServerNumbers {
    base::SipKey secret;
    time::Duration delay;
};

ServerNumbers seek_server_numbers(time::Instant connects_at) {
    const std::array words{std::uint64_t{kPeerAddress.value} << 32 | kHostAddress.value,
                           std::uint64_t{80} << 16 | 40'000};
    for (std::uint64_t key = 0;; ++key) {
        const base::SipKey secret{key, 9};
        const std::uint32_t here = tcp::initial_sequence(secret, words, connects_at).value();
        const std::uint32_t ticks = golden::kServerIss - here;
        if (ticks < 1'000 || ticks > 75'000) continue;  // 4 to 300 ms, well below an RTO
        const auto wait = std::chrono::nanoseconds(4'000) * std::int64_t{ticks};
        return {secret, (wait + std::chrono::nanoseconds(2)) / 3};
    }
}

class TwoHosts {
  public:
    TwoHosts() {
        client.wait_for_isn(40'000, 80, golden::kClientIss);
        const ServerNumbers numbers = seek_server_numbers(client.now());
        stack::Config config = config_at(kPeerAddress, kPeerMac);
        config.secrets.isn = numbers.secret;
        server = std::make_unique<Host>(config);
        EXPECT_TRUE(server->stack().listen({Address{}, 80}, server->app(), {}));
        link = std::make_unique<Link>(client, *server, 1, Conditions{.delay = numbers.delay});
        link->watch = [this](Link::Side, const Wire& segment) { seen.push_back(segment); };
        open();
        link->set_conditions({.delay = 1ms});
    }

    void follow(Form form) {
        const auto rows = golden::rows(form);
        seen.clear();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const Row& row = rows[i];
            SCOPED_TRACE(testing::Message() << "segment " << row.number);
            act(row.from == End::Client ? client_end : server_end, row.why);
            if (row.why == Why::DelayedAck) {
                link->run_until([&] { return seen.size() > i; }, 50ms);
            }
            link->run(1ms);
            ASSERT_GT(seen.size(), i);
            EXPECT_EQ(seen[i], row.segment());
            EXPECT_EQ(client.state(40'000, 80), row.client);
            EXPECT_EQ(server->state(80, 40'000), row.server);
        }
        link->run(61s);
        EXPECT_EQ(client.state(40'000, 80), "CLOSED");
        EXPECT_EQ(seen.size(), rows.size()) << "and not a segment more";
    }

    Host client{config_at(kHostAddress, kHostMac)};
    std::unique_ptr<Host> server;
    std::unique_ptr<Link> link;
    Trace seen;
    Connection client_end, server_end;

  private:
    void open() {
        client_end = client.stack()
                         .connect({Address::ipv4(kPeerAddress.value), 80}, client.app(),
                                  {.local = {Address{}, 40'000}})
                         .connection;
        link->run(2s);
        ASSERT_EQ(seen.size(), 3U);
        ASSERT_EQ(seen[0], (Wire{"S", 1'000, 0}));
        ASSERT_EQ(seen[1], (Wire{"SA", 5'000, 1'001}));
        ASSERT_EQ(seen[2], (Wire{"A", 1'001, 5'001}));
        server_end = server->app().last;
        client_end.send(as_bytes(std::string(golden::kClientText, 'c')));
        server_end.send(as_bytes(std::string(golden::kServerText, 's')));
        link->run(2s);
    }
};

TEST(GoldenTrace, S_16_S_28_S_30_S_32_four_way_basic_between_two_hosts) {
    TwoHosts two;
    two.follow(Form::Four);
    EXPECT_EQ(two.client.app().received.size(), golden::kServerText + golden::kHalfCloseText);
    EXPECT_EQ(two.server->app().received.size(), golden::kClientText);
}

TEST(GoldenTrace, S_34_S_55_between_two_hosts_without_the_delayed_ack) {
    TwoHosts two;
    two.follow(Form::WithoutTheDelayedAck);
}

}  // namespace
}  // namespace lastack::test
