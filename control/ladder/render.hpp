// A story as text: two life lines, an arrow for each segment, both sides' states beside it.
//
//      seconds  lastack       |                                      |  (peer)
//     0.000000                |<----- SYN seq 0 ---------------------|  (SYN-SENT)
//     0.000000  SYN-RECEIVED  |----- SYN,ACK seq 0 ack 1 ----------->|  (ESTABLISHED)
#pragma once

#include <cstddef>
#include <string>

#include "control/ladder/story.hpp"

namespace lastack::control::ladder {

struct RenderOptions {
    bool colour = false;       ///< ANSI colours, for terminals.
    std::size_t max_rows = 0;  ///< More rows than this lose their middle; 0: all are shown.
};

std::string render(const Story& story, const RenderOptions& options = {});

}  // namespace lastack::control::ladder
