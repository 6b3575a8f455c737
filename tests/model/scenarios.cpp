#include "tests/model/scenarios.hpp"

namespace lastack::model {

namespace {

Program client(Program program = {}) {
    program.connects = true;
    return program;
}
Program server(Program program = {}) {
    program.listens = true;
    return program;
}
Case orderly(const char* name, const Program& a, const Program& b) {
    Case made;
    made.scenario.name = name;
    made.scenario.programs = {a, b};
    made.scenario.orderly = made.scenario.prompt = true;
    return made;
}
Case any_end(const char* name, const Program& a, const Program& b) {
    Case made;
    made.scenario.name = name;
    made.scenario.programs = {a, b};
    return made;
}

constexpr Program kEveryCall{.sends = 1, .may_shut_down = true, .may_abort = true};

}  // namespace

Case client_closes_first() {
    Case made = orderly("client closes first",
                        client({.sends = 1, .may_shut_down = true, .waits_for_fin = true}),
                        server({.sends = 1, .waits_for_fin = true}));
    made.lowered.races = 0;
    made.sanitized.duplicates = 0;
    return made;
}

Case server_closes_first() {
    Case made = orderly("server closes first", client({.sends = 1, .waits_for_fin = true}),
                        server({.sends = 1, .may_shut_down = true, .waits_for_fin = true}));
    made.lowered.races = 0;
    made.sanitized.duplicates = 0;
    return made;
}

Case simultaneous_close() {
    return orderly("simultaneous close", client(), server());
}

Case simultaneous_open() {
    return any_end("simultaneous open", client(), client());
}

Case half_close_with_data() {
    constexpr Program kBoth{.sends = 1, .may_shut_down = true, .waits_for_fin = true};
    Case made = orderly("half-close with data", client(kBoth), server(kBoth));
    made.lowered.races = 0;
    made.sanitized.duplicates = 0;
    return made;
}

Case three_segment_close() {
    return orderly("three-segment close", client(),
                   server({.closes_at_fin = true, .waits_for_fin = true}));
}

Case abort_at_any_time() {
    constexpr Program kBoth{.may_abort = true, .calls_early = true};
    return any_end("abort at any time", client(kBoth), server(kBoth));
}

Case close_segments_lost() {
    Case made = orderly("close segments lost", client(), server());
    made.scenario.begins_open = true;
    made.full = made.lowered = {.losses = 6, .duplicates = 0, .races = 1};
    made.sanitized = {.losses = 6, .duplicates = 0, .races = 0};
    return made;
}

Case active_close_segments_lost() {
    Case made = orderly("active close, segments lost", client(), server({.waits_for_fin = true}));
    made.scenario.begins_open = true;
    made.full = made.lowered = {.losses = 6, .duplicates = 1, .races = 1};
    made.sanitized = {.losses = 6, .duplicates = 0, .races = 0};
    return made;
}

Case unread_text() {
    Case made = any_end("unread text", client({.sends = 1}), server({.reads = false}));
    made.scenario.begins_open = true;
    return made;
}

Case with_timestamps() {
    Case made = orderly("time stamps, SACK, scaling", client(), server());
    made.scenario.timestamps = true;
    return made;
}

Case segments_outlive_msl() {
    Case made = any_end("segments outlive MSL", client(), server());
    made.scenario.segments_outlive_msl = true;
    return made;
}

Case every_call() {
    Case made = any_end("every call", client(kEveryCall), server(kEveryCall));
    made.lowered = {.losses = 2, .duplicates = 0, .races = 0};
    made.sanitized_sends = false;
    return made;
}

Case every_call_both_connect() {
    Case made = any_end("every call, both connect", client(kEveryCall), client(kEveryCall));
    made.lowered = {.losses = 0, .duplicates = 0, .races = 0};
    made.sanitized = {.losses = 1, .duplicates = 0, .races = 0};
    made.sanitized_sends = false;
    return made;
}

Case every_call_without_text() {
    constexpr Program kBoth{.may_shut_down = true, .may_abort = true};
    return any_end("every call without text", client(kBoth), server(kBoth));
}

}  // namespace lastack::model
