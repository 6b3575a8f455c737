#include "control/ladder/peer.hpp"

namespace lastack::control::ladder {
namespace {

using tcp::Cause;
using tcp::State;

/// The peer's side of what opens or closes: a SYN or a FIN of its own that we had not met when we
/// sent ours.
bool is_counterpart(const Event& mine, const Event& theirs) {
    if (mine.acknowledges(theirs.end())) return false;
    return mine.flags.fin() ? theirs.flags.fin() : theirs.flags.syn();
}

/// What the first segments say about the state the peer was in before any of them.
std::optional<State> initial_state(const std::vector<Event>& events) {
    bool ours_first = false;
    for (const Event& event : events) {
        if (!event.is_segment()) continue;
        const bool opening = event.flags.syn() && !event.flags.ack();
        if (event.kind == Event::Kind::sent) {
            if (!opening && !ours_first) return State::Established;
            ours_first = true;
            continue;
        }
        if (event.flags.rst() || opening) return State::Closed;
        if (event.flags.syn()) return State::Listen;
        return State::Established;
    }
    return std::nullopt;
}

}  // namespace

Fate fate_of(const std::vector<Event>& events, std::size_t index) {
    const Event& mine = events[index];
    bool counterpart_first = false;
    for (std::size_t i = index + 1; i < events.size(); ++i) {
        const Event& later = events[i];
        // Where it had to be sent again, the repetition is what the peer met.
        if (later.kind == Event::Kind::sent && mine.repeats(later)) return Fate::unanswered;
        if (later.kind != Event::Kind::received) continue;
        if (later.acknowledges(mine.end())) {
            return counterpart_first ? Fate::crossed : Fate::arrived;
        }
        if (is_counterpart(mine, later)) counterpart_first = true;
    }
    return Fate::unanswered;
}

PeerWalk::PeerWalk(const std::vector<Event>& events)
    : events_(events), state_(initial_state(events)) {}

void PeerWalk::step(std::size_t index) {
    const Event& event = events_[index];
    if (event.kind == Event::Kind::received) {
        sent_by_peer(event);
        if (waiting_ && is_counterpart(events_[*waiting_], event)) {
            crossing_ = waiting_;
            waiting_.reset();
        }
        return;
    }
    if (event.kind == Event::Kind::changed) return;

    const bool counts = event.flags.syn() || event.flags.fin();
    const Fate fate = counts ? fate_of(events_, index) : Fate::arrived;
    if (fate == Fate::crossed) {
        waiting_ = index;
    } else if (fate == Fate::arrived && !loses_ack_of_fin(index)) {
        met_by_peer(event);
    }
}

void PeerWalk::cross() {
    const Event& event = events_[*crossing_];
    crossing_.reset();
    met_by_peer(event);
}

/// An ACK of the peer's FIN that was lost: the peer sends its FIN again later.
bool PeerWalk::loses_ack_of_fin(std::size_t index) const {
    if (!fin_end_ || events_[index].length() > 0 || !events_[index].acknowledges(*fin_end_)) {
        return false;
    }
    for (std::size_t i = index + 1; i < events_.size(); ++i) {
        const Event& later = events_[i];
        const bool again = later.kind == Event::Kind::received && later.flags.fin();
        if (again && later.end() == *fin_end_) return true;
    }
    return false;
}

void PeerWalk::sent_by_peer(const Event& event) {
    if (event.flags.rst()) {
        state_ = State::Closed;
        return;
    }
    if (event.flags.syn() && !syn_end_) {
        syn_end_ = event.seq + 1;
        if (event.flags.ack()) {
            move(Cause::SynArrived);  // it answers a SYN of ours
        } else {
            move(Cause::ActiveOpen);
        }
    }
    if (event.flags.fin() && !fin_end_) {
        fin_end_ = event.end();
        move(Cause::Close);
    }
}

void PeerWalk::met_by_peer(const Event& event) {
    if (event.flags.rst()) return move(Cause::Reset);
    const bool acks_syn = syn_end_ && event.acknowledges(*syn_end_);
    if (event.flags.syn() && state_ != State::SynReceived) {
        move(acks_syn ? Cause::SynAckArrived : Cause::SynArrived);
    } else if (acks_syn) {
        move(Cause::AckOfSyn);
    }
    const bool fin = event.flags.fin() && !has_our_fin_;
    const bool ack_of_fin = fin_end_ && event.acknowledges(*fin_end_);
    has_our_fin_ = has_our_fin_ || fin;
    if (fin && ack_of_fin && state_ == State::FinWait1) return move(Cause::FinAndAckOfFin);
    if (ack_of_fin) move(Cause::AckOfFin);
    if (fin) move(Cause::FinArrived);
}

/// A step that the diagram does not have is none: what the segment says is known already.
void PeerWalk::move(tcp::Cause cause) {
    if (!state_) return;
    const tcp::Edge* edge = tcp::find_edge(*state_, cause);
    // Of the SYN that opens towards a listener the peer's answer tells, not our sending it.
    const bool listening = *state_ == State::Listen || *state_ == State::Closed;
    if (cause == Cause::SynArrived && listening && !syn_end_) return;
    if (edge != nullptr) state_ = edge->to;
}

}  // namespace lastack::control::ladder
