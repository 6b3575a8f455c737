// Two whole stacks over a bad wire, many seeds: K-39, K-40, H-47.
//
// Each run draws a configuration, a network and the applications' behaviour from its seed, and
// checks the invariant set of requirements.md K: streams are prefixes, complete where the end is
// orderly; every connection ends in bounded time; nothing leaks; TIME-WAIT lasts 2MSL.
//
//   LASTACK_SEED=n        the first run's seed
//   LASTACK_SIM_RUNS=n    how many seeds from there on
//   LASTACK_SIM_TRACE=1   prints every segment that is sent

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "tests/sim/actor.hpp"
#include "tests/support/link.hpp"
#include "tests/support/seed.hpp"

namespace lastack::test {
namespace {

using base::Counter;

constexpr std::uint16_t kPort = 80;

unsigned runs_or(unsigned usual) {
    const char* text = std::getenv("LASTACK_SIM_RUNS");
    return text == nullptr ? usual : static_cast<unsigned>(std::strtoul(text, nullptr, 0));
}

// Draws of one run.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}
    bool chance(unsigned percent) { return random_() % 100 < percent; }
    std::uint64_t up_to(std::uint64_t most) { return random_() % (most + 1); }
    std::uint64_t bits() { return random_(); }
    template <class T>
    T one_of(std::initializer_list<T> choices) {
        return choices.begin()[random_() % choices.size()];
    }

