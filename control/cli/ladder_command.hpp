// `lastackctl ladder`: which connection of a trace to draw, and the drawing.
#pragma once

#include <string>
#include <vector>

#include "control/cli/fetch.hpp"
#include "control/ladder/event.hpp"

namespace lastack::control::cli {

struct LadderOptions {
    bool colour = false;
    std::size_t max_rows = 60;
    unsigned number = 0;  ///< Which of the matching connections, from 1; 0: the best one.
};

/// The last connection that is whole and over; else the last whole one; else the last. From 1.
/// `conversations` must not be empty.
unsigned best_conversation(const std::vector<ladder::Conversation>& conversations);

/// The picture, or a sentence where nothing matches.
std::string draw(const std::vector<ladder::Conversation>& conversations,
                 const LadderOptions& options);

/// The same as JSON: endpoints, steps, verdict in words.
Json ladder_json(const std::vector<ladder::Conversation>& conversations,
                 const LadderOptions& options);

}  // namespace lastack::control::cli
