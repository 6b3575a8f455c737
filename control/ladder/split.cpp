#include <map>
#include <utility>

#include "control/ladder/event.hpp"

namespace lastack::control::ladder {
namespace {

using tcp::State;

/// States from which a SYN makes a new connection.
bool is_over(State state) {
    return state == State::Closed || state == State::Listen || state == State::TimeWait;
}

bool is_opening_syn(const Event& event) {
    return event.flags.syn() && !event.flags.ack();
}

/// The number of the first SYN that went in the event's direction is the same: sent again.
bool repeats_syn(const Conversation& current, const Event& event) {
    for (const Event& earlier : current.events) {
        if (earlier.kind == event.kind && earlier.flags.syn()) return earlier.seq == event.seq;
    }
    return false;
}

/// A segment and the change it causes are two events; whichever comes second belongs to the first.
bool same_moment(const Event& last, const Event& event) {
    return last.at == event.at && last.kind != event.kind;
}

bool begins_connection(const Conversation& current, const Event& event) {
    const Event& last = current.events.back();
    switch (event.kind) {
        case Event::Kind::changed: {
            const bool opens =
                event.cause == tcp::Cause::ActiveOpen || event.before == State::Listen;
            const bool by_last = same_moment(last, event) && last.flags.syn();
            return opens && !by_last;
        }
        case Event::Kind::received: {
            const bool opens =
                is_opening_syn(event) && is_over(event.before) && event.after != State::TimeWait;
            const bool of_last = same_moment(last, event) && last.before == State::Listen;
            return opens && !of_last && !repeats_syn(current, event);
        }
        case Event::Kind::sent: {
            const bool of_last =
                last.kind == Event::Kind::changed && last.cause == tcp::Cause::ActiveOpen;
            return is_opening_syn(event) && !of_last && !repeats_syn(current, event);
        }
    }
    return false;
}

}  // namespace

bool Conversation::whole() const {
    for (const Event& event : events) {
        if (event.is_segment()) return is_opening_syn(event);
    }
    return false;
}

std::vector<Conversation> split(const std::vector<Event>& events) {
    std::vector<Conversation> conversations;
    std::map<std::pair<Endpoint, Endpoint>, std::size_t> current;  // index of the latest of a tuple
    for (const Event& event : events) {
        const auto [entry, fresh] =
            current.try_emplace({event.local, event.remote}, conversations.size());
        if (fresh || begins_connection(conversations[entry->second], event)) {
            entry->second = conversations.size();
            conversations.emplace_back();
        }
        conversations[entry->second].events.push_back(event);
    }
    return conversations;
}

}  // namespace lastack::control::ladder
