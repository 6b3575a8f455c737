// States as `ss` spells them, and its groups of states.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "tcp/state.hpp"

namespace lastack::control::cli {

/// One flag for each of the eleven states, by tcp::State.
using StateSet = std::array<bool, tcp::kStateCount>;

/// "ESTAB", "SYN-RECV", "UNCONN", ...
std::string_view ss_name(tcp::State state);

/// RFC 9293's name, as the API writes it.
std::optional<tcp::State> state_of_rfc_name(std::string_view name);

/// A state ("time-wait", "established", "listening", ...) or a group: all, connected (but LISTEN
/// and CLOSED), synchronized (connected but SYN-SENT), bucket (SYN-RECV and TIME-WAIT), big (all
/// but bucket).
std::optional<StateSet> states_named(std::string_view name);

/// What `ss` shows without -a and -l: neither LISTEN, CLOSED, TIME-WAIT nor SYN-RECV.
StateSet usual_states();
StateSet listening_states();

}  // namespace lastack::control::cli
