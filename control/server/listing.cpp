#include "control/server/listing.hpp"

#include <cstdio>
#include <span>

#include "control/server/problem.hpp"
#include "control/server/query.hpp"

namespace lastack::control {
namespace {

constexpr std::uint64_t kMostRows = 10'000;
constexpr std::uint64_t kUsualRows = 1'000;

/// Pages of a worker that one request asks for at most, so that a filter which matches little
/// cannot keep a control thread, and the worker's mailbox, busy for long.
constexpr int kMostPages = 64;

/// A cursor in text: worker, pool, index; then how many changes the worker had counted when its
/// first page was made, and how many there were under the listing at the workers before it.
struct Position {
    unsigned worker = 0;
    stack::ListCursor cursor;
    std::uint64_t changes_before = 0;
    std::uint64_t changed = 0;

    bool at_start() const { return cursor.pool == 0 && cursor.index == 0; }
};

std::string to_text(const Position& position) {
    return std::to_string(position.worker) + "." + std::to_string(position.cursor.pool) + "." +
           std::to_string(position.cursor.index) + "." + std::to_string(position.changes_before) +
           "." + std::to_string(position.changed);
}

Position parse_position(const std::string& text) {
    Position position;
    if (text.empty()) return position;
    unsigned pool = 0;
    char rest = 0;
    unsigned long long before = 0;
    unsigned long long changed = 0;
    const int fields = std::sscanf(text.c_str(), "%9u.%3u.%10u.%19llu.%19llu%c", &position.worker,
                                   &pool, &position.cursor.index, &before, &changed, &rest);
    if (fields != 5 || pool > 255) {
        throw ApiError{
            400, "A parameter means nothing",
            "cursor: expected the \"next\" of an earlier answer, found \"" + text + "\""};
    }
    position.cursor.pool = static_cast<std::uint8_t>(pool);
    position.changes_before = before;
    position.changed = changed;
    return position;
}

stack::ListFilter filter_of(const Query& query) {
    const StateSet states = query.states();
    const EndpointFilter endpoints = query.endpoints();
    stack::ListFilter filter{.states = 0,
                             .local = endpoints.source,
                             .remote = endpoints.destination,
                             .local_port = endpoints.source_port,
                             .remote_port = endpoints.destination_port};
    for (std::size_t i = 0; i < states.size(); ++i) {
        if (!states[i]) continue;
        const auto bit = stack::ListFilter::bit_of(static_cast<tcp::State>(i));
        filter.states = static_cast<std::uint16_t>(filter.states | bit);
    }
    return filter;
}

void append(Json& rows, std::span<const stack::ConnectionRow> page, unsigned worker) {
    for (const stack::ConnectionRow& row : page) {
        Json json = to_json(row);
        json["worker"] = worker;
        rows.push_back(std::move(json));
    }
}

}  // namespace

Json list_connections(worker::Inspector& inspector, const Request& request) {
    const Query query(request, {"cursor", "limit", "state", LA_ENDPOINT_PARAMETERS});
    const stack::ListFilter filter = filter_of(query);
    const std::uint64_t limit = query.number("limit", kUsualRows, kMostRows);
    Position position = parse_position(query.text("cursor"));
    Json rows = Json::array();
    std::uint64_t changed = position.changed;
    // A page of a worker is taken whole, so an answer may exceed the limit by less than one page.
    for (int page = 0; page < kMostPages && rows.size() < limit; ++page) {
        if (position.worker >= inspector.workers()) break;
        const auto answer =
            inspector.list(position.worker, position.cursor, filter, worker::kPatience);
        require(answer);
        append(rows, answer.value.rows, position.worker);
        if (position.at_start()) position.changes_before = answer.value.changes;
        changed = position.changed + (answer.value.changes - position.changes_before);
        position.cursor = answer.value.next;
        if (position.cursor.done) {
            position = {.worker = position.worker + 1,
                        .cursor = {},
                        .changes_before = 0,
                        .changed = changed};
        }
    }
    const bool more = position.worker < inspector.workers();
    Json json = Json::object();
    json["connections"] = std::move(rows);
    json["changed"] = changed;
    json["next"] = more ? Json(to_text(position)) : Json();
    return json;
}

Json list_trace(worker::Inspector& inspector, std::uint32_t capacity, const Request& request) {
    const Query query(request, {"worker", "from", "limit", LA_ENDPOINT_PARAMETERS});
    const auto worker = static_cast<unsigned>(query.number("worker", 0, 1'023));
    const EndpointFilter endpoints = query.endpoints();
    const std::uint64_t limit = query.number("limit", kUsualRows, kMostRows);
    std::uint64_t from = query.number("from", 0, ~std::uint64_t{0});
    const worker::ClockAnchor anchor = inspector.clock_anchor();
    Json events = Json::array();
    bool end = false;
    std::uint64_t until = from;
    for (int page = 0; page < kMostPages && events.size() < limit && !end; ++page) {
        const auto answer = inspector.trace(worker, from, worker::kPatience);
        require(answer);
        // The ring holds `capacity` events: those there now come before its oldest plus that.
        if (page == 0 && !answer.value.events.empty()) {
            until = answer.value.events.front().number + capacity;
        }
        for (const stack::TraceEvent& event : answer.value.events) {
            if (endpoints.matches(event.local, event.remote)) {
                events.push_back(to_json(event, anchor));
            }
        }
        end = answer.value.events.empty();
        from = answer.value.next_number;
    }
    Json json = Json::object();
    json["worker"] = worker;
    json["events"] = std::move(events);
    json["next"] = from;
    json["until"] = until;
    json["end"] = end;
    return json;
}

}  // namespace lastack::control
