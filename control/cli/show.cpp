#include "control/cli/show.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace lastack::control::cli {
namespace {

using Table = std::vector<std::vector<std::string>>;

/// Columns as wide as their widest cell; numbers to the right, where a whole column is numbers.
std::string format_table(const Table& table) {
    std::vector<std::size_t> width;
    std::vector<bool> numeric;
    for (std::size_t row = 0; row < table.size(); ++row) {
        for (std::size_t i = 0; i < table[row].size(); ++i) {
            if (i == width.size()) {
                width.push_back(0);
                numeric.push_back(true);
            }
            const std::string& cell = table[row][i];
            width[i] = std::max(width[i], cell.size());
            const bool number = cell.find_first_not_of("0123456789.%") == std::string::npos &&
                                std::count(cell.begin(), cell.end(), '.') <= 1;  // no address
            if (row > 0 && !number) numeric[i] = false;
        }
    }
    std::string out;
    for (const auto& row : table) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string space(width[i] - row[i].size(), ' ');
            line += (i == 0 ? "" : "  ") + (numeric[i] ? space + row[i] : row[i] + space);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string text_of(const Json& json) {
    if (json.is_string()) return json.get<std::string>();
    if (json.is_null()) return "-";
    return json.dump();
}

std::string percent(double ratio) {
    char text[16];
    std::snprintf(text, sizeof text, "%.1f%%", 100 * ratio);
    return text;
}

std::string time_of(std::int64_t ms) {
    char text[32];
    const std::int64_t seconds = ms / 1'000;
    std::snprintf(text, sizeof text, "%lldd %02lld:%02lld:%02lld",
                  static_cast<long long>(seconds / 86'400),
                  static_cast<long long>(seconds / 3'600 % 24),
                  static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60));
    return text;
}

std::string show_workers(const Json& workers) {
    Table table{{"worker", "cpu", "busy", "turns", "connections", "timers"}};
    for (const Json& worker : workers) {
        table.push_back({text_of(worker.at("worker")), text_of(worker.at("lcore")),
                         percent(worker.at("busy_ratio").get<double>()),
                         text_of(worker.at("turns")), text_of(worker.at("live_connections")),
                         worker.at("timers_behind").get<bool>() ? "behind" : "in time"});
    }
    return format_table(table);
}

/// One row per pool or mempool, of every worker.
std::string show_rows_of_workers(const Json& answer, const char* list,
                                 const std::vector<const char*>& columns) {
    Table table{{"worker"}};
    for (const char* column : columns) table.front().emplace_back(column);
    for (const Json& worker : answer.at("workers")) {
        for (const Json& row : worker.at(list)) {
            table.push_back({text_of(worker.at("worker"))});
            for (const char* column : columns) table.back().push_back(text_of(row.at(column)));
        }
    }
    return format_table(table);
}

}  // namespace

std::string show_status(const Json& answer) {
    std::string out = "lastackd " + text_of(answer.at("version")) + ", process " +
                      text_of(answer.at("pid")) + ", up " +
                      time_of(answer.at("uptime_ms").get<std::int64_t>()) + ", " +
                      text_of(answer.at("config_file")) + "\n";
    for (const Json& service : answer.at("services")) out += "service  " + text_of(service) + "\n";
    for (const Json& notice : answer.at("notices")) out += "notice   " + text_of(notice) + "\n";
    const Json& drain = answer.at("drain");
    if (drain.at("draining").get<bool>()) {
        out += "draining " + text_of(drain.at("live_connections")) + " connections, " +
               text_of(drain.at("patience_left_ms")) + " ms of patience left\n";
    }
    out += "\n" + show_workers(answer.at("workers"));
    Table ports{{"port", "device", "driver", "link", "rx_packets", "tx_packets"}};
    for (const Json& port : answer.at("ports")) {
        ports.push_back({text_of(port.at("port")), text_of(port.at("device")),
                         text_of(port.at("driver")), port.at("link_up").get<bool>() ? "up" : "down",
                         text_of(port.at("rx_packets")), text_of(port.at("tx_packets"))});
    }
    out += "\n" + format_table(ports) + "\n";
    Table states{{"state", "records"}};
    for (const auto& [state, count] : answer.at("states").items()) {
        states.push_back({state, text_of(count)});
    }
    return out + format_table(states);
}

std::string show_ports(const Json& answer) {
    std::string out;
    for (const Json& port : answer.at("ports")) {
        out += "port " + text_of(port.at("port")) + ": " + text_of(port.at("device")) + "\n";
        for (const auto& [name, value] : port.items()) {
            if (name == "port" || name == "device" || name == "xstats") continue;
            char line[256];
            std::snprintf(line, sizeof line, "  %-14s %s\n", name.c_str(), text_of(value).c_str());
            out += line;
        }
        for (const auto& [name, value] : port.at("xstats").items()) {
            if (value == 0) continue;
            char line[256];
            std::snprintf(line, sizeof line, "    %-32s %s\n", name.c_str(),
                          text_of(value).c_str());
            out += line;
        }
    }
    return out;
}

std::string show_memory(const Json& answer) {
    return show_rows_of_workers(answer, "pools", {"name", "record_bytes", "capacity", "in_use"});
}

std::string show_neighbours(const Json& answer) {
    return show_rows_of_workers(answer, "neighbours",
                                {"port", "address", "mac", "state", "age_ms"});
}

std::string show_services(const Json& answer) {
    std::string out;
    for (const Json& worker : answer.at("workers")) {
        out += "worker " + text_of(worker.at("worker")) + "\n" + worker.at("report").dump(2) + "\n";
    }
    return out;
}

}  // namespace lastack::control::cli
