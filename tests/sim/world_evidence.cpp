// Why a connection may have ended otherwise than in order: each a fact that a trace, a counter or
// the application's own behaviour shows (docs/testing.md has the table).

#include "tests/sim/world.hpp"

namespace lastack::test {

using base::Counter;

// Where the last ACK is lost or late again and again, the peer's TIME-WAIT may be over, or have
// made room for another, before our RTO is: then the FIN that all bytes went before is answered by
// a reset (RFC 9293 3.6.1). The peer has heard it all.
bool World::reset_after_the_end(const Pair& pair, const Actor& actor, const Actor& peer) const {
    if (!actor.said_all() || !actor.over()) return false;
    // Who lingered in vain may have ended in order afterwards.
    const bool went_on = peer.ended_in_order() || (peer.over() && peer.lingered_in_vain());
    if (!went_on || !peer.heard_end()) return false;
    const bool of_server = &peer == &pair.server;
    const std::uint16_t server = pair.server_port();
    return auditors_[of_server ? Network::kServer : pair.place]->time_wait_gone(
        of_server ? server : pair.port, of_server ? pair.port : server, pair.begun_at,
        time::Instant(actor.over_at()));
}

// A cookie leaves no record: a segment that overtakes the one with the cookie's ACK finds nobody,
// and is answered by a reset (RFC 4987 3.6). The cookie that comes then may find the tuple in use
// again.
bool World::cookie_may_reset(const Pair& pair) const {
    const Conditions& wire = nature_.conditions;
    if (wire.reordering <= 0 && wire.jitter.count() == 0) return false;
    const Auditor& server = *auditors_[Network::kServer];
    return pair.server.opened() ? server.opened_by_cookie(pair.port, pair.iss)
                                : server.cookie_sent(pair.port, pair.iss);
}

// The same, and the cookie opened the server's end all the same, when the client had been reset. A
// client that has opened the tuple anew by then acknowledges, and does not reset; so the ghost has
// nobody to tell it.
bool World::left_by_its_client(const Pair& pair, const Actor& actor) const {
    return &actor == &pair.server && actor.opened() && cookie_may_reset(pair) &&
           pair.client.over() && pair.client.reason() == CloseReason::reset;
}

// M-17 as Linux has it: our SYN met the half-open connection of the last one, and both went.
bool World::half_open_reset(const Pair& pair, const Actor& actor) const {
    return server_.config().tcp.syn_received_syn == HalfOpenSyn::reset && actor.over() &&
           auditors_[Network::kServer]->half_open_given_up(pair.port, pair.begun_at,
                                                           time::Instant(actor.over_at()));
}

// The operator has set how long a state may last, and an end was in one for as long.
bool World::guard_struck(const Pair& pair, const Actor& told) const {
    const time::Instant until = told.over() ? time::Instant(told.over_at()) : network_.now();
    const std::uint16_t server = pair.server_port();
    return auditors_[pair.place]->guard_struck(pair.port, server, pair.begun_at, until) ||
           auditors_[Network::kServer]->guard_struck(server, pair.port, pair.begun_at, until);
}

// M-23: what was left when both had closed is read no more; and close() resets, for it is unread.
bool World::reading_refused(const Pair& pair, const Actor& reader) const {
    return reader.left_unread() &&
           host_of(pair, reader).config().tcp.closing_receive == ClosingReceive::refuse;
}

// D-20: the one told 'aborted' after close() was one too many, or who had lingered in vain before;
// its peer hears the reset.
bool World::orphan_was_killed(const Pair& pair, const Actor& actor) const {
    if (!actor.over()) return false;
    const bool alone =
        actor.reason() == CloseReason::aborted || actor.reason() == CloseReason::linger_expired;
    return alone && actor.closed_first_hand() && !actor.aborted() &&
           host_of(pair, actor).count(Counter::TCPAbortOnMemory) > 0;
}

// Text that went faster than the clock of ISNs leaves a TIME-WAIT whose RCV.NXT is beyond the next
// SYN's number: without timestamps it is taken for an old one (C-7), and the RST that its answer
// provokes is ignored (C-14). Our SYN may so be refused until it is given up.
bool World::old_number(const Pair& pair, const Actor& actor) const {
    if (actor.opened() || !actor.over() || &actor != &pair.client) return false;
    const auto half = (time::Instant(actor.over_at()) - pair.begun_at) / 2;
    return auditors_[Network::kServer]->time_wait_held(pair.server_port(), pair.port, pair.begun_at,
                                                       pair.begun_at + half);
}

// An old segment brought an old cookie back, whose connection took the place of our SYN's record.
bool World::ghost_took_tuple(const Pair& pair, const Actor& actor) const {
    if (&actor != &pair.client || pair.server.opened() || nature_.conditions.reordering <= 0) {
        return false;
    }
    return auditors_[Network::kServer]->cookie_opened(pair.port, pair.begun_at,
                                                      time::Instant(actor.over_at()));
}

// G-24: nobody is told, and the SYN comes again.
bool World::listener_was_full() const {
    return server_.count(Counter::ListenDrops) + server_.count(Counter::ListenOverflows) > 0;
}

}  // namespace lastack::test
