// The neighbour cache's verdicts: what a use, an ARP packet or the passing of time does to an
// entry.
#include "ip/neighbours.hpp"

namespace lastack::ip {

using base::Counter;

Neighbours::Resolution Neighbours::resolve_slowly(const NeighbourKey& key, NeighbourHint& hint,
                                                  time::Instant now) {
    std::uint32_t slot = find(key);
    if (slot != base::kNoIndex) {
        hint = hint_of(slot);
        return use(slot, now);
    }
    slot = create(key, NeighbourState::Incomplete, now);
    entries_[slot].tries = 1;
    deadlines_.set(slot, now + kArpInterval);
    hint = hint_of(slot);
    return {Answer::Ask, slot};
}

Neighbours::Resolution Neighbours::use_slowly(std::uint32_t slot, time::Instant now) {
    Entry& entry = entries_[slot];
    switch (entry.state) {
        case NeighbourState::Stale:
            // Sent to at once; asked only if nothing above IP confirms it meanwhile.
            start_probe(slot, now);
            return {Answer::Known, slot};
        case NeighbourState::Reachable:
        case NeighbourState::Probe:
            return {Answer::Known, slot};
        case NeighbourState::Incomplete:
            return {Answer::Wait, slot};
        case NeighbourState::Free:
        case NeighbourState::Failed:
            break;
    }
    return {Answer::Failed, slot};
}

std::uint32_t Neighbours::learn(const NeighbourKey& key, const wire::MacAddress& mac, Heard heard,
                                time::Instant now) {
    const std::uint32_t slot = find(key);
    if (slot == base::kNoIndex) {
        if (heard == Heard::Request) {
            const std::uint32_t made = create(key, NeighbourState::Stale, now);
            entries_[made].mac = mac;
            deadlines_.set(made, now + kArpStaleHold);
        }
        return base::kNoIndex;
    }
    Entry& entry = entries_[slot];
    const NeighbourState before = entry.state;
    const bool same = has_mac(before) && entry.mac == mac;
    entry.mac = mac;
    const bool asked = before == NeighbourState::Incomplete || before == NeighbourState::Probe;
    if (heard == Heard::Answer && asked) {
        become_reachable(slot, now);
    } else if (entry.waiting.count > 0) {
        start_probe(slot, now);  // what waits is a use of it
    } else if (!same) {
        set_state(slot, NeighbourState::Stale);
        deadlines_.set(slot, now + kArpStaleHold);
    }
    return entry.waiting.count > 0 ? slot : base::kNoIndex;
}

void Neighbours::confirm_slowly(std::uint32_t slot, time::Instant now) {
    const NeighbourState state = entries_[slot].state;
    if (state == NeighbourState::Stale || state == NeighbourState::Probe) {
        become_reachable(slot, now);
    }
}

void Neighbours::doubt(NeighbourHint hint, time::Instant since, time::Instant now) {
    const std::uint32_t slot = slot_of(hint);
    if (slot == base::kNoIndex) return;
    const Entry& entry = entries_[slot];
    if (entry.confirmed_at > since) return;
    switch (entry.state) {
        case NeighbourState::Reachable:
        case NeighbourState::Stale:
            break;
        case NeighbourState::Probe:
            if (entry.tries > 0) return;  // it is being asked
            break;
        case NeighbourState::Free:
        case NeighbourState::Incomplete:
        case NeighbourState::Failed:
            return;
    }
    counters_->add(Counter::ArpDoubted);
    start_probe(slot, now);
    deadlines_.set(slot, now);  // without the delay in which TCP might still confirm it
}

void Neighbours::become_reachable(std::uint32_t slot, time::Instant now) {
    entries_[slot].confirmed_at = now;
    set_state(slot, NeighbourState::Reachable);
    deadlines_.set(slot, now + limits_.reachable);
}

void Neighbours::start_probe(std::uint32_t slot, time::Instant now) {
    entries_[slot].tries = 0;
    set_state(slot, NeighbourState::Probe);
    deadlines_.set(slot, now + kArpProbeDelay);
}

Neighbours::Work Neighbours::work(time::Instant now) {
    const auto first = deadlines_.first();
    if (!first || first->at > now) return {};
    const std::uint32_t slot = first->slot;
    switch (entries_[slot].state) {
        case NeighbourState::Reachable:
            age(slot, now);
            break;
        case NeighbourState::Incomplete:
        case NeighbourState::Probe:
            return request_again(slot, now);
        case NeighbourState::Free:
        case NeighbourState::Stale:
        case NeighbourState::Failed:
            erase(slot);
            break;
    }
    return {.did = true, .ask = std::nullopt};
}

void Neighbours::age(std::uint32_t slot, time::Instant now) {
    // Confirmations do not move the deadline, they are cheap; here it catches up with them.
    const time::Instant due = entries_[slot].confirmed_at + limits_.reachable;
    if (due > now) {
        deadlines_.set(slot, due);
        return;
    }
    set_state(slot, NeighbourState::Stale);
    deadlines_.set(slot, now + kArpStaleHold);
}

Neighbours::Work Neighbours::request_again(std::uint32_t slot, time::Instant now) {
    Entry& entry = entries_[slot];
    if (entry.tries == kArpTries) {
        counters_->add(Counter::ArpResolveFailures);
        give_up(slot, now);
        return {.did = true, .ask = std::nullopt};
    }
    ++entry.tries;
    deadlines_.set(slot, now + kArpInterval);
    ArpQuestion question{.key = entry.key, .unicast = std::nullopt};
    if (entry.state == NeighbourState::Probe) question.unicast = entry.mac;
    return {.did = true, .ask = question};
}

void Neighbours::give_up(std::uint32_t slot, time::Instant now) {
    if (entries_[slot].state == NeighbourState::Probe) {
        erase(slot);  // the next packet asks everybody: it may have a new MAC (I-13)
        return;
    }
    drop_waiting(slot);
    set_state(slot, NeighbourState::Failed);
    deadlines_.set(slot, now + kArpFailedHold);
}

std::optional<time::Instant> Neighbours::deadline() const {
    const auto first = deadlines_.first();
    return first ? std::optional(first->at) : std::nullopt;
}

void Neighbours::wait(std::uint32_t slot, const WaitingFrame& frame) {
    FrameQueue& queue = entries_[slot].waiting;
    const bool room = queue.count < limits_.waiting_each && !frames_.full();
    if (!room) {
        counters_->add(Counter::ArpWaitDrops);
        counters_->add(Counter::IpOutDiscards);
        if (queue.count == 0) return;
        frames_.drop_oldest(queue);
    }
    frames_.put(queue, frame);
}

}  // namespace lastack::ip
