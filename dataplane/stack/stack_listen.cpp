// Who listens: listen() and stop_listening(), what keeps a port from being listened on, and the
// listeners that share one.
//
// Two listeners conflict where they are on one endpoint, unless both are of a group (G-38); one on
// an address of ours and one on all of them do not, for the nearer one is found first. Records on
// the port conflict unless the new listener and their owners alike asked for reuse (C-31, C-32).
// Half-open ones never do (MUST-42, G-7).
//
//   by_address_: endpoint -> A      A -> B -> C -> A: the group, of which the table knows one
//
// Which member gets a SYN is decided by the tuple's keyed hash, so that retransmissions and a
// cookie's ACK come to the same one while the group stays as it is.

#include "stack/stack.hpp"

namespace lastack::stack {

using base::Counter;
using base::kNoIndex;

ListenResult Stack::listen(const Endpoint& local, Handler& handler, const ListenOptions& options) {
    if (!local.address.is_ipv4() || local.port == 0) return {{}, Error::bad_address};
    const wire::Ipv4Address address{local.address.ipv4_value()};
    if (!address.is_unspecified() && !ip_.is_local(address)) return {{}, Error::bad_address};
    const std::uint32_t head = listening_.find_exact(address, local.port);
    const bool refused = head != kNoIndex ? !may_join(listeners_[head], options)
                                          : port_in_use(address, local.port, options.reuse_address);
    if (refused) return {{}, Error::address_in_use};
    const std::uint32_t index = listeners_.allocate();
    if (index == kNoIndex) return {{}, Error::no_resources};
    if (head == kNoIndex && !listening_.insert(address, local.port, index)) {
        listeners_.free(index);
        return {{}, Error::no_resources};
    }
    ListenerSlot& slot = listeners_[index];
    const std::uint32_t generation = slot.generation + 1;
    slot = ListenerSlot{};
    slot.address = address;
    slot.port = local.port;
    slot.used = true;
    slot.reuse_address = options.reuse_address;
    slot.reuse_port = options.reuse_port;
    slot.owner = options.owner;
    slot.generation = generation;
    slot.max_half_open = options.max_half_open != 0 ? options.max_half_open : max_half_open_;
    slot.handler = &handler;
    slot.next_member = index;
    if (head != kNoIndex) join_group(index, head);
    states_.joined(tcp::State::Listen);
    return {{index, slot.generation}, Error::none};
}

void Stack::stop_listening(Listener listener) {
    if (listener.index >= listeners_.capacity()) return counters_.add(Counter::StaleHandle);
    ListenerSlot& slot = listeners_[listener.index];
    if (!slot.used || slot.generation != listener.generation) {
        return counters_.add(Counter::StaleHandle);
    }
    leave_group(listener.index);
    drop_children(listener.index);
    LA_ASSERT(slot.half_open == 0);
    states_.left(tcp::State::Listen);
    slot.used = false;
    ++slot.generation;
    slot.handler = nullptr;
    listeners_.free(listener.index);
}

// LISTEN.A01: half-open children go silently. One that reopened a TIME-WAIT goes back to it (C-11).
void Stack::drop_children(std::uint32_t listener) {
    for (std::uint32_t i = 0; i < syns_.used_to(); ++i) {
        SynSlot& child = syns_[i];
        if (!child.record.state.is(tcp::State::SynReceived) || child.listener != listener) continue;
        abort_half(i);
    }
}

void Stack::stop_listening_all() {
    for (std::uint32_t i = 0; i < listeners_.capacity(); ++i) {
        if (listeners_[i].used) stop_listening({i, listeners_[i].generation});
    }
}

// --- Records on the port

// The counts answer, but where they cannot: of one address among several, or in a tiny stack. Then
// records are walked, which may take a moment where there are many; a listener that is restarted
// with reuse_address has a count of zero, and never comes here.
bool Stack::port_in_use(wire::Ipv4Address address, std::uint16_t port, bool reuse) const {
    if (port_use_.conflicts(port, reuse) == 0) return false;
    if (port_use_.exact() && address.is_unspecified()) return true;
    return used_by_record(address, port, reuse);
}

bool Stack::used_by_record(wire::Ipv4Address address, std::uint16_t port, bool reuse) const {
    const auto conflicts = [&](const wire::FlowKey4& key, bool reusable) {
        return key.local_port == port && !(reuse && reusable) &&
               (address.is_unspecified() || key.local_address == address);
    };
    for (std::uint32_t i = 0; i < time_waits_.used_to(); ++i) {
        const TimeWaitSlot& slot = time_waits_[i];
        if (slot.record.state.is(tcp::State::Closed)) continue;
        if (conflicts(key_of(slot), slot.record.reuse_address)) return true;
    }
    for (std::uint32_t i = 0; i < syns_.used_to(); ++i) {  // those whose way back is a TIME-WAIT
        const SynSlot& half = syns_[i];
        if (!half.record.state.is(tcp::State::SynReceived) || half.parked == kNoIndex) continue;
        if (conflicts(half.key, time_waits_[half.parked].record.reuse_address)) return true;
    }
    for (std::uint32_t i = 0; i < tcbs_.used_to(); ++i) {
        const TcbSlot& slot = tcbs_[i];
        if (slot.phase != TcbSlot::Phase::Live) continue;
        if (conflicts(slot.key, slot.reuse_address)) return true;
    }
    return false;
}

// --- Groups (G-38)

bool Stack::may_join(const ListenerSlot& head, const ListenOptions& options) const {
    return head.reuse_port && options.reuse_port && head.owner == options.owner;
}

// Which listener a segment without a record is for.
std::uint32_t Stack::door_of(const Arriving& arriving) const {
    const wire::FlowKey4& key = arriving.key;
    std::uint32_t index = listening_.find(key.local_address, key.local_port);
    if (index == kNoIndex || listeners_[index].members == 1) return index;
    const std::uint64_t members = listeners_[index].members;
    for (std::uint64_t steps = (arriving.hash >> 32) * members >> 32; steps > 0; --steps) {
        index = listeners_[index].next_member;
    }
    return index;
}

void Stack::join_group(std::uint32_t index, std::uint32_t head) {
    ListenerSlot& first = listeners_[head];
    listeners_[index].next_member = first.next_member;
    first.next_member = index;
    ++first.members;
    share_cookie_stamp(head);
}

// Half-open connections of a leaving member are dropped, as Linux does; open ones stay.
void Stack::leave_group(std::uint32_t index) {
    ListenerSlot& slot = listeners_[index];
    const std::uint32_t head = listening_.find_exact(slot.address, slot.port);
    if (slot.next_member == index) {
        listening_.erase(slot.address, slot.port);
        return;
    }
    share_cookie_stamp(head);
    std::uint32_t before = slot.next_member;
    while (listeners_[before].next_member != index) before = listeners_[before].next_member;
    listeners_[before].next_member = slot.next_member;
    const std::uint32_t members = listeners_[head].members - 1;
    const std::uint32_t next_head = head == index ? slot.next_member : head;
    if (head == index) listening_.replace(slot.address, slot.port, next_head);
    listeners_[next_head].members = members;
}

// The tuples are dealt anew: a cookie that one member has sent may come back to another (G-29).
void Stack::share_cookie_stamp(std::uint32_t head) {
    bool sent = false;
    std::uint32_t latest_ms = 0;
    std::uint32_t i = head;
    do {
        const ListenerSlot& slot = listeners_[i];
        if (slot.cookies_sent && (!sent || tcp::ms_before(latest_ms, slot.cookie_sent_at_ms))) {
            latest_ms = slot.cookie_sent_at_ms;
            sent = true;
        }
        i = slot.next_member;
    } while (i != head);
    if (!sent) return;
    do {
        listeners_[i].cookies_sent = true;
        listeners_[i].cookie_sent_at_ms = latest_ms;
        i = listeners_[i].next_member;
    } while (i != head);
}

}  // namespace lastack::stack
