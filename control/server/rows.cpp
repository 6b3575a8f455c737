#include "control/server/rows.hpp"

#include <cstdio>

namespace lastack::control {
namespace {

std::string mac_text(const wire::MacAddress& mac) {
    char text[18];
    std::snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac.octets[0], mac.octets[1],
                  mac.octets[2], mac.octets[3], mac.octets[4], mac.octets[5]);
    return text;
}

std::string_view name(stack::TraceEvent::Kind kind) {
    switch (kind) {
        case stack::TraceEvent::Kind::Received:
            return "received";
        case stack::TraceEvent::Kind::Sent:
            return "sent";
        case stack::TraceEvent::Kind::Changed:
            break;
    }
    return "changed";
}

/// Unix time in nanoseconds: what a JavaScript number cannot hold exactly, a 64-bit one can.
std::int64_t wall_ns(time::Instant instant, const worker::ClockAnchor& anchor) {
    const auto wall =
        std::chrono::duration_cast<std::chrono::nanoseconds>(anchor.wall.time_since_epoch());
    return (wall + (instant - anchor.instant)).count();
}

}  // namespace

std::string_view name(stack::TimerName timer) {
    switch (timer) {
        case stack::TimerName::Off:
            return "off";
        case stack::TimerName::On:
            return "on";
        case stack::TimerName::KeepAlive:
            return "keepalive";
        case stack::TimerName::TimeWait:
            return "timewait";
        case stack::TimerName::Persist:
            return "persist";
        case stack::TimerName::Guard:
            return "guard";
        case stack::TimerName::FinWait2:
            break;
    }
    return "finwait2";
}

Json to_json(const Endpoint& endpoint) {
    return {{"address", endpoint.address.to_string()}, {"port", endpoint.port}};
}

Json to_json(const stack::ConnectionRow& row) {
    return {
        {"local", to_json(row.local)},       {"remote", to_json(row.remote)},
        {"state", tcp::name(row.state)},     {"orphan", row.orphan},
        {"recv_q", row.receive_queue_bytes}, {"send_q", row.send_queue_bytes},
        {"timer", name(row.timer)},          {"timer_ms", row.timer_remaining_ms},
        {"retransmits", row.retransmits},
    };
}

Json to_json(const stack::TraceEvent& event, const worker::ClockAnchor& anchor) {
    Json json{
        {"number", event.number},
        {"time_ns", event.at.time_since_epoch().count()},
        {"wall_ns", wall_ns(event.at, anchor)},
        {"local", to_json(event.local)},
        {"remote", to_json(event.remote)},
        {"kind", name(event.kind)},
        {"before", tcp::name(event.before)},
        {"after", tcp::name(event.after)},
    };
    if (event.kind == stack::TraceEvent::Kind::Changed) {
        json["cause"] = tcp::name(event.cause);
        return json;
    }
    json["flags"] = event.flags.bits;
    json["seq"] = event.seq.value();
    json["ack"] = event.ack.value();
    json["length"] = event.text_bytes;
    json["window"] = event.window;
    return json;
}

Json to_json(const worker::MemoryRow& row) {
    return {
        {"name", row.name},
        {"record_bytes", row.record_bytes},
        {"capacity", row.capacity},
        {"in_use", row.in_use},
    };
}

Json to_json(const worker::NeighbourRow& row) {
    return {
        {"port", row.port},
        {"address", row.address.to_string()},
        {"mac", row.mac.is_zero() ? Json() : Json(mac_text(row.mac))},
        {"state", row.state},
        {"age_ms", row.age_ms},
    };
}

Json to_json(const worker::PortStatus& port) {
    Json xstats = Json::object();
    for (const worker::NamedNumber& number : port.xstats) xstats[number.name] = number.value;
    return {
        {"port", port.port},
        {"device", port.device},
        {"driver", port.driver},
        {"mac", mac_text(port.mac)},
        {"mtu", port.mtu},
        {"link_up", port.link_up},
        {"link_mbps", port.link_mbps},
        {"promiscuous", port.promiscuous},
        {"offloads", port.offloads},
        {"link_changes", port.link_changes},
        {"resets", port.resets},
        {"rx_packets", port.rx_packets},
        {"rx_bytes", port.rx_bytes},
        {"rx_missed", port.rx_missed},
        {"rx_errors", port.rx_errors},
        {"rx_no_mbuf", port.rx_no_mbuf},
        {"tx_packets", port.tx_packets},
        {"tx_bytes", port.tx_bytes},
        {"tx_errors", port.tx_errors},
        {"tx_waiting", port.tx_waiting},
        {"xstats", std::move(xstats)},
    };
}

Json to_json(const worker::WorkerStatus& status) {
    return {
        {"worker", status.worker},
        {"lcore", status.lcore},
        {"running", status.running},
        {"turns", status.turns},
        {"busy_turns", status.busy_turns},
        {"sleeps", status.sleeps},
        {"busy_cycles", status.busy_cycles},
        {"idle_cycles", status.idle_cycles},
        {"tsc_hz", status.tsc_hz},
        {"busy_ratio", status.busy_ratio()},
        {"bursts", status.bursts},
        {"timers_behind", status.timers_behind},
        {"live_connections", status.live_connections},
    };
}

Json to_json(const stack::StateGauges& gauges) {
    Json json = Json::object();
    for (std::size_t i = 0; i < tcp::kStateCount; ++i) {
        json[std::string(tcp::name(static_cast<tcp::State>(i)))] = gauges.count[i];
    }
    return json;
}

}  // namespace lastack::control
