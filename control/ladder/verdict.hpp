// Who closed first, how, and where TIME-WAIT sits: judged from the events, and said in words.
#pragma once

#include <string>
#include <vector>

#include "control/ladder/event.hpp"
#include "control/ladder/story.hpp"

namespace lastack::control::ladder {

Verdict judge(const std::vector<Event>& events);

/// Sentences, a line each, for a reader who has never seen the inside of TCP.
std::vector<std::string> say(const Story& story);

}  // namespace lastack::control::ladder
