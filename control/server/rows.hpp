// What the inspector answers, as JSON. Field names here are the API; the CLI reads them.
#pragma once

#include <nlohmann/json.hpp>

#include "stack/read.hpp"
#include "worker/inspector.hpp"

namespace lastack::control {

using Json = nlohmann::ordered_json;

Json to_json(const Endpoint& endpoint);
Json to_json(const stack::ConnectionRow& row);
/// `anchor` turns the event's instant into the time of day.
Json to_json(const stack::TraceEvent& event, const worker::ClockAnchor& anchor);
Json to_json(const worker::MemoryRow& row);
Json to_json(const worker::NeighbourRow& row);
Json to_json(const worker::PortStatus& port);
Json to_json(const worker::WorkerStatus& status);
/// {"ESTABLISHED": 3, ...}, all eleven.
Json to_json(const stack::StateGauges& gauges);

/// "off", "on", "keepalive", "timewait", "persist", "guard", "finwait2".
std::string_view name(stack::TimerName timer);

}  // namespace lastack::control
