#include "control/server/api.hpp"

#include <nlohmann/json.hpp>
#include <numeric>

#include "control/server/listing.hpp"
#include "control/server/problem.hpp"
#include "control/server/query.hpp"
#include "control/server/rows.hpp"

namespace lastack::control {
namespace {

constexpr int kSchema = 1;

Response json_response(Json fields) {
    Json body{{"schema", kSchema}};
    body.update(fields);
    // What an application reports is not ours to trust: broken UTF-8 is replaced, not thrown at.
    return {.body = body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n", .allow = {}};
}

std::string_view name(base::CounterGroup group) {
    switch (group) {
        case base::CounterGroup::Link:
            return "Link";
        case base::CounterGroup::Arp:
            return "Arp";
        case base::CounterGroup::Ip:
            return "Ip";
        case base::CounterGroup::Icmp:
            return "Icmp";
        case base::CounterGroup::Tcp:
            return "Tcp";
        case base::CounterGroup::TcpExt:
            return "TcpExt";
        case base::CounterGroup::Guard:
            return "Guard";
        case base::CounterGroup::Worker:
            break;
    }
    return "Worker";
}

std::uint32_t count_of(const stack::StateGauges& gauges, tcp::State state) {
    return gauges.count[static_cast<std::size_t>(state)];
}

/// RFC 4022's scalars that are no counters. 5 is rfc2988, -1 is "no fixed limit".
Json mib(const TcpOptions& tcp, const stack::StateGauges& gauges) {
    return {
        {"RtoAlgorithm", 5},
        {"RtoMin", tcp.rto_min.count()},
        {"RtoMax", tcp.rto_max.count()},
        {"MaxConn", -1},
        {"CurrEstab",
         count_of(gauges, tcp::State::Established) + count_of(gauges, tcp::State::CloseWait)},
    };
}

Json drain_json(const worker::DrainProgress& progress) {
    return {
        {"draining", progress.draining},
        {"live_connections", progress.live_connections},
        {"patience_left_ms", progress.patience_left.count()},
    };
}

/// An application's report is JSON text of its own making; what is not JSON becomes a string.
Json report_json(const std::string& report) {
    Json json = Json::parse(report, nullptr, false);
    return json.is_discarded() ? Json(report) : json;
}

}  // namespace

const std::vector<Api::Route>& Api::routes() {
    static const std::vector<Route> kRoutes{
        {"GET", "/v1/status", &Api::status},     {"GET", "/v1/connections", &Api::connections},
        {"GET", "/v1/counters", &Api::counters}, {"GET", "/v1/states", &Api::states},
        {"GET", "/v1/trace", &Api::trace},       {"GET", "/v1/ports", &Api::ports},
        {"GET", "/v1/memory", &Api::memory},     {"GET", "/v1/neighbours", &Api::neighbours},
        {"GET", "/v1/services", &Api::services}, {"GET", "/v1/config", &Api::config},
        {"POST", "/v1/drain", &Api::drain},
    };
    return kRoutes;
}

Response Api::answer(const Request& request) {
    try {
        return dispatch(request);
    } catch (const ApiError& error) {
        return problem(error);
    } catch (const std::exception& error) {
        return problem({500, "The daemon has a defect", error.what()});
    }
}

Response Api::dispatch(const Request& request) {
    std::string paths;
    for (const Route& route : routes()) {
        paths += (paths.empty() ? "" : " ") + std::string(route.path);
        if (route.path != request.path) continue;
        if (route.method == request.method) return (this->*route.handler)(request);
        Response response =
            problem({405, "Wrong method",
                     request.method + " " + request.path + ": expected " + route.method});
        response.allow = route.method;
        return response;
    }
    throw ApiError{404, "No such path", request.path + ": there are " + paths};
}

stack::StateGauges Api::all_gauges() const {
    stack::StateGauges sum;
    for (unsigned worker = 0; worker < inspector_.workers(); ++worker) {
        const stack::StateGauges gauges = inspector_.gauges(worker);
        for (std::size_t i = 0; i < tcp::kStateCount; ++i) sum.count[i] += gauges.count[i];
    }
    return sum;
}

Response Api::status(const Request& request) {
    const Query query(request, {});
    Json workers = Json::array();
    for (unsigned i = 0; i < inspector_.workers(); ++i) {
        workers.push_back(to_json(inspector_.status(i)));
    }
    Json ports = Json::array();
    for (const worker::PortStatus& port : inspector_.ports()) {
        ports.push_back({{"port", port.port},
                         {"device", port.device},
                         {"driver", port.driver},
                         {"link_up", port.link_up},
                         {"rx_packets", port.rx_packets},
                         {"tx_packets", port.tx_packets}});
    }
    const auto uptime = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now() - about_.started);
    return json_response({
        {"version", about_.version},
        {"pid", about_.pid},
        {"uptime_ms", uptime.count()},
        {"config_file", about_.config_file},
        {"services", about_.services},
        {"drain", drain_json(inspector_.drain_progress())},
        {"states", to_json(all_gauges())},
        {"workers", std::move(workers)},
        {"ports", std::move(ports)},
        {"notices", inspector_.notices()},
    });
}

Response Api::connections(const Request& request) {
    return json_response(list_connections(inspector_, request));
}

Response Api::counters(const Request& request) {
    const Query query(request, {"worker"});
    const unsigned workers = inspector_.workers();
    const bool one = !query.text("worker").empty();
    const auto chosen = static_cast<unsigned>(query.number("worker", 0, workers - 1));
    worker::CounterValues sum{};
    for (unsigned i = 0; i < workers; ++i) {
        if (one && i != chosen) continue;
        const worker::CounterValues values = inspector_.counters(i);
        for (std::size_t c = 0; c < sum.size(); ++c) sum[c] += values[c];
    }
    Json rows = Json::array();
    for (std::size_t c = 0; c < sum.size(); ++c) {
        const base::CounterInfo& info = base::kCounters[c];
        rows.push_back({{"name", info.name}, {"group", name(info.group)}, {"value", sum[c]}});
    }
    const stack::StateGauges gauges = one ? inspector_.gauges(chosen) : all_gauges();
    return json_response({{"mib", mib(about_.tcp, gauges)}, {"counters", std::move(rows)}});
}

Response Api::states(const Request& request) {
    const Query query(request, {});
    Json workers = Json::array();
    for (unsigned i = 0; i < inspector_.workers(); ++i) {
        workers.push_back({{"worker", i}, {"states", to_json(inspector_.gauges(i))}});
    }
    return json_response({{"states", to_json(all_gauges())}, {"workers", std::move(workers)}});
}

Response Api::trace(const Request& request) {
    return json_response(list_trace(inspector_, about_.trace_events, request));
}

Response Api::ports(const Request& request) {
    const Query query(request, {});
    Json rows = Json::array();
    for (const worker::PortStatus& port : inspector_.ports()) rows.push_back(to_json(port));
    return json_response({{"ports", std::move(rows)}});
}

Response Api::memory(const Request& request) {
    const Query query(request, {});
    Json workers = Json::array();
    for (unsigned i = 0; i < inspector_.workers(); ++i) {
        Json pools = Json::array();
        const auto answer = inspector_.memory(i, worker::kPatience);
        require(answer);
        for (const worker::MemoryRow& row : answer.value) {
            pools.push_back(to_json(row));
        }
        workers.push_back({{"worker", i}, {"pools", std::move(pools)}});
    }
    return json_response({{"workers", std::move(workers)}});
}

Response Api::neighbours(const Request& request) {
    const Query query(request, {});
    Json workers = Json::array();
    for (unsigned i = 0; i < inspector_.workers(); ++i) {
        Json rows = Json::array();
        const auto answer = inspector_.neighbours(i, worker::kPatience);
        require(answer);
        for (const worker::NeighbourRow& row : answer.value) {
            rows.push_back(to_json(row));
        }
        workers.push_back({{"worker", i}, {"neighbours", std::move(rows)}});
    }
    return json_response({{"workers", std::move(workers)}});
}

Response Api::services(const Request& request) {
    const Query query(request, {});
    Json workers = Json::array();
    for (unsigned i = 0; i < inspector_.workers(); ++i) {
        const auto answer = inspector_.report(i, worker::kPatience);
        require(answer);
        workers.push_back({{"worker", i}, {"report", report_json(answer.value)}});
    }
    return json_response({{"services", about_.services}, {"workers", std::move(workers)}});
}

Response Api::config(const Request& request) {
    const Query query(request, {});
    return json_response({{"file", about_.config_file}, {"toml", about_.config_text}});
}

Response Api::drain(const Request& request) {
    const Query query(request, {"patience"});
    inspector_.begin_drain(query.duration("patience").value_or(about_.drain_patience));
    return json_response({{"drain", drain_json(inspector_.drain_progress())}});
}

}  // namespace lastack::control
