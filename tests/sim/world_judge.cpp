// What must be true at the end of a world. What excuses an end stands in world_evidence.cpp.

#include "tests/sim/world.hpp"

namespace lastack::test {

using base::Counter;

void World::judge() {
    for (const Pair& pair : pairs_) {
        judge(pair);
        count(pair);
    }
    judge_host(Network::kServer);
    judge_host(nature_.client_dies ? Network::kSecondClient : Network::kClient);
    judge_clean_wire();
    ++tally_.worlds;
    tally_.ghosts += acceptor_.ghosts();
    for (unsigned place = 0; place < 3; ++place) {
        if (auditors_[place] == nullptr) continue;
        tally_.add(host(place).stack().counters());
        tally_.time_waits_timed += auditors_[place]->time_waits_timed();
    }
}

void World::judge(const Pair& pair) {
    for (const Actor* actor : {&pair.client, &pair.server}) {
        if (!actor->complaint().empty()) wrong(actor->complaint() + describe(pair));
        if (pair.dead && actor == &pair.client) continue;
        if (actor->lent() != 0) wrong("memory was not given back" + describe(pair));
    }
    judge_direction(pair, pair.client, pair.server);
    judge_direction(pair, pair.server, pair.client);
    if (!pair.dead && !pair.client.over()) wrong("the client's end has no end" + describe(pair));
    if (pair.server.opened() && !pair.server.over()) {
        wrong("the server's end has no end" + describe(pair));
    }
    judge_reason(pair, pair.client, pair.server);
    judge_reason(pair, pair.server, pair.client);
    if (!pair.polite || pair.dead || !pair.client.opened() || !pair.server.opened()) return;
    if (!ended_well(pair, pair.client, pair.server) ||
        !ended_well(pair, pair.server, pair.client)) {
        wrong("a polite connection ended badly" + describe(pair));
    }
    if (pair.client.reason() != CloseReason::orderly ||
        pair.server.reason() != CloseReason::orderly) {
        return;
    }
    const auto all_read = [&](const Actor& reader, const Actor& writer) {
        return reader.received() == writer.plan().to_send || reading_refused(pair, reader);
    };
    if (!all_read(pair.client, pair.server) || !all_read(pair.server, pair.client)) {
        wrong("an orderly end, and not all bytes" + describe(pair));
    }
}

// On a wire that loses, retries may be used up; the peer of one who gave up hears a reset.
bool World::ended_well(const Pair& pair, const Actor& actor, const Actor& peer) const {
    switch (actor.reason()) {
        case CloseReason::orderly:
            return true;
        case CloseReason::timed_out:
        case CloseReason::unreachable:  // a timeout that the neighbour's silence explains (D-24)
            return hard() || (actor.reason() == CloseReason::timed_out &&
                              (guard_struck(pair, actor) || left_by_its_client(pair, actor)));
        case CloseReason::reset:
            return guard_struck(pair, actor) || orphan_was_killed(pair, peer) ||
                   reading_refused(pair, peer) || reset_after_the_end(pair, actor, peer) ||
                   cookie_may_reset(pair) || (hard() && !peer.ended_in_order());
        case CloseReason::no_resources:
            return nature_.no_buffers;
        case CloseReason::linger_expired:  // it goes on without its owner
            return actor.lingered_in_vain();
        case CloseReason::aborted:
            return orphan_was_killed(pair, actor) || reading_refused(pair, actor);
        case CloseReason::refused:
        case CloseReason::shut_down:
            return false;
    }
    return false;
}

// Each reason that an application was told, against what may have caused it.
void World::judge_reason(const Pair& pair, const Actor& actor, const Actor& peer) {
    if (!actor.over()) return;
    const auto expect = [&](bool holds) {
        if (!holds) {
            wrong("told '" + std::string(name(actor.reason())) + "' for no reason" +
                  describe(pair));
        }
    };
    switch (actor.reason()) {
        case CloseReason::orderly:  // our FIN was acknowledged; the peer's came unless we had
                                    // closed
            expect(actor.closed_first_hand() || (actor.said_all() && actor.heard_end()));
            return;
        case CloseReason::aborted:
            expect(actor.aborted() || reading_refused(pair, actor) ||
                   orphan_was_killed(pair, actor) || actor.plan().ending == Ending::LingerZero ||
                   (actor.closed_first_hand() && !polite(actor.plan().ending)));
            return;
        case CloseReason::refused:
            // A listener never refuses; an old segment's answer may, or a port without one.
            expect(!actor.opened() && (hard() || !pair.polite || half_open_reset(pair, actor)));
            return;
        case CloseReason::timed_out:
            // A SYN may find the listener full again and again.
            expect(hard() || !pair.polite || pair.dead || guard_struck(pair, actor) ||
                   old_number(pair, actor) || ghost_took_tuple(pair, actor) ||
                   left_by_its_client(pair, actor) || (!actor.opened() && listener_was_full()));
            return;
        case CloseReason::unreachable:
            expect(hard());
            return;
        case CloseReason::no_resources:
            expect(nature_.no_buffers);
            return;
        case CloseReason::reset:
            expect(pair.dead || !pair.polite || (hard() && !peer.ended_in_order()) ||
                   cookie_may_reset(pair) || guard_struck(pair, actor) ||
                   orphan_was_killed(pair, peer) || reading_refused(pair, peer) ||
                   (!peer.opened() && listener_was_full()) ||
                   reset_after_the_end(pair, actor, peer));
            return;
        case CloseReason::linger_expired:
            expect(actor.lingered_in_vain() &&
                   host_of(pair, actor).count(Counter::LingerExpired) > 0);
            return;
        case CloseReason::shut_down:
            expect(false);
            return;
    }
}

void World::judge_direction(const Pair& pair, const Actor& from, const Actor& to) {
    if (to.received() > from.sent()) wrong("more came than was sent" + describe(pair));
    if (!to.heard_end()) return;
    if (!from.closed_first_hand() && !from.said_all()) {
        wrong("a FIN that nobody sent" + describe(pair));
    }
    if (to.received() != from.sent() && !reading_refused(pair, to)) {
        wrong("the FIN overtook bytes" + describe(pair));
    }
    if (to.urgent_heard() > from.urgent_sends()) wrong("urgent data nobody sent" + describe(pair));
    if (from.urgent_sends() > 0 && to.urgent_heard() == 0) {
        wrong("nobody was told of urgent data" + describe(pair));
    }
}

void World::judge_host(unsigned place) {
    Host& judged = host(place);
    const auto about = [&](const std::string& what) {
        wrong("host " + std::to_string(place) + ", at the end: " + what);
    };
    if (const std::string fault = auditors_[place]->walk(); !fault.empty()) about(fault);
    if (judged.stack().live_connections() != 0) about("a connection is left");
    if (!judged.stack().quiescent()) about("not quiescent");
    if (judged.in_state(tcp::State::TimeWait) != 0) about("2MSL is over, and a TIME-WAIT is left");
    if (judged.shell().live() != 0) about("buffers leaked");
    for (const stack::PoolUse& pool : judged.stack().memory()) {
        const std::string_view what = pool.name;
        const bool rests = what == "listener" || what == "neighbour" || what == "timer" ||
                           what == "armed timer";  // patience that was not needed
        if (!rests && pool.in_use != 0) about(std::string(what) + " leaked");
    }
}

// H-1, H-2, H-23: where nothing is lost or late nothing is sent twice; but a SYN of a tuple that
// the listener still has half open (M-17), and what follows where it is full (G-24).
void World::judge_clean_wire() {
    if (!nature_.clean || listener_was_full()) return;
    for (Host* judged : {clients_[0].get(), &server_}) {
        const std::uint64_t again =
            judged->count(Counter::RetransSegs) - judged->count(Counter::TCPSynRetrans);
        if (again == 0) continue;
        return wrong(std::to_string(again) + " segments went again on a clean wire");
    }
}

void World::count(const Pair& pair) {
    ++tally_.connections;
    tally_.urgent += pair.client.urgent_heard() + pair.server.urgent_heard();
    tally_.bytes += pair.client.received() + pair.server.received();
    const auto ended = [&](const Actor& actor, bool dead) {
        if (actor.over()) return static_cast<Ended>(actor.reason());
        return dead ? Ended::Died : Ended::NeverOpened;
    };
    ++tally_.client[static_cast<std::size_t>(ended(pair.client, pair.dead))];
    ++tally_.server[static_cast<std::size_t>(ended(pair.server, false))];
    const bool all = pair.client.heard_end() && pair.server.heard_end() &&
                     pair.client.received() == pair.server.sent() &&
                     pair.server.received() == pair.client.sent();
    if (all) ++tally_.complete;
}

std::string World::describe(const Pair& pair) const {
    return "\n  client, port " + std::to_string(pair.port) + ": " + pair.client.describe() +
           "\n  server: " + pair.server.describe() + (pair.polite ? "  (polite)" : "  (rude)") +
           (pair.simultaneous ? "  (simultaneous)" : "") + (pair.dead ? "  (client died)" : "");
}

}  // namespace lastack::test
