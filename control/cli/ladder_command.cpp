#include "control/cli/ladder_command.hpp"

#include "control/ladder/render.hpp"
#include "control/ladder/verdict.hpp"

namespace lastack::control::cli {
namespace {

bool is_over(const ladder::Story& story) {
    using Ending = ladder::Verdict::Ending;
    switch (story.verdict.ending) {
        case Ending::open:
        case Ending::half_closed:
        case Ending::releasing:
            return false;
        case Ending::released:
        case Ending::reset:
        case Ending::refused:
        case Ending::given_up:
            break;
    }
    return true;
}

unsigned chosen(const std::vector<ladder::Conversation>& conversations,
                const LadderOptions& options) {
    if (options.number == 0) return best_conversation(conversations);
    if (options.number > conversations.size()) {
        throw Refused("there is no connection " + std::to_string(options.number) +
                      " in the trace; it has " + std::to_string(conversations.size()) +
                      " that match");
    }
    return options.number;
}

std::string_view kind_name(ladder::Step::Kind kind) {
    switch (kind) {
        case ladder::Step::Kind::received:
            return "received";
        case ladder::Step::Kind::sent:
            return "sent";
        case ladder::Step::Kind::note:
            break;
    }
    return "note";
}

Json step_json(const ladder::Step& step) {
    Json json = Json::object();
    json["time_ns"] = step.since_start.count();
    json["kind"] = kind_name(step.kind);
    if (step.kind == ladder::Step::Kind::note) {
        json["note"] = step.note;
    } else {
        json["flags"] = step.flags.bits;
        json["seq"] = step.seq;
        json["ack"] = step.ack;
        json["length"] = step.text_bytes;
        json["again"] = step.again;
        json["unanswered"] = step.unanswered;
    }
    if (step.own) json["state"] = tcp::name(*step.own);
    if (step.peer) json["inferred_peer_state"] = tcp::name(*step.peer);
    return json;
}

}  // namespace

unsigned best_conversation(const std::vector<ladder::Conversation>& conversations) {
    unsigned whole = 0;
    for (std::size_t i = conversations.size(); i > 0; --i) {
        if (!conversations[i - 1].whole()) continue;
        if (whole == 0) whole = static_cast<unsigned>(i);
        if (is_over(ladder::tell(conversations[i - 1]))) return static_cast<unsigned>(i);
    }
    return whole != 0 ? whole : static_cast<unsigned>(conversations.size());
}

std::string draw(const std::vector<ladder::Conversation>& conversations,
                 const LadderOptions& options) {
    if (conversations.empty()) return "Nothing in the trace matches.\n";
    const unsigned number = chosen(conversations, options);
    std::string out;
    if (conversations.size() > 1) {
        out = "Connection " + std::to_string(number) + " of " +
              std::to_string(conversations.size()) + " in the trace (--number chooses another).\n";
    }
    return out + ladder::render(ladder::tell(conversations[number - 1]),
                                {.colour = options.colour, .max_rows = options.max_rows});
}

Json ladder_json(const std::vector<ladder::Conversation>& conversations,
                 const LadderOptions& options) {
    Json json = Json::object();
    json["schema"] = 1;
    json["matching"] = conversations.size();
    if (conversations.empty()) return json;
    const unsigned number = chosen(conversations, options);
    const ladder::Story story = ladder::tell(conversations[number - 1]);
    json["number"] = number;
    json["local"] = story.local.to_string();
    json["remote"] = story.remote.to_string();
    json["whole"] = story.whole;
    json["steps"] = Json::array();
    for (const ladder::Step& step : story.steps) json["steps"].push_back(step_json(step));
    json["verdict"] = ladder::say(story);
    return json;
}

}  // namespace lastack::control::cli
