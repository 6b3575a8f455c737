#include "control/ladder/verdict.hpp"

#include <cstdio>
#include <optional>

#include "control/ladder/numbers.hpp"

namespace lastack::control::ladder {
namespace {

using Ending = Verdict::Ending;
using Side = Verdict::Side;
using tcp::State;

std::optional<std::size_t> first_fin(const std::vector<Event>& events, Event::Kind side) {
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (events[i].kind == side && events[i].flags.fin()) return i;
    }
    return std::nullopt;
}

/// The first segment after `index`, from the other side, that acknowledges events[index].
std::optional<std::size_t> acknowledged_at(const std::vector<Event>& events, std::size_t index) {
    for (std::size_t i = index + 1; i < events.size(); ++i) {
        const bool other = events[i].is_segment() && events[i].kind != events[index].kind;
        if (other && events[i].acknowledges(events[index].end())) return i;
    }
    return std::nullopt;
}

class Judge {
  public:
    explicit Judge(const std::vector<Event>& events)
        : events_(events),
          own_fin_(first_fin(events, Event::Kind::sent)),
          peer_fin_(first_fin(events, Event::Kind::received)) {}

    Verdict run() {
        verdict_.first_closer = first_closer();
        judge_release();
        judge_abnormal();
        judge_time_wait();
        count_repetitions();
        return verdict_;
    }

  private:
    /// Ours first, unless the peer's FIN shows that it was sent before ours had come.
    Side first_closer() const {
        if (!own_fin_ && !peer_fin_) return Side::nobody;
        if (!peer_fin_) return Side::own;
        if (!own_fin_ || *peer_fin_ < *own_fin_) return Side::peer;
        const bool crossed = !events_[*peer_fin_].acknowledges(events_[*own_fin_].end()) &&
                             !acknowledged_before(*own_fin_, *peer_fin_);
        return crossed ? Side::both : Side::own;
    }

    bool acknowledged_before(std::size_t segment, std::size_t limit) const {
        const auto at = acknowledged_at(events_, segment);
        return at && *at < limit;
    }

    void judge_release() {
        if (!own_fin_ && !peer_fin_) return;
        if (!own_fin_ || !peer_fin_) {
            verdict_.ending = Ending::half_closed;
            return;
        }
        const bool done = acknowledged_at(events_, *own_fin_).has_value() &&
                          acknowledged_at(events_, *peer_fin_).has_value();
        verdict_.ending = done ? Ending::released : Ending::releasing;
        if (done) verdict_.release_segments = release_segments();
    }

    /// FIN, ACK, FIN, ACK; or three, where the second FIN is the first acknowledgment of the first.
    unsigned release_segments() const {
        if (verdict_.first_closer == Side::both) return 4;
        const bool own_first = verdict_.first_closer == Side::own;
        const std::size_t first = own_first ? *own_fin_ : *peer_fin_;
        const std::size_t second = own_first ? *peer_fin_ : *own_fin_;
        return acknowledged_before(first, second) ? 4 : 3;
    }

    void judge_abnormal() {
        for (const Event& event : events_) {
            if (event.is_segment() && event.flags.rst()) {
                const bool opening = event.kind == Event::Kind::received
                                         ? event.before == State::SynSent
                                         : event.before == State::Closed && !established_;
                verdict_.ending = opening ? Ending::refused : Ending::reset;
                verdict_.reset_by = event.kind == Event::Kind::sent ? Side::own : Side::peer;
                return;
            }
            if (event.kind == Event::Kind::changed && event.cause == tcp::Cause::Timeout) {
                verdict_.ending = Ending::given_up;
                return;
            }
            established_ = established_ || event.after == State::Established;
            // After the last ACK a RST only tells that the other side has forgotten already.
            if (verdict_.ending == Ending::released && is_over(event.after)) return;
        }
    }

    static bool is_over(State state) { return state == State::TimeWait || state == State::Closed; }

    void judge_time_wait() {
        std::optional<std::chrono::nanoseconds> entered;
        for (const Event& event : events_) {
            if (event.after == State::TimeWait && !entered) entered = event.at;
            if (entered && event.cause == tcp::Cause::TwoMsl &&
                event.kind == Event::Kind::changed) {
                verdict_.own_time_wait_lasted = event.at - *entered;
            }
        }
        if (verdict_.ending != Ending::released) {
            if (entered) verdict_.time_wait = Side::own;
            return;
        }
        verdict_.time_wait = verdict_.first_closer;
    }