  private:
    std::mt19937_64 random_;
};

stack::Config draw_config(Dice& dice, wire::Ipv4Address address, const wire::MacAddress& mac) {
    stack::Config config = config_at(address, mac);
    config.limits.max_timers = 1'024;
    config.limits.trace_events = 0;
    config.max_pieces = dice.chance(10) ? 256 : 16'384;
    config.max_held_buffers = dice.chance(20) ? 16 : config.max_pieces;
    config.interfaces[0].mtu = dice.one_of<std::uint16_t>({576, 1'500, 1'500, 9'000});
    config.interfaces[0].tcp_checksum_offload = dice.chance(50);
    config.interfaces[0].max_text_bytes = dice.chance(50) ? 65'000 : 0;
    config.tcp.timestamps = dice.chance(70);
    config.tcp.window_scaling = dice.chance(70);
    config.tcp.sack = dice.chance(70);
    config.tcp.nagle = dice.chance(70);
    config.tcp.receive_buffer = dice.one_of<std::uint32_t>({2'048, 8'192, 65'535, 1 << 20});
    config.tcp.send_buffer = dice.one_of<std::uint32_t>({2'048, 8'192, 65'535, 1 << 20});
    config.tcp.rto_max = dice.chance(80) ? 10s : 120s;
    config.secrets.isn = {dice.bits(), dice.bits()};
    return config;
}

Conditions draw_conditions(Dice& dice) {
    Conditions conditions;
    conditions.delay = std::chrono::microseconds(dice.one_of<int>({1, 500, 10'000, 150'000}));
    if (dice.chance(25)) return conditions;  // a good wire
    if (dice.chance(60)) conditions.loss = dice.one_of<double>({0.001, 0.02, 0.05, 0.2});
    if (dice.chance(50)) conditions.duplication = dice.one_of<double>({0.01, 0.05, 0.3});
    if (dice.chance(50)) conditions.reordering = dice.one_of<double>({0.01, 0.1, 0.3});
    if (dice.chance(30)) conditions.corruption = 0.01;
    if (dice.chance(50)) conditions.jitter = std::chrono::milliseconds(dice.up_to(30));
    conditions.held_back = std::chrono::milliseconds(dice.one_of<int>({2, 20, 500}));
    if (dice.chance(20)) conditions.queue_frames = 5;
    return conditions;
}

Plan draw_plan(Dice& dice, bool rude) {
    Plan plan;
    plan.stream = dice.bits();
    plan.to_send = dice.up_to(dice.one_of<std::uint64_t>({0, 10, 2'000, 30'000, 100'000}));
    plan.chunk = dice.one_of<std::size_t>({1'400, 5'000, 100'000});
    if (plan.to_send <= 2'000 && dice.chance(40)) plan.chunk = 7;
    plan.by_reference = dice.chance(30);
    // All or nothing: a chunk must fit the smallest send buffer.
    if (plan.by_reference) plan.chunk = std::min<std::size_t>(plan.chunk, 1'400);
    if (dice.chance(20) && plan.to_send / plan.chunk < 500) {
        plan.think = std::chrono::milliseconds(dice.up_to(50));
    }
    if (dice.chance(30)) {
        plan.read_percent = static_cast<unsigned>(dice.up_to(100));
        plan.read_pause = std::chrono::milliseconds(1 + dice.up_to(2'000));
    }
    plan.no_delay = dice.chance(30);
    plan.ending = dice.chance(50) ? Ending::ShutdownThenClose : Ending::CloseAfterPeer;
    if (rude) {
        plan.ending = dice.one_of<Ending>({Ending::ShutdownThenClose, Ending::CloseAfterPeer,
                                           Ending::CloseWhenSent, Ending::Abort});
        if (plan.ending == Ending::Abort || dice.chance(20)) {
            plan.patience = std::chrono::milliseconds(1 + dice.up_to(3'000));
        }
    }
    return plan;
}

// The listener's handler: the nth connection that opens gets the actor whose peer connected from
// that port.
class Acceptor final : public Handler {
  public:
    void expect(std::uint16_t remote_port, Actor& actor) { actors_[remote_port] = &actor; }

    void on_open(Connection connection) override {
        Actor* actor = actors_.at(connection.remote().port);
        connection.set_context(actor);
        actor->on_open(connection);
    }
    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override {
        return actor(connection).on_data(connection, pieces);
    }
    void on_writable(Connection connection) override { actor(connection).on_writable(connection); }
    void on_peer_closed(Connection connection) override {
        actor(connection).on_peer_closed(connection);
    }
    void on_closed(Connection connection, CloseReason reason) override {
        actor(connection).on_closed(connection, reason);
    }

  private:
    static Actor& actor(Connection connection) {
        return *static_cast<Actor*>(connection.context());
    }
    std::map<std::uint16_t, Actor*> actors_;
};

struct Pair {
    std::unique_ptr<Actor> client;  // on host a
    std::unique_ptr<Actor> server;  // on host b
    bool polite = true;
    bool simultaneous = false;
};

class Simulation {
  public:
    explicit Simulation(std::uint64_t seed) : dice_(seed), seed_(seed) {}

    void go() {
        if (std::getenv("LASTACK_SIM_TRACE") != nullptr) trace();
        link_.after_event = [this] {
            time_waits_[0].look(a_);
            time_waits_[1].look(b_);
        };
        connect();
        const auto over = [&] {
            for (const Pair& pair : pairs_) {
                if (!pair.client->over()) return false;
                if (pair.server->opened() && !pair.server->over()) return false;
            }
            return true;
        };
        if (dice_.chance(15)) starve();
        // Polite ends finish by themselves. A rude one may leave its peer with a connection that
        // nobody will ever speak on again: its RST was lost. So that end is given up here.
        const bool ended = link_.run_until(over, 2h);
        if (all_polite()) {
            EXPECT_TRUE(ended) << "a polite connection did not end" << describe();
        }
        for (const Pair& pair : pairs_) {
            pair.client->give_up();
            pair.server->give_up();
        }
        EXPECT_TRUE(link_.run_until(over, 1h)) << describe();
        const auto idle = [&] {
            const auto none = [](Host& host) {
                return host.stack().live_connections() == 0 &&
                       host.in_state(tcp::State::TimeWait) == 0;
            };
            return over() && none(a_) && none(b_);
        };
        static_cast<void>(link_.run_until(idle, 15min));  // orphans, and 2MSL
        link_.run(2min);                                  // what they may leave in flight
        judge();
    }

  private:
    void trace() {
        link_.watch = [this](Link::Side from, const Wire& segment) {
            const auto us = link_.now().time_since_epoch().count() / 1'000;
            std::printf("%12lld %s %u>%u %-3s %u:%u ack %u win %u\n", static_cast<long long>(us),
                        from == Link::Side::A ? "a" : "b", segment.source_port,
                        segment.destination_port, segment.flags.c_str(), segment.seq,
                        segment.seq + segment.len(), segment.ack, segment.window);
        };
    }

    void connect() {
        ASSERT_TRUE(b_.stack().listen({Address{}, kPort}, acceptor_, {}));
        const unsigned count = dice_.chance(60) ? 1 : 1 + static_cast<unsigned>(dice_.up_to(5));
        const bool crossing = dice_.chance(15);
        for (unsigned i = 0; i < count; ++i) {
            const bool rude = dice_.chance(30);
            Pair pair;
            pair.simultaneous = crossing;
            Plan client = draw_plan(dice_, rude);
            Plan server = draw_plan(dice_, rude);
            client.peer_stream = server.stream;
            server.peer_stream = client.stream;
            // Somebody has to begin the end.
            if (client.ending == Ending::CloseAfterPeer && server.ending == client.ending) {
                client.ending = Ending::ShutdownThenClose;
            }
            pair.polite = polite(client.ending) && polite(server.ending) &&
                          client.patience.count() == 0 && server.patience.count() == 0;
            pair.client = std::make_unique<Actor>(a_.stack(), client);
            pair.server = std::make_unique<Actor>(b_.stack(), server);
            open(pair, static_cast<std::uint16_t>(20'000 + i));
            pairs_.push_back(std::move(pair));
        }
        link_.turn();
    }

    void open(Pair& pair, std::uint16_t port) {
        const std::uint16_t remote =
            pair.simultaneous ? static_cast<std::uint16_t>(port + 100) : kPort;
        const auto result = a_.stack().connect({Address::ipv4(kPeerAddress.value), remote},
                                               *pair.client, {.local = {Address{}, port}});
        ASSERT_TRUE(result);
        pair.client->use(result.connection);
        acceptor_.expect(port, *pair.server);
        if (!pair.simultaneous) return;
        const auto other = b_.stack().connect({Address::ipv4(kHostAddress.value), port},
                                              *pair.server, {.local = {Address{}, remote}});
        ASSERT_TRUE(other);
        pair.server->use(other.connection);
    }

    // How long TIME-WAIT lasts, where there is but one connection to watch (C-2, C-5, S-36).
    struct TimeWaitWatch {
        std::uint64_t begun = 0;
        std::uint64_t expired = 0;
        time::Instant since{};
        bool ended_early = false;
        bool ended_late = false;

        void look(Host& host) {
            const std::uint64_t begun_now =
                host.count(Counter::TimeWaitEntered) + host.count(Counter::TimeWaitRestarted);
            const std::uint64_t expired_now = host.count(Counter::TimeWaitExpired);
            if (begun_now != begun) since = host.now();
            if (expired_now != expired) {
                ended_early = ended_early || host.now() - since < 60s;
                ended_late = ended_late || host.now() - since > 60s + 2ms;
            }
            begun = begun_now;
            expired = expired_now;
        }
    };

    // K-39: for a while there is almost no memory.
    void starve() {
        link_.run(std::chrono::milliseconds(dice_.up_to(200)));
        for (int i = 0; i < 5; ++i) {
            a_.shell().limit(dice_.up_to(3));
            b_.shell().limit(dice_.up_to(3));
            link_.run(std::chrono::milliseconds(dice_.up_to(1'000)));
            a_.shell().limit(SIZE_MAX);
            b_.shell().limit(SIZE_MAX);
            link_.run(std::chrono::milliseconds(dice_.up_to(100)));
        }
    }

    bool all_polite() const {
        for (const Pair& pair : pairs_) {
            if (!pair.polite) return false;
        }
        return true;
    }

    void judge() {
        for (const Pair& pair : pairs_) {
            EXPECT_EQ(pair.client->complaint(), "") << describe();
            EXPECT_EQ(pair.server->complaint(), "") << describe();
            EXPECT_EQ(pair.client->lent(), 0U) << "memory was not given back" << describe();
            EXPECT_EQ(pair.server->lent(), 0U) << "memory was not given back" << describe();
            judge_direction(*pair.client, *pair.server);
            judge_direction(*pair.server, *pair.client);
            if (!pair.polite || never_met(*pair.client)) continue;
            // Of two that open at once the one that gave up cannot answer the other but with RST.
            if (pair.simultaneous && pair.server->over() && never_met(*pair.server)) continue;
            EXPECT_TRUE(ended_well(*pair.client)) << describe();
            EXPECT_TRUE(ended_well(*pair.server)) << describe();
            EXPECT_EQ(pair.client->received(), pair.server->plan().to_send) << describe();
            EXPECT_EQ(pair.server->received(), pair.client->plan().to_send) << describe();
        }
        if (pairs_.size() == 1) {
            for (const TimeWaitWatch& watch : time_waits_) {
                EXPECT_FALSE(watch.ended_early) << describe();
                EXPECT_FALSE(watch.ended_late) << describe();
            }
        }
        judge_host(a_);
        judge_host(b_);
    }

    // Where the last ACK is lost again and again, the peer's 2MSL may end before our RTO does: then
    // the FIN that all bytes went before is answered by a reset (RFC 9293 3.6.1).
    static bool ended_well(const Actor& actor) {
        if (actor.reason() == CloseReason::orderly) return true;
        return actor.reason() == CloseReason::reset && actor.heard_end() && actor.said_all();
    }

    // All ARP requests of a row lost, or all SYNs: the application was told, and that is that.
    static bool never_met(const Actor& client) {
        return !client.opened() && (client.reason() == CloseReason::unreachable ||
                                    client.reason() == CloseReason::timed_out);
    }

    void judge_direction(const Actor& from, const Actor& to) {
        EXPECT_LE(to.received(), from.sent()) << describe();
        if (to.heard_end()) {
            EXPECT_TRUE(from.closed_first_hand() || from.said_all())
                << "a FIN that nobody sent" << describe();
            EXPECT_EQ(to.received(), from.sent()) << "the FIN overtook bytes" << describe();
        }
    }

    void judge_host(Host& host) {
        EXPECT_TRUE(host.stack().quiescent()) << describe();
        EXPECT_EQ(host.shell().live(), 0U) << "buffers leaked" << describe();
        EXPECT_EQ(host.count(Counter::StaleTimer), 0U) << describe();
        EXPECT_EQ(host.count(Counter::StaleHandle), 0U) << describe();
        EXPECT_EQ(host.in_state(tcp::State::TimeWait), 0U) << "2MSL is over" << describe();
        EXPECT_EQ(host.stack().live_connections(), 0U) << describe();
        for (const stack::PoolUse& pool : host.stack().memory()) {
            const std::string_view name = pool.name;
            if (name == "listener" || name == "neighbour") continue;
            if (name == "timer") continue;  // patience that was not needed
            EXPECT_EQ(pool.in_use, 0U) << name << describe();
        }
    }

    std::string describe() const {
        std::string text =
            "\n  replay with LASTACK_SEED=" + std::to_string(seed_) + " LASTACK_SIM_RUNS=1";
        for (const Pair& pair : pairs_) {
            text += "\n  a: " + pair.client->describe() + "\n  b: " + pair.server->describe() +
                    (pair.polite ? "  (polite)" : "  (rude)") +
                    (pair.simultaneous ? "  (simultaneous)" : "");
        }
        return text;
    }

    Dice dice_;
    std::uint64_t seed_;
    Host a_{draw_config(dice_, kHostAddress, kHostMac)};
    Host b_{draw_config(dice_, kPeerAddress, kPeerMac)};
    Link link_{a_, b_, dice_.bits(), draw_conditions(dice_)};
    Acceptor acceptor_;
    std::vector<Pair> pairs_;
    std::array<TimeWaitWatch, 2> time_waits_{};
};

TEST(Sim, K_39_K_40_H_47_every_run_ends_in_order_or_for_a_reason_and_leaks_nothing) {
    const std::uint64_t seed = seed_or(1);
    const unsigned runs = runs_or(200);
    for (unsigned i = 0; i < runs; ++i) {
        Simulation(seed + i).go();
        if (testing::Test::HasFailure()) return;  // the first seed that fails says it all
    }
}

}  // namespace
}  // namespace lastack::test
