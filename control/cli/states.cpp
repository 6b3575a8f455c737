#include "control/cli/states.hpp"

namespace lastack::control::cli {
namespace {

using tcp::State;

struct StateName {
    State state;
    std::string_view shown;    // in a listing
    std::string_view written;  // in a filter
};

constexpr std::array kNames{
    StateName{State::Closed, "UNCONN", "closed"},
    StateName{State::Listen, "LISTEN", "listening"},
    StateName{State::SynSent, "SYN-SENT", "syn-sent"},
    StateName{State::SynReceived, "SYN-RECV", "syn-recv"},
    StateName{State::Established, "ESTAB", "established"},
    StateName{State::FinWait1, "FIN-WAIT-1", "fin-wait-1"},
    StateName{State::FinWait2, "FIN-WAIT-2", "fin-wait-2"},
    StateName{State::CloseWait, "CLOSE-WAIT", "close-wait"},
    StateName{State::Closing, "CLOSING", "closing"},
    StateName{State::LastAck, "LAST-ACK", "last-ack"},
    StateName{State::TimeWait, "TIME-WAIT", "time-wait"},
};

StateSet all_but(std::initializer_list<State> without) {
    StateSet set;
    set.fill(true);
    for (const State state : without) set[static_cast<std::size_t>(state)] = false;
    return set;
}

StateSet only(std::initializer_list<State> states) {
    StateSet set{};
    for (const State state : states) set[static_cast<std::size_t>(state)] = true;
    return set;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

}  // namespace

std::string_view ss_name(State state) {
    for (const StateName& name : kNames) {
        if (name.state == state) return name.shown;
    }
    return "UNKNOWN";
}

std::optional<State> state_of_rfc_name(std::string_view text) {
    for (const StateName& name : kNames) {
        if (tcp::name(name.state) == text) return name.state;
    }
    return std::nullopt;
}

std::optional<StateSet> states_named(std::string_view text) {
    if (text == "all") return all_but({});
    if (text == "connected") return all_but({State::Listen, State::Closed});
    if (text == "synchronized") return all_but({State::Listen, State::Closed, State::SynSent});
    if (text == "bucket") return only({State::SynReceived, State::TimeWait});
    if (text == "big") return all_but({State::SynReceived, State::TimeWait});
    for (const StateName& name : kNames) {
        if (same_word(text, name.written) || same_word(text, name.shown) ||
            same_word(text, tcp::name(name.state))) {
            return only({name.state});
        }
    }
    return std::nullopt;
}

StateSet usual_states() {
    return all_but({State::Listen, State::Closed, State::TimeWait, State::SynReceived});
}

StateSet listening_states() {
    return only({State::Listen, State::Closed});
}

}  // namespace lastack::control::cli
