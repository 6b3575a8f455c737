#include "tests/bench/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace lastack::bench {

namespace {

std::string cpu_model() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    }
    return "unknown";
}

std::vector<std::string> peers_of(std::span<const Row> rows) {
    std::vector<std::string> names;
    for (const Row& row : rows) {
        for (const auto& [name, value] : row.peers) {
            if (std::ranges::find(names, name) == names.end()) names.push_back(name);
        }
    }
    return names;
}

std::string cell(const Row& row, const std::string& peer) {
    for (const auto& [name, value] : row.peers) {
        if (name != peer) continue;
        if (!(value > 0)) return fmt::format("{:.1f}       ", value);
        return fmt::format("{:.1f} ({:.2f})", value, row.lastack / value);
    }
    return "-       ";
}

void print(std::span<const Row> rows) {
    const std::vector<std::string> peers = peers_of(rows);
    fmt::print("{:<28} {:>8} {:>10} {:>10}", "what", "size", "unit", "lastack");
    for (const std::string& peer : peers) fmt::print(" {:>18}", peer);
    fmt::print("\n");
    for (const Row& row : rows) {
        fmt::print("{:<28} {:>8} {:>10} {:>10.1f}", row.what, row.size, row.unit, row.lastack);
        for (const std::string& peer : peers) fmt::print(" {:>18}", cell(row, peer));
        fmt::print("\n");
    }
}

bool write(std::span<const Condition> conditions, std::span<const Row> rows,
           const std::string& json_file) {
    using nlohmann::json;
    json out = json::array();
    for (const Row& row : rows) {
        json peers = json::object();
        for (const auto& [name, value] : row.peers) peers[name] = value;
        out.push_back({{"what", row.what},
                       {"size", row.size},
                       {"unit", row.unit},
                       {"lastack", row.lastack},
                       {"peers", peers}});
    }
    json last = {{"what", "conditions"}};
    for (const Condition& condition : conditions) last[condition.name] = condition.value;
    out.push_back(last);
    std::ofstream file(json_file);
    file << out.dump(2) << '\n';
    return static_cast<bool>(file.flush());
}

}  // namespace

std::vector<Condition> usual_conditions() {
    double load[1] = {0};
    const bool known = getloadavg(load, 1) == 1;
    return {{"cpu", cpu_model()},
            {"load", known ? fmt::format("{:.1f}", load[0]) : "unknown"},
            {"compiler", LASTACK_BENCH_COMPILER},
            {"build", std::string(LASTACK_BENCH_BUILD) + ", -march=" + LASTACK_CPU}};
}

bool report(const std::string& title, std::span<const Condition> conditions,
            std::span<const Row> rows, const std::string& json_file) {
    fmt::print("{}\n", title);
    for (const Condition& condition : conditions) {
        fmt::print("  {}: {}\n", condition.name, condition.value);
    }
    fmt::print("  in brackets: lastack's figure as a share of the peer's\n\n");
    print(rows);
    return json_file.empty() || write(conditions, rows, json_file);
}

}  // namespace lastack::bench
