// One world of the simulator: a few hundred connections between whole stacks, through a network
// that its seed has drawn, with applications that behave at random.
//
// Tuples are used again while the other side still remembers them; in some worlds the client dies
// in the middle of everything, and a third host comes up with its address and its ports. What must
// hold is asked after every event (auditor.hpp), by the applications themselves (actor.hpp), and
// at the end (world_judge.cpp). The first thing wrong ends the world.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "tests/sim/acceptor.hpp"
#include "tests/sim/auditor.hpp"
#include "tests/sim/draws.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/tally.hpp"

namespace lastack::test {

struct Pair {
    static constexpr std::uint16_t kPort = 80;  // the listener's
    static constexpr std::uint16_t kBackPorts = 10'000;

    Actor client;  // on whichever host has the client's address
    Actor server;
    bool polite;
    unsigned place;          // of the client
    std::uint16_t port = 0;  // of the client
    std::uint32_t iss = 0;   // of the client, where the listener is called
    time::Instant begun_at{};
    bool simultaneous = false;
    bool begun = false;
    bool dead = false;  // the client's host died

    Pair(Core& a, Core& b, const Plans& plans, unsigned at)
        : client(a, plans.client), server(b, plans.server), polite(plans.polite), place(at) {}
    std::uint16_t server_port() const {
        return simultaneous ? static_cast<std::uint16_t>(port - kBackPorts) : kPort;
    }
    bool over() const {
        if (!begun) return false;
        return (dead || client.over()) && (!server.opened() || server.over()) &&
               (!simultaneous || server.over());
    }
};

class World {
  public:
    explicit World(std::uint64_t seed);
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void trace() { network_.trace(true); }
    /// False where something was wrong; fault() says what.
    bool run();
    const std::string& fault() const { return fault_; }
    const Tally& tally() const { return tally_; }
    std::uint64_t digest() const { return network_.digest(); }
    const Nature& nature() const { return nature_; }

  private:
    Host& host(unsigned place) {
        return place == Network::kServer ? server_ : *clients_[place / 2];
    }

    void wrong(const std::string& what);
    void audit(unsigned place);
    void plan_arrivals();
    void begin();
    bool connect(Pair& pair);
    ConnectResult call(Pair& pair);
    bool connect_back(Pair& pair);
    void plan_weather();
    void replace_client();
    bool all_over() const;
    bool stuck(const Pair& pair) const;
    void give_up();

    // world_judge.cpp
    void judge();
    void judge(const Pair& pair);
    void judge_reason(const Pair& pair, const Actor& actor, const Actor& peer);
    void judge_direction(const Pair& pair, const Actor& from, const Actor& to);
    void judge_host(unsigned place);
    void judge_clean_wire();
    bool hard() const { return nature_.hard(); }
    bool listener_was_full() const;
    bool ghost_took_tuple(const Pair& pair, const Actor& actor) const;
    bool old_number(const Pair& pair, const Actor& actor) const;
    bool cookie_may_reset(const Pair& pair) const;
    bool half_open_reset(const Pair& pair, const Actor& actor) const;
    bool left_by_its_client(const Pair& pair, const Actor& actor) const;
    bool guard_struck(const Pair& pair, const Actor& told) const;
    /// A limit or an option of our own ended it.
    bool of_our_own(const Pair& pair, const Actor& actor) const {
        return guard_struck(pair, actor) || orphan_was_killed(pair, actor) ||
               reading_refused(pair, actor);
    }
    bool orphan_was_killed(const Pair& pair, const Actor& actor) const;
    bool reading_refused(const Pair& pair, const Actor& reader) const;
    const Host& host_of(const Pair& pair, const Actor& actor) const {
        return &actor == &pair.server ? server_ : *clients_[pair.place / 2];
    }
    bool reset_after_the_end(const Pair& pair, const Actor& actor, const Actor& peer) const;
    bool ended_well(const Pair& pair, const Actor& actor, const Actor& peer) const;
    void count(const Pair& pair);
    std::string describe(const Pair& pair) const;

    Dice dice_;
    std::uint64_t seed_;
    Nature nature_;
    std::array<std::unique_ptr<Host>, 2> clients_;
    Host server_;
    std::array<std::unique_ptr<Auditor>, 3> auditors_;
    Network network_;
    Acceptor acceptor_{server_};
    std::deque<Pair> pairs_;
    std::uint64_t begun_ = 0;
    Tally tally_;
    std::string fault_;
};

}  // namespace lastack::test