    void count_repetitions() {
        const Numbers numbers(events_);
        for (std::size_t i = 0; i < events_.size(); ++i) {
            if (!numbers.again(i)) continue;
            ++verdict_.sent_again;
            if (events_[i].flags.fin()) ++verdict_.fins_sent_again;
        }
    }

    const std::vector<Event>& events_;
    std::optional<std::size_t> own_fin_;
    std::optional<std::size_t> peer_fin_;
    bool established_ = false;
    Verdict verdict_;
};

std::string seconds(std::chrono::nanoseconds duration) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f s", std::chrono::duration<double>(duration).count());
    return text;
}

std::string name(Side side) {
    return side == Side::peer ? "the peer" : "lastack";
}

std::string capital(Side side) {
    return side == Side::peer ? "The peer" : "lastack";
}

std::string say_release(const Verdict& verdict) {
    if (verdict.first_closer == Side::both) {
        return "Both closed at the same time: their FINs crossed. Each side sent a FIN and an ACK, "
               "four segments.";
    }
    const Side second = verdict.first_closer == Side::own ? Side::peer : Side::own;
    const std::string first_closed = capital(verdict.first_closer) + " closed first. ";
    if (verdict.release_segments == 4) {
        return first_closed +
               "The release took four segments: FIN, its ACK, the other side's FIN, "
               "its ACK.";
    }
    return first_closed + "The release took three segments: " + name(second) +
           " sent its ACK and its own FIN in one.";
}

std::string say_ending(const Verdict& verdict) {
    switch (verdict.ending) {
        case Ending::open:
            return "Nobody has closed yet: the connection is open.";
        case Ending::half_closed:
            return capital(verdict.first_closer) +
                   " has closed its direction, and the other direction is still open (half-close).";
        case Ending::releasing:
            return "Both have sent FIN, and not every FIN is acknowledged yet.";
        case Ending::released:
            return say_release(verdict);
        case Ending::reset:
            return capital(verdict.reset_by) +
                   " reset the connection (RST): it ended at once, and what was on its way is "
                   "lost.";
        case Ending::refused:
            return capital(verdict.reset_by) +
                   " refused the connection (RST): nobody listens on that port.";
        case Ending::given_up:
            break;
    }
    return "lastack gave the connection up after waiting for an answer in vain.";
}

std::string say_time_wait(const Verdict& verdict) {
    switch (verdict.time_wait) {
        case Side::nobody:
            return "There is no TIME-WAIT.";
        case Side::peer:
            return "TIME-WAIT sits at the peer, for it closed first; lastack keeps nothing.";
        case Side::both:
            return "TIME-WAIT sits at both sides.";
        case Side::own:
            break;
    }
    return "TIME-WAIT sits at lastack, for it closed first.";
}

}  // namespace

Verdict judge(const std::vector<Event>& events) {
    return Judge(events).run();
}

std::vector<std::string> say(const Story& story) {
    const Verdict& verdict = story.verdict;
    std::vector<std::string> lines;
    if (!story.whole) lines.push_back("The beginning of this connection is not in the trace.");
    lines.push_back(say_ending(verdict));
    if (verdict.ending != Ending::open && verdict.ending != Ending::half_closed &&
        verdict.ending != Ending::releasing) {
        lines.push_back(say_time_wait(verdict));
    }
    if (verdict.own_time_wait_lasted) {
        lines.push_back("lastack was in TIME-WAIT for " + seconds(*verdict.own_time_wait_lasted) +
                        ".");
    } else if (verdict.time_wait == Side::own || verdict.time_wait == Side::both) {
        lines.push_back("The end of lastack's TIME-WAIT is not in the trace.");
    }
    if (verdict.sent_again > 0) {
        const bool one = verdict.sent_again == 1;
        std::string line = std::to_string(verdict.sent_again) +
                           (one ? " segment was sent again" : " segments were sent again");
        if (verdict.fins_sent_again > 0) {
            line += " (with FIN: " + std::to_string(verdict.fins_sent_again) + ")";
        }
        lines.push_back(line + ".");
    }
    return lines;
}

}  // namespace lastack::control::ladder
