// TIME-WAIT by the million: what a record costs in memory and in time, and whom its end disturbs.
//
//   bench_timewait [--json FILE] [--records 1000000,10000000] [--storm 10000000]
//
// One Stack under the benchmark's own clock, all records made by whole lives in frames. Nanoseconds
// per record in bursts of 32, frames made before and answers read after the clock runs:
//
//   timewait.enter    the peer's FIN of a connection in FIN-WAIT-1: judged, its Tcb given up, the
//                     record made, the ACK sent
//   timewait.reack    that FIN again, for random records: judged, answered, 2MSL begun anew
//   timewait.reopen   a SYN that a random record accepts: parked, answered with SYN,ACK
//   timewait.expire   the end of 2MSL, record by record over a second, 512 in a turn
//   timewait.storm_*  how long a request waits for its answer while all records end in one tick;
//                     beside it the same without them. Microseconds.
//
// The kernel has no such calls; its bytes per record are the slab's, where that can be read.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/bench/report.hpp"
#include "tests/bench/timewait/measure.hpp"

namespace lastack::bench {
namespace {

constexpr std::uint32_t kTouched = 1U << 20;

std::string name_of(std::uint32_t size) {
    return size % 1'000'000 == 0 ? fmt::format("{}M", size / 1'000'000) : fmt::format("{}", size);
}

/// All told: record, table, wheel, free list.
double bytes_per_record() {
    constexpr std::uint32_t kMany = 1U << 22;
    return static_cast<double>(TimeWaitHost::arena_bytes(2 * kMany) -
                               TimeWaitHost::arena_bytes(kMany)) /
           kMany;
}

/// The kernel's own record; 0 where the slabs cannot be read.
double kernel_bytes() {
    std::ifstream in("/proc/slabinfo");
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with("tw_sock_TCP ")) continue;
        std::istringstream words(line);
        std::string name;
        double active = 0;
        double count = 0;
        double bytes = 0;
        words >> name >> active >> count >> bytes;
        return bytes;
    }
    return 0;
}

void add_costs(std::uint32_t records, std::vector<Row>& rows) {
    TimeWaitHost host(records + TimeWaitHost::kBurst);
    const TimeWaitCosts costs = measure_costs(host, records, std::min(records, kTouched));
    const std::string size = name_of(records);
    rows.push_back({.what = "timewait.enter", .size = size, .unit = "ns", .lastack = costs.enter});
    rows.push_back({.what = "timewait.reack", .size = size, .unit = "ns", .lastack = costs.reack});
    rows.push_back(
        {.what = "timewait.reopen", .size = size, .unit = "ns", .lastack = costs.reopen});
    rows.push_back(
        {.what = "timewait.expire", .size = size, .unit = "ns", .lastack = costs.expire});
}

void add_storm(std::uint32_t records, std::vector<Row>& rows) {
    TimeWaitHost host(records + TimeWaitHost::kBurst);
    const Storm storm = measure_storm(host, records, 512);
    const auto add = [&](const char* what, double during, double quiet) {
        rows.push_back({.what = fmt::format("timewait.storm_{}", what),
                        .size = name_of(records),
                        .unit = "us",
                        .lastack = during,
                        .peers = {{"without a storm", quiet}}});
    };
    add("p50", storm.during.p50, storm.quiet.p50);
    add("p99", storm.during.p99, storm.quiet.p99);
    add("p999", storm.during.p999, storm.quiet.p999);
    add("max", storm.during.most, storm.quiet.most);
    rows.push_back({.what = "timewait.storm_seconds",
                    .size = name_of(records),
                    .unit = "s",
                    .lastack = storm.seconds});
}

int run(const std::vector<std::uint32_t>& sizes, std::uint32_t storm, const std::string& json) {
    std::vector<Row> rows;
    Row bytes{.what = "timewait.bytes_per_record",
              .size = "ipv4",
              .unit = "bytes",
              .lastack = bytes_per_record()};
    if (const double kernel = kernel_bytes(); kernel > 0) bytes.peers = {{"linux slab", kernel}};
    rows.push_back(bytes);
    for (const std::uint32_t records : sizes) {
        add_costs(records / TimeWaitHost::kBurst * TimeWaitHost::kBurst, rows);
    }
    if (storm > 0) add_storm(storm / TimeWaitHost::kBurst * TimeWaitHost::kBurst, rows);
    std::vector<Condition> conditions = usual_conditions();
    conditions.push_back({"huge pages", "transparent, asked for (madvise)"});
    return report("timewait", conditions, rows, json) ? 0 : 1;
}

}  // namespace
}  // namespace lastack::bench

int main(int argc, char** argv) {
    std::vector<std::uint32_t> sizes = {1'000'000, 10'000'000};
    std::uint32_t storm = 10'000'000;
    std::string json;
    bool huge_pages = true;
    CLI::App app("TIME-WAIT records: bytes, costs, and storms of ends");
    app.add_option("--records", sizes, "How many are standing")->delimiter(',');
    app.add_option("--storm", storm, "How many end in one tick; 0: none");
    app.add_flag("!--no-huge", huge_pages, "On ordinary pages");
    app.add_option("--json", json, "Write the results to this file, too");
    CLI11_PARSE(app, argc, argv);
    lastack::bench::Pages::want_huge(huge_pages);
    return lastack::bench::run(sizes, storm, json);
}
