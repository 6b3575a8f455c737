// SYN cookies at the door: when they are sent, and when an ACK may bring one back (G-27 to G-30).

#include "stack/convert.hpp"
#include "stack/stack.hpp"
#include "tcp/call.hpp"
#include "tcp/isn.hpp"

namespace lastack::stack {

using base::Counter;

bool Stack::wants_cookie(const ListenerSlot& door) const {
    switch (options_.syn_cookies) {
        case SynCookies::never:
            return false;
        case SynCookies::when_full:
            return door.half_open >= door.max_half_open || syns_.available() == 0;
        case SynCookies::always:
            return true;
    }
    return false;
}

tcp::CookieFacts Stack::cookie_facts(const wire::FlowKey4& key) const {
    tcp::CookieFacts facts{secrets_.cookie, words_of(key), 0};
    facts.ts_offset = tcp::timestamp_offset(secrets_.timestamp_offset, facts.tuple);
    return facts;
}

void Stack::send_cookie(const Arriving& arriving, ListenerSlot& door) {
    door.cookies_sent = true;
    door.cookie_sent_at_ms = env_.now_ms();
    if (options_.syn_cookies == SynCookies::when_full) {
        counters_.add(Counter::TCPReqQFullDoCookies);
    }
    const auto header = tcp::compose_cookie(env_, cookie_facts(arriving.key), arriving.segment);
    answer(arriving.key, header, nullptr);
}

// An ACK is looked at only while a cookie may be on its way, so that guessing is possible for two
// periods at most (G-29).
bool Stack::may_bring_cookie(const Arriving& arriving, const ListenerSlot& door) const {
    const wire::TcpFlags flags = arriving.segment.flags();
    if (!flags.ack() || flags.syn() || flags.rst() || !door.cookies_sent) return false;
    return env_.now_ms() - door.cookie_sent_at_ms < 2 * tcp::kCookiePeriodMs;
}

// The ACK of a cookie finds a half-open record where the client's SYN came once more, late or
// again, and there was room for it by then. The record's SYN,ACK is not what the client took, and
// would only reset it: the cookie counts. Not where the record is of another SYN, for the client
// has begun anew since, or an old segment strays; nor where it stands for a TIME-WAIT, whose
// tuple's next connection must begin beyond the last (C-9, C-10).
bool Stack::cookie_overtakes(const Arriving& arriving, const SynSlot& half) const {
    const tcp::SynRecord& record = half.record;
    if (arriving.segment.seq() != record.irs + 1) return false;
    if (arriving.segment.ack() == record.iss + 1 || half.parked != base::kNoIndex) return false;
    if (!may_bring_cookie(arriving, listeners_[half.listener])) return false;
    return tcp::is_cookie(env_, cookie_facts(arriving.key), arriving.segment);
}

// True where the segment has been dealt with; a wrong cookie gets the RST of any ACK in LISTEN.
bool Stack::redeem_cookie(Arriving& arriving, const ListenerSlot& door) {
    if (!may_bring_cookie(arriving, door)) return false;
    if (!tcp::is_cookie(env_, cookie_facts(arriving.key), arriving.segment)) {
        counters_.add(Counter::SyncookiesFailed);
        return false;
    }
    if (tcbs_.available() == 0) {
        counters_.add(Counter::ListenOverflows);  // as for any handshake that finds no room
        return true;
    }
    open_from_cookie(arriving, door);
    return true;
}

// There is a Tcb for it.
void Stack::open_from_cookie(Arriving& arriving, const ListenerSlot& door) {
    tcp::SynRecord record = tcp::redeem_cookie(env_, cookie_facts(arriving.key), arriving.segment);
    const std::uint32_t index = tcbs_.allocate();
    TcbSlot& slot = make_open(index, arriving, door, record);
    if (!table_.insert(arriving.hash, tcb_ref(index))) {
        counters_.add(Counter::TableFull);
        counters_.add(Counter::AttemptFails);
        tcp::enter(states_, slot.tcb.state, tcp::Cause::Abort);
        slot.phase = TcbSlot::Phase::Over;
        free_tcb(index);
        return;
    }
    use_port(slot);
    settle(index, tcp::arrive(env_, slot.tcb, arriving.segment));
}

}  // namespace lastack::stack
