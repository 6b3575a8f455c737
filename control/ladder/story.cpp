#include "control/ladder/story.hpp"

#include "control/ladder/numbers.hpp"
#include "control/ladder/peer.hpp"
#include "control/ladder/verdict.hpp"

namespace lastack::control::ladder {
namespace {

using tcp::Cause;
using tcp::State;

/// What a change without a segment is called; empty for changes that a segment caused, which are
/// told with that segment.
std::string_view note_of(Cause cause) {
    switch (cause) {
        case Cause::PassiveOpen:
            return "the application listens";
        case Cause::ActiveOpen:
            return "the application connects";
        case Cause::Close:
            return "the application closes";
        case Cause::TwoMsl:
            return "2MSL has passed";
        case Cause::Abort:
            return "lastack gives it up";
        case Cause::Timeout:
            return "lastack has waited long enough";
        case Cause::Reopen:
            return "a new connection takes its place";
        case Cause::Return:
            return "that SYN was an old one";
        case Cause::OwnReset:
            return "lastack has reset it, and waits (tcp.tw_after_reset)";
        case Cause::SynArrived:
        case Cause::SynAckArrived:
        case Cause::AckOfSyn:
        case Cause::FinArrived:
        case Cause::AckOfFin:
        case Cause::FinAndAckOfFin:
        case Cause::Reset:
            break;
    }
    return {};
}

class Teller {
  public:
    explicit Teller(const std::vector<Event>& events)
        : events_(events), numbers_(events), peer_(events) {
        story_.local = events.front().local;
        story_.remote = events.front().remote;
        story_.own_at_start = own_ = events.front().before;
        story_.peer_at_start = peer_.state();
    }

    Story tell() {
        for (std::size_t i = 0; i < events_.size(); ++i) {
            const Event& event = events_[i];
            if (event.is_segment()) {
                tell_segment(i);
            } else {
                tell_change(event);
            }
        }
        story_.verdict = judge(events_);
        return std::move(story_);
    }

  private:
    Step& add(const Event& event, Step::Kind kind) {
        Step& step = story_.steps.emplace_back();
        step.since_start = event.at - events_.front().at;
        step.kind = kind;
        return step;
    }

    void tell_segment(std::size_t index) {
        const Event& event = events_[index];
        const bool sent = event.kind == Event::Kind::sent;
        if (sent && event.before != own_) infer_change(event);
        Step& step = add(event, sent ? Step::Kind::sent : Step::Kind::received);
        step.flags = event.flags;
        step.seq = numbers_.relative_seq(event);
        step.ack = numbers_.relative_ack(event);
        step.text_bytes = event.text_bytes;
        step.again = numbers_.again(index);
        step.unanswered = sent && (event.flags.syn() || event.flags.fin()) &&
                          fate_of(events_, index) == Fate::unanswered;
        own_becomes(step, event.after);
        if (pending_ && pending_at_ == event.at && !sent) own_becomes(step, *pending_);
        if (!sent) pending_.reset();

        const std::optional<State> before = peer_.state();
        peer_.step(index);
        if (peer_.state() != before) step.peer = peer_.state();
        if (peer_.crossing_is_due()) tell_crossing(event);
    }

    /// We sent from another state than the last one known, and no event told why: the diagram does.
    void infer_change(const Event& event) {
        for (const tcp::Edge& edge : tcp::kDiagram) {
            if (edge.from != own_ || edge.to != event.before) continue;
            const std::string_view note = note_of(edge.cause);
            const bool by_segment = note.empty() && !story_.steps.empty();
            Step& step = by_segment ? story_.steps.back() : add(event, Step::Kind::note);
            if (!by_segment) step.note = note;
            own_becomes(step, event.before);
            return;
        }
    }

    void tell_crossing(const Event& event) {
        const std::optional<State> before = peer_.state();
        peer_.cross();
        if (peer_.state() == before) return;
        Step& step = add(event, Step::Kind::note);
        step.note = event.flags.fin() ? "the two FINs cross" : "the two SYNs cross";
        step.peer = peer_.state();
    }

    void tell_change(const Event& event) {
        const std::string_view note = note_of(event.cause);
        if (!note.empty()) {
            Step& step = add(event, Step::Kind::note);
            step.note = note;
            own_becomes(step, event.after);
            return;
        }
        // The segment that caused it stands before it, or comes next.
        if (!story_.steps.empty() && story_.steps.back().kind == Step::Kind::received &&
            story_.steps.back().since_start == event.at - events_.front().at) {
            own_becomes(story_.steps.back(), event.after);
        } else if (event.after != own_) {
            pending_ = event.after;
            pending_at_ = event.at;
        }
    }

    void own_becomes(Step& step, State state) {
        if (state == own_) return;
        own_ = state;
        step.own = state;
    }

    const std::vector<Event>& events_;
    Numbers numbers_;
    PeerWalk peer_;
    Story story_;
    State own_ = State::Closed;
    std::optional<State> pending_;  ///< A change whose segment is still to come.
    std::chrono::nanoseconds pending_at_{};
};

}  // namespace

Story tell(const Conversation& conversation) {
    Story story = Teller(conversation.events).tell();
    story.whole = conversation.whole();
    return story;
}

}  // namespace lastack::control::ladder
