#include "control/cli/fetch.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace lastack::control::cli {
namespace {

Json json_of(const Answer& answer) {
    Json json = Json::parse(answer.body, nullptr, false);
    if (json.is_discarded()) throw Refused("the daemon's answer is cut short");
    if (answer.status < 200 || answer.status > 299) {
        throw Refused(json.value("title", "HTTP " + std::to_string(answer.status)) + ": " +
                      json.value("detail", ""));
    }
    return json;
}

Endpoint endpoint_of(const Json& json) {
    return {.address = Address::parse(json.at("address").get<std::string>()).value_or(Address()),
            .port = json.at("port").get<std::uint16_t>()};
}

tcp::State state_of(const Json& json) {
    return state_of_rfc_name(json.get<std::string>()).value_or(tcp::State::Closed);
}

tcp::Cause cause_of(const std::string& name) {
    for (std::size_t i = 0; i < tcp::kCauseCount; ++i) {
        const auto cause = static_cast<tcp::Cause>(i);
        if (tcp::name(cause) == name) return cause;
    }
    return tcp::Cause::Abort;
}

Row row_of(const Json& json) {
    return {.local = endpoint_of(json.at("local")),
            .remote = endpoint_of(json.at("remote")),
            .state = state_of(json.at("state")),
            .orphan = json.at("orphan").get<bool>(),
            .receive_queue_bytes = json.at("recv_q").get<std::uint32_t>(),
            .send_queue_bytes = json.at("send_q").get<std::uint32_t>(),
            .timer = json.at("timer").get<std::string>(),
            .timer_ms = json.at("timer_ms").get<std::uint32_t>(),
            .retransmits = json.at("retransmits").get<std::uint32_t>(),
            .worker = json.at("worker").get<unsigned>()};
}

ladder::Event event_of(const Json& json) {
    ladder::Event event;
    const std::string kind = json.at("kind").get<std::string>();
    event.at = std::chrono::nanoseconds(json.at("time_ns").get<std::int64_t>());
    event.local = endpoint_of(json.at("local"));
    event.remote = endpoint_of(json.at("remote"));
    event.before = state_of(json.at("before"));
    event.after = state_of(json.at("after"));
    if (kind == "changed") {
        event.kind = ladder::Event::Kind::changed;
        event.cause = cause_of(json.at("cause").get<std::string>());
        return event;
    }
    event.kind = kind == "sent" ? ladder::Event::Kind::sent : ladder::Event::Kind::received;
    event.flags.bits = json.at("flags").get<std::uint8_t>();
    event.seq = wire::Seq(json.at("seq").get<std::uint32_t>());
    event.ack = wire::Seq(json.at("ack").get<std::uint32_t>());
    event.text_bytes = json.at("length").get<std::uint32_t>();
    event.window = json.at("window").get<std::uint16_t>();
    return event;
}

/// "TIME-WAIT,FIN-WAIT-2"; empty where all are wanted.
std::string states_parameter(const StateSet& states) {
    std::string text;
    bool all = true;
    for (std::size_t i = 0; i < states.size(); ++i) {
        all = all && states[i];
        if (states[i])
            text += (text.empty() ? "" : ",") + std::string(tcp::name(static_cast<tcp::State>(i)));
    }
    return all ? std::string() : "&state=" + encode(text);
}

}  // namespace

Json fetch(const Client& client, const std::string& target) {
    return json_of(client.get(target));
}

Json fetch_post(const Client& client, const std::string& target) {
    return json_of(client.post(target));
}

Connections fetch_connections(const Client& client, const StateSet& states, const Filter& filter) {
    // One that changes its kind of record between two pages is listed twice: the later row counts.
    using Key = std::tuple<unsigned, Endpoint, Endpoint>;
    std::map<Key, std::size_t> places;
    Connections connections{.rows = {}, .json = Json::array(), .changed = 0};
    std::string cursor;
    do {
        const Json page = fetch(client, "/v1/connections?limit=10000" + states_parameter(states) +
                                            (cursor.empty() ? "" : "&cursor=" + encode(cursor)));
        for (const Json& json : page.at("connections")) {
            Row row = row_of(json);
            if (!filter.matches(row.local, row.remote)) continue;
            const auto [place, fresh] =
                places.try_emplace(Key(row.worker, row.local, row.remote), connections.rows.size());
            if (fresh) {
                connections.rows.push_back(std::move(row));
                connections.json.push_back(json);
            } else {
                connections.rows[place->second] = std::move(row);
                connections.json[place->second] = json;
            }
        }
        connections.changed = page.at("changed").get<std::uint64_t>();
        const Json& next = page.at("next");
        cursor = next.is_string() ? next.get<std::string>() : std::string();
    } while (!cursor.empty());
    return connections;
}

std::vector<ladder::Event> fetch_trace(const Client& client, const Filter& filter) {
    std::string parameters;
    for (const Filter::Parameter& parameter : filter.implied()) {
        parameters += "&" + parameter.name + "=" + encode(parameter.value);
    }
    std::vector<ladder::Event> events;
    const std::size_t workers = fetch(client, "/v1/status").at("workers").size();
    for (std::size_t worker = 0; worker < workers; ++worker) {
        // A worker that is busy writes while we read: what was there at first is enough.
        std::uint64_t from = 0;
        std::uint64_t until = ~std::uint64_t{0};
        for (bool end = false; !end && from < until;) {
            const Json page =
                fetch(client, "/v1/trace?limit=10000&worker=" + std::to_string(worker) +
                                  "&from=" + std::to_string(from) + parameters);
            for (const Json& json : page.at("events")) {
                ladder::Event event = event_of(json);
                if (filter.matches(event.local, event.remote)) events.push_back(event);
            }
            from = page.at("next").get<std::uint64_t>();
            until = std::min(until, page.at("until").get<std::uint64_t>());
            end = page.at("end").get<bool>();
        }
    }
    return events;
}

std::vector<CounterLine> fetch_counters(const Client& client) {
    const Json answer = fetch(client, "/v1/counters");
    std::vector<CounterLine> lines;
    for (const auto& [name, value] : answer.at("mib").items()) {
        lines.push_back({.name = full_name("Tcp", name), .value = value.get<std::int64_t>()});
    }
    for (const Json& counter : answer.at("counters")) {
        lines.push_back({.name = full_name(counter.at("group").get<std::string>(),
                                           counter.at("name").get<std::string>()),
                         .value = counter.at("value").get<std::int64_t>()});
    }
    return lines;
}

}  // namespace lastack::control::cli
