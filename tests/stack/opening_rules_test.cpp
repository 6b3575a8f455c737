// What an OPEN may be to, from where, and what it leaves alone (G-3, G-5, G-6, G-10, G-26, E-17);
// and RFC 9293's figures 8 to 11, in which one end knows nothing of a connection (G-40).

#include <set>

#include "tests/stack/conversation.hpp"

namespace lastack::test {
namespace {

using base::Counter;

constexpr wire::Ipv4Address kSecond{0xc612'0005};

class OpeningRules : public Conversation, public testing::Test {
  protected:
    OpeningRules() = default;
    explicit OpeningRules(const stack::Config& config) : Conversation(config) {}

    static Endpoint at(std::uint32_t address, std::uint16_t port) {
        return {Address::ipv4(address), port};
    }
    /// A SYN to port 80 of `to` from port 40000 of `from`.
    void syn(wire::Ipv4Address from, wire::Ipv4Address to, std::uint16_t from_port = kPeerPort) {
        host.receive(encode({.flags = "S",
                             .seq = 1'000,
                             .options = {.mss = 1'460},
                             .source_port = from_port,
                             .destination_port = kHostPort},
                            {.from = from, .to = to}));
    }
};

// Where there is a way to everywhere, it is not for want of one that an open is refused.
class DefaultRoute : public OpeningRules {
  protected:
    static stack::Config anywhere() {
        stack::Config config = small_config();
        config.routes.push_back({.destination = {{0}, 0}, .gateway = kPeerAddress});
        return config;
    }
    DefaultRoute() : OpeningRules(anywhere()) {}
};

TEST_F(DefaultRoute, G_5_an_open_to_nobody_is_refused_and_nothing_is_sent) {
    for (const std::uint32_t nobody :
         {0xe000'0001U, 0xefff'ffffU, 0xffff'ffffU, 0U, 0xc612'00ffU}) {
        const auto result = host.stack().connect(at(nobody, 80), host.app(), {});
        EXPECT_NE(result.error, Error::none) << std::hex << nobody;
    }
    EXPECT_EQ(host.stack().connect(at(kPeerAddress.value, 0), host.app(), {}).error,
              Error::bad_address);
    host.turn();
    EXPECT_EQ(host.sent(), Trace{});
    expect_nothing_left();
    EXPECT_TRUE(host.stack().connect(at(0x0808'0808, 80), host.app(), {})) << "there is a way";
}

TEST_F(OpeningRules, G_5_a_SYN_from_or_to_nobody_is_dropped_without_a_word) {
    listen();
    for (const std::uint32_t nobody : {0xe000'0001U, 0xffff'ffffU, 0U, 0xc612'00ffU}) {
        syn({nobody}, kHostAddress);
        syn(kPeerAddress, {nobody});
    }
    syn(kPeerAddress, kHostAddress, 0);
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.in_state(tcp::State::SynReceived), 0U);
    syn(kPeerAddress, kHostAddress);
    EXPECT_EQ(host.sent().at(0).flags, "SA") << "what is left of it all: a good one";
}

TEST_F(OpeningRules, E_17_a_segment_from_our_own_address_and_port_is_dropped) {
    listen();
    for (const char* flags : {"S", "A", "SA", "FA", "R"}) {
        host.receive(encode({.flags = flags,
                             .seq = 1'000,
                             .ack = 1'000,
                             .source_port = kHostPort,
                             .destination_port = kHostPort},
                            {.from = kHostAddress, .to = kHostAddress}));
    }
    EXPECT_EQ(host.sent(), Trace{});
    EXPECT_EQ(host.count(Counter::TcpInLand), 5U);
    EXPECT_EQ(host.in_state(tcp::State::SynReceived), 0U);
    EXPECT_EQ(host.in_state(tcp::State::Listen), 1U);
}

class TwoAddresses : public OpeningRules {
  protected:
    static stack::Config two() {
        stack::Config config = small_config();
        config.interfaces[0].addresses.push_back({kSecond, 24});
        return config;
    }
    TwoAddresses() : OpeningRules(two()) {}
};

TEST_F(TwoAddresses, G_6_the_local_address_is_the_routes_unless_the_caller_names_one) {
    auto chosen = host.stack().connect(at(kPeerAddress.value, 1), host.app(), {});
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen.connection.local().address, Address::ipv4(kHostAddress.value));
    auto named = host.stack().connect(at(kPeerAddress.value, 2), host.app(),
                                      {.local = {Address::ipv4(kSecond.value), 0}});
    ASSERT_TRUE(named);
    EXPECT_EQ(named.connection.local().address, Address::ipv4(kSecond.value));
    EXPECT_EQ(host.stack()
                  .connect(at(kPeerAddress.value, 3), host.app(),
                           {.local = {Address::ipv4(0xc612'0009), 0}})
                  .error,
              Error::bad_address);
    // And fixed for the connection's life: an answer to the other address is for nobody.
    host.turn();
    const std::uint16_t port = named.connection.local().port;
    std::uint32_t iss = 0;
    for (const Wire& sent_syn : host.sent()) {
        if (sent_syn.destination_port == 2) iss = sent_syn.seq;
    }
    const auto answer_to = [&](wire::Ipv4Address local) {
        host.receive(encode({.flags = "SA",
                             .seq = 1'000,
                             .ack = iss + 1,
                             .source_port = 2,
                             .destination_port = port},
                            {.to = local}));
    };
    answer_to(kHostAddress);
    EXPECT_EQ(host.state(port, 2), "SYN-SENT");
    answer_to(kSecond);
    EXPECT_EQ(host.state(port, 2), "ESTABLISHED");
    EXPECT_EQ(named.connection.local().address, Address::ipv4(kSecond.value));
}

// MUST-11: what a RST does in SYN-RECEIVED depends on where the connection came from.
TEST_F(OpeningRules, G_3_SYN_RECEIVED_knows_whether_it_is_passive) {
    open();
    connection.abort();
    host.turn();
    host.sent();
    host.app().events.clear();
    peer.send({.flags = "S", .seq = 50'000});
    host.sent();
    peer.send({.flags = "R", .seq = 50'001});
    EXPECT_TRUE(host.app().events.empty()) << "back to LISTEN: the application never knew";
    EXPECT_EQ(host.in_state(tcp::State::Listen), 1U);
}

TEST_F(OpeningRules, G_3_or_active) {
    connect();
    peer.send({.flags = "S", .seq = 1'000});
    ASSERT_EQ(state(), "SYN-RECEIVED");
    peer.send({.flags = "R", .seq = 1'001});
    EXPECT_EQ(host.app().events, std::vector<std::string>{"closed refused"});
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(OpeningRules, G_3_or_was_born_from_TIME_WAIT) {
    open();
    connection.close();
    host.turn();
    peer.send({.flags = "FA", .seq = 1'001, .ack = 5'002});
    peer.send({.flags = "S", .seq = 90'000});
    ASSERT_EQ(state(), "SYN-RECEIVED");
    peer.send({.flags = "R", .seq = 90'001});
    EXPECT_EQ(state(), "TIME-WAIT");
}

// --- Secrets

struct Chosen {
    std::uint32_t iss;
    std::uint32_t stamp;
    std::uint16_t port;
    bool operator==(const Chosen&) const = default;
};

/// What one SYN of ours shows of the secrets; and, of another host, the cookie for one of a peer's.
Chosen chosen_with(const stack::Secrets& secrets, std::uint16_t port = 0) {
    stack::Config config = small_config();
    config.secrets = secrets;
    Host host(config);
    EXPECT_TRUE(host.stack().connect({Address::ipv4(kPeerAddress.value), 9'000}, host.app(),
                                     {.local = {Address{}, port}}));
    host.turn();
    const Wire syn = host.sent().at(0);
    return {syn.seq, syn.options.timestamps->value, syn.source_port};
}

std::uint32_t cookie_with(const stack::Secrets& secrets) {
    stack::Config config = small_config();
    config.secrets = secrets;
    config.tcp.syn_cookies = SynCookies::always;
    Host host(config);
    EXPECT_TRUE(host.stack().listen({Address{}, 80}, host.app(), {}));
    Peer(host, 40'000, 80).send({.flags = "S", .seq = 1'000});
    return host.sent().at(0).seq;
}

TEST(Secrets, G_10_each_has_one_use) {
    const stack::Secrets usual = small_config().secrets;
    const Chosen before = chosen_with(usual, 50'000);
    const std::uint16_t port = chosen_with(usual).port;
    const std::uint32_t cookie = cookie_with(usual);
    const auto with = [&](base::SipKey stack::Secrets::*key) {
        stack::Secrets changed = usual;
        changed.*key = {0x1234, 0x5678};
        return changed;
    };
    const stack::Secrets isn = with(&stack::Secrets::isn);
    EXPECT_NE(chosen_with(isn, 50'000).iss, before.iss);
    EXPECT_EQ(chosen_with(isn, 50'000).stamp, before.stamp);
    EXPECT_EQ(chosen_with(isn).port, port);
    EXPECT_EQ(cookie_with(isn), cookie);
    const stack::Secrets stamp = with(&stack::Secrets::timestamp_offset);
    EXPECT_NE(chosen_with(stamp, 50'000).stamp, before.stamp);
    EXPECT_EQ(chosen_with(stamp, 50'000).iss, before.iss);
    EXPECT_EQ(cookie_with(stamp), cookie);
    const stack::Secrets ports = with(&stack::Secrets::port);
    EXPECT_NE(chosen_with(ports).port, port);
    EXPECT_EQ(chosen_with(ports, 50'000), before);
    const stack::Secrets cookies = with(&stack::Secrets::cookie);
    EXPECT_NE(cookie_with(cookies), cookie);
    EXPECT_EQ(chosen_with(cookies, 50'000), before);
}

// Where RFC 6528 gives less than the old connection has used, as after a change of its key, the
// number begins beyond the old ones all the same (C-9).
TEST_F(OpeningRules, G_10_the_number_after_TIME_WAIT_does_not_go_back_whatever_the_hash_says) {
    open();
    for (int i = 0; i < 40; ++i) {  // 2.4 MB at once; the clock gives 250 KB a second
        say(60'000);
        for (int turns = 0; turns < 8; ++turns) {
            const Trace part = host.sent();
            if (part.empty()) break;
            const Wire& last = part.back();
            peer.send({.flags = "A",
                       .seq = 1'001,
                       .ack = last.seq + static_cast<std::uint32_t>(last.text.size())});
        }
    }
    connection.close();
    host.turn();
    host.sent();
    peer.send({.flags = "FA", .seq = 1'001, .ack = sent + 1});
    ASSERT_EQ(state(), "TIME-WAIT");
    host.sent();
    peer.send({.flags = "S", .seq = 900'000});
    const Wire answer = host.sent().at(0);
    EXPECT_EQ(answer.flags, "SA");
    EXPECT_EQ(answer.seq, sent + 1 + 65'537);
}

// --- Half-open records

TEST_F(OpeningRules, G_26_a_half_open_connection_is_small_bounded_and_no_Tcb) {
    static_assert(sizeof(stack::SynSlot) <= 128);
    stack::Config config = small_config();
    config.limits.max_half_open = 3;
    config.tcp.syn_cookies = SynCookies::never;
    Host small(config);
    ASSERT_TRUE(small.stack().listen({Address{}, 80}, small.app(), {.max_half_open = 100}));
    for (std::uint16_t port = 1; port <= 5; ++port) {
        Peer(small, port, 80).send({.flags = "S", .seq = 1'000});
    }
    EXPECT_EQ(small.count(Counter::TCPReqQFullDrop), 2U);
    for (const stack::PoolUse& pool : small.stack().memory()) {
        if (pool.name == std::string_view("half-open")) {
            EXPECT_EQ(pool.in_use, 3U);
            EXPECT_EQ(pool.capacity, 3U);
            EXPECT_LE(pool.record_bytes, 128U);
        }
        if (pool.name == std::string_view("connection")) {
            EXPECT_EQ(pool.in_use, 0U) << "before the third segment";
        }
    }
    Wire first = small.sent().at(0);
    Peer(small, 1, 80).send({.flags = "A", .seq = 1'001, .ack = first.seq + 1});
    EXPECT_EQ(small.state(80, 1), "ESTABLISHED");
}

// --- RFC 9293 3.5: figures 8 to 11; TCP Peer A and B are the host in turn

TEST_F(OpeningRules, G_40_figure_8_recovery_from_an_old_duplicate_SYN) {
    // As B: the duplicate is answered, A resets what that means, and the true SYN opens.
    listen();
    peer.send({.flags = "S", .seq = 90});
    const Wire to_old = host.sent().at(0);
    EXPECT_EQ(to_old, (Wire{"SA", to_old.seq, 91}));
    peer.send({.flags = "R", .seq = 91});
    EXPECT_EQ(state(), "CLOSED") << "B is back in LISTEN";
    EXPECT_EQ(host.sent(), Trace{});
    peer.send({.flags = "S", .seq = 100});
    const Wire to_new = host.sent().at(0);
    EXPECT_EQ(to_new, (Wire{"SA", to_new.seq, 101}));
    peer.send({.flags = "A", .seq = 101, .ack = to_new.seq + 1});
    EXPECT_EQ(state(), "ESTABLISHED");
}

TEST_F(OpeningRules, G_40_figure_8_as_A_an_acknowledgment_of_the_duplicate_is_reset) {
    connect();
    peer.send({.flags = "SA", .seq = 300, .ack = 4'991});
    EXPECT_EQ(host.sent(), (Trace{{"R", 4'991, 0}}));
    EXPECT_EQ(state(), "SYN-SENT");
    peer.send({.flags = "SA", .seq = 400, .ack = 5'001});
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 401}}));
    EXPECT_EQ(state(), "ESTABLISHED");
}

TEST_F(OpeningRules, G_40_figure_9_a_crashed_peer_opens_anew_and_finds_what_it_has_forgotten) {
    // As A: B answers the SYN from its old connection; our RST ends that, and our next SYN opens.
    connect();
    peer.send({.flags = "A", .seq = 300, .ack = 100});
    EXPECT_EQ(host.sent(), (Trace{{"R", 100, 0}}));
    EXPECT_EQ(state(), "SYN-SENT");
    host.advance(1'001ms);
    EXPECT_EQ(host.sent(), (Trace{{"S", 5'000, 0}}));
}

TEST_F(OpeningRules, G_40_figure_9_as_B_the_SYN_is_challenged_and_the_RST_taken) {
    open();
    peer.send({.flags = "S", .seq = 400'000});
    EXPECT_EQ(host.sent(), (Trace{{"A", 5'001, 1'001}}));
    peer.send({.flags = "R", .seq = 1'001});
    EXPECT_EQ(host.app().events.back(), "closed reset");
    peer.send({.flags = "S", .seq = 400'000});
    EXPECT_EQ(host.sent().at(0).flags, "SA");
}

TEST_F(OpeningRules, G_40_figure_10_text_for_an_end_that_knows_nothing_is_reset) {
    // As A, which has crashed: the text of B meets nobody.
    peer.send({.flags = "PA", .seq = 300, .ack = 100, .text = "0123456789"});
    EXPECT_EQ(host.sent(), (Trace{{"R", 100, 0}}));
    // As B: its own text brings the RST back.
    open();
    say(10);
    host.sent();
    peer.send({.flags = "R", .seq = 1'001});
    EXPECT_EQ(host.app().events.back(), "closed reset");
    EXPECT_EQ(state(), "CLOSED");
}

TEST_F(OpeningRules, G_40_figure_11_an_old_SYN_between_two_listeners_leaves_both_in_LISTEN) {
    listen();
    // As B: the old SYN of A's is answered, and A resets.
    peer.send({.flags = "S", .seq = 90});
    const Wire answer = host.sent().at(0);
    peer.send({.flags = "R", .seq = 91});
    EXPECT_EQ(host.sent(), Trace{});
    // As A: a SYN,ACK that nobody asked for.
    Peer b(host, 50'000, kHostPort);
    b.send({.flags = "SA", .seq = answer.seq, .ack = 91});
    EXPECT_EQ(host.sent(), (Trace{{"R", 91, 0}}));
    EXPECT_EQ(host.in_state(tcp::State::Listen), 1U);
    EXPECT_EQ(host.in_state(tcp::State::SynReceived), 0U);
    EXPECT_TRUE(host.app().events.empty());
}

}  // namespace
}  // namespace lastack::test
