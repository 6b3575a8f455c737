#include "tests/sim/world.hpp"

#include <algorithm>

#include "stack/fields.hpp"

namespace lastack::test {

using stack::StackFields;

namespace {

constexpr std::uint16_t kHotPorts = 20'000;  // the few that are used again and again

}  // namespace

World::World(std::uint64_t seed)
    : dice_(seed),
      seed_(seed),
      nature_(draw_nature(dice_, seed)),
      server_(draw_config(dice_, nature_, kPeerAddress, kPeerMac)),
      network_(dice_.bits()) {
    network_.set_conditions(nature_.conditions);
    network_.after_turn = [this](unsigned place) { audit(place); };
    const std::array<unsigned, 2> places{Network::kClient, Network::kSecondClient};
    for (std::size_t i = 0; i < (nature_.client_dies ? 2 : 1); ++i) {
        clients_[i] = std::make_unique<Host>(draw_config(dice_, nature_, kHostAddress, kHostMac));
        auditors_[places[i]] = std::make_unique<Auditor>(*clients_[i], !nature_.clock_stalls);
        network_.join(places[i], *clients_[i]);
    }
    auditors_[Network::kServer] = std::make_unique<Auditor>(server_, !nature_.clock_stalls);
    network_.join(Network::kServer, server_);
}

bool World::run() {
    if (!server_.stack().listen({Address{}, Pair::kPort}, acceptor_, {.max_half_open = 0})) {
        wrong("listen() was refused");
    }
    plan_arrivals();
    plan_weather();
    const auto stop = [this] { return !fault_.empty() || all_over(); };
    static_cast<void>(network_.run_until(stop, nature_.arrivals + 60min));
    // Polite ends finish by themselves. A rude one may leave its peer with a connection that nobody
    // will ever speak on again: its RST was lost. So such an end is given up here.
    give_up();
    if (!network_.run_until(stop, 2h)) wrong("a connection did not end");
    // Orphans, and 2MSL; then what they may leave in flight.
    const auto idle = [this] {
        const auto none = [](Host& host) {
            return host.stack().live_connections() == 0 && host.in_state(tcp::State::TimeWait) == 0;
        };
        const bool clients = nature_.client_dies ? none(*clients_[1]) : none(*clients_[0]);
        return !fault_.empty() || (clients && none(server_));
    };
    static_cast<void>(network_.run_until(idle, 30min));
    if (fault_.empty()) network_.run(2min);
    if (fault_.empty()) judge();
    return fault_.empty();
}

void World::wrong(const std::string& what) {
    if (!fault_.empty()) return;
    fault_ = "world " + std::to_string(seed_) + " (" + std::string(name(nature_.impairment)) +
             ") at " + std::to_string(network_.now().time_since_epoch().count() / 1'000) +
             " us: " + what + "\n  replay with sim_run --first " + std::to_string(seed_) +
             " --worlds 1 --trace";
}

void World::audit(unsigned place) {
    ++tally_.turns;
    if (const std::string fault = auditors_[place]->look(); !fault.empty()) {
        wrong("host " + std::to_string(place) + ": " + fault);
    }
    if (acceptor_.surprised()) wrong("a connection opened that no SYN of ours was for");
}

void World::plan_arrivals() {
    for (std::size_t i = 0; i < nature_.connections; ++i) {
        network_.schedule(dice_.up_to(nature_.arrivals), [this] { begin(); });
    }
    if (nature_.client_dies) {
        network_.schedule(dice_.up_to(nature_.arrivals), [this] { replace_client(); });
    }
}

void World::begin() {
    const unsigned place = network_.replaced() ? Network::kSecondClient : Network::kClient;
    if (!network_.wake(place) || !network_.wake(Network::kServer)) {
        network_.schedule(1s, [this] { begin(); });
        return;
    }
    ++begun_;
    const Plans plans = draw_plans(dice_, nature_);
    Pair& pair = pairs_.emplace_back(host(place).stack(), server_.stack(), plans, place);
    pair.begun = true;
    pair.begun_at = network_.now();
    pair.simultaneous = !nature_.client_dies && dice_.per_cent(4);
    if (!connect(pair)) {
        ++tally_.refused_calls;
        pairs_.pop_back();
    }
    network_.turn(place);
}

bool World::connect(Pair& pair) {
    if (pair.simultaneous) {  // a tuple of its own: an old SYN-SENT would meet a new one
        pair.port = static_cast<std::uint16_t>(kHotPorts + 100 + begun_);
    } else if (dice_.per_cent(40)) {
        pair.port = static_cast<std::uint16_t>(kHotPorts + dice_.up_to(std::uint64_t{60}));
    }
    ConnectResult result = call(pair);
    if (result.error == Error::address_in_use) {  // still ours: any other will do
        ++tally_.refused_calls;
        pair.simultaneous = false;
        pair.port = 0;
        result = call(pair);
    }
    if (!result) return false;
    pair.client.use(result.connection);
    pair.port = result.connection.local().port;
    if (pair.simultaneous) {
        if (connect_back(pair)) return true;
        pair.simultaneous = false;
        pair.polite = false;  // a SYN to a port that nobody listens on
        return true;
    }
    const auto& slots = StackFields::tcbs(host(pair.place).stack());
    const tcp::Tcb& tcb = slots[result.connection.index()].tcb;
    pair.iss = tcb.iss.value();
    acceptor_.expect(pair.port, pair.iss, pair.server);
    return true;
}

ConnectResult World::call(Pair& pair) {
    return host(pair.place)
        .stack()
        .connect({Address::ipv4(kPeerAddress.value), pair.server_port()}, pair.client,
                 {.local = {Address{}, pair.port}});
}

// Both open at once (RFC 9293 figure 7).
bool World::connect_back(Pair& pair) {
    const auto result =
        server_.stack().connect({Address::ipv4(kHostAddress.value), pair.port}, pair.server,
                                {.local = {Address{}, pair.server_port()}});
    if (!result) return false;
    pair.server.use(result.connection);
    network_.turn(Network::kServer);
    return true;
}

// What changes while the world runs.
void World::plan_weather() {
    const auto often = [this](int times, const std::function<void()>& action) {
        for (int i = 0; i < times; ++i) {
            network_.schedule(dice_.up_to(nature_.arrivals + 10s), action);
        }
    };
    if (nature_.mtu_changes) {
        often(20, [this] {
            network_.set_path_mtu(dice_.one_of<std::size_t>({576, 1'006, 1'492, 1'500, 9'000}));
        });
    }
    if (nature_.clock_stalls) {
        often(10, [this] {
            const time::Duration duration = dice_.up_to(time::Duration(12s));
            network_.stall(static_cast<unsigned>(dice_.up_to(std::uint64_t{2})), duration);
        });
    }
    if (!nature_.no_buffers) return;
    often(12, [this] {
        const unsigned place = dice_.per_cent(50) ? Network::kServer : Network::kClient;
        host(place).shell().limit(host(place).shell().live() + dice_.up_to(std::uint64_t{3}));
        network_.schedule(dice_.up_to(time::Duration(2s)), [this, place] {
            host(place).shell().limit(SIZE_MAX);
            network_.turn(place);
        });
    });
}

void World::replace_client() {
    network_.replace_client();
    for (Pair& pair : pairs_) {
        if (pair.place == Network::kClient) pair.dead = true;
    }
}

bool World::all_over() const {
    if (begun_ < nature_.connections) return false;
    return std::ranges::all_of(pairs_, [](const Pair& pair) { return pair.over(); });
}

// Whether it should have ended by itself. One whose peer has given up, and whose RST was lost, may
// wait for ever: nothing but keep-alive ends FIN-WAIT-2 with an owner (D-1).
bool World::stuck(const Pair& pair) const {
    if (!fault_.empty() || pair.over() || !pair.polite || pair.dead) return false;
    // Who hears nobody may wait for ever: its third ACK is lost.
    if (!pair.server.opened()) return pair.client.opened() && !hard();
    const auto gave_up = [](const Actor& actor) {
        return actor.over() && actor.reason() != CloseReason::orderly;
    };
    const bool may_give_up = hard() || cookie_may_reset(pair) || of_our_own(pair, pair.client) ||
                             of_our_own(pair, pair.server);
    return !(may_give_up && (gave_up(pair.client) || gave_up(pair.server)));
}

void World::give_up() {
    // The dead have no clock any more; with the others it is now, not when they last had a turn.
    const auto lives = [this](unsigned place) {
        return !nature_.client_dies || place != Network::kClient;
    };
    for (unsigned place = 0; place < 3; ++place) {
        if (lives(place)) static_cast<void>(network_.wake(place));
    }
    for (Pair& pair : pairs_) {
        if (stuck(pair)) wrong("a polite connection did not end" + describe(pair));
        if (!pair.over()) pair.polite = false;
        if (!pair.dead) pair.client.give_up();
        pair.server.give_up();
    }
    for (unsigned place = 0; place < 3; ++place) {
        if (lives(place)) network_.turn(place);
    }
}

}  // namespace lastack::test
