// The wheel beside DPDK's rte_timer, a FIFO list and a wheel of intrusive lists, in the same run.
//
//   bench_wheel [--json FILE] [--rounds N] [--sizes 100000,1000000,10000000]
//
// Nanoseconds of CPU time per record, medians of the rounds. wheel.arm, .rearm and .cancel are of
// random durations, those named _equal of equal ones. A FIFO list has equal ones always: it knows
// no others. See tests/bench/wheel/cases.hpp for what is done, docs/performance.md for the figures.
#include <fmt/format.h>
#include <rte_eal.h>
#include <sched.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <string>

#include "tests/bench/report.hpp"
#include "tests/bench/wheel/cases.hpp"
#include "tests/bench/wheel/list_wheel.hpp"
#include "tests/bench/wheel/timers.hpp"

namespace lastack::bench {
namespace {

constexpr std::uint32_t kMostTouched = 256U << 10;

using Series = std::vector<double>;

double median(Series series) {
    const auto middle = series.begin() + static_cast<std::ptrdiff_t>(series.size() / 2);
    std::nth_element(series.begin(), middle, series.end());
    return *middle;
}

/// What each kind of timers took, round by round: what -> name -> nanoseconds per record.
class Results {
  public:
    void add(const std::string& what, const char* name, double value) {
        if (!values_.contains(what)) order_.push_back(what);
        values_[what][name].push_back(value);
    }
    void add(const std::string& suffix, const char* name, const Costs& costs) {
        add("wheel.arm" + suffix, name, costs.arm);
        add("wheel.rearm" + suffix, name, costs.rearm);
        add("wheel.cancel" + suffix, name, costs.cancel);
    }
    void append_rows(const std::string& size, std::vector<Row>& rows) const {
        for (const std::string& what : order_) {
            Row row{.what = what, .size = size, .unit = "ns"};
            for (const auto& [name, series] : values_.at(what)) {
                if (name == Ours::kName) {
                    row.lastack = median(series);
                } else {
                    row.peers.emplace_back(name, median(series));
                }
            }
            rows.push_back(row);
        }
    }

  private:
    std::vector<std::string> order_;
    std::map<std::string, std::map<std::string, Series>> values_;
};

std::uint64_t cycles_per_ms() {
    return rte_get_timer_hz() / 1'000;
}

template <class Timers>
void churn_anew(Results& results, const std::string& suffix, const Plan& plan) {
    Timers timers(plan.pending + plan.touched);
    fill(timers, plan);
    results.add(suffix, Timers::kName, churn(timers, plan, plan.equal ? 100 : 0));
}

template <class Timers>
void expire_anew(Results& results, const std::string& what, const Plan& plan) {
    Timers timers(plan.pending);
    results.add(what, Timers::kName, expire(timers, plan));
}

/// Its skip list stays as it is from round to round, for it takes long to fill.
void fill_sorted(RteTimers& timers, const Plan& plan) {
    for (const std::uint32_t id : plan.by_deadline) timers.arm(id, plan.due[id]);
}

double expire_rte(const Plan& plan) {
    // A thousand cycles a tick: 240 s of random durations pass in a tenth of a second.
    RteTimers timers(plan.pending, 1'000);
    fill_sorted(timers, plan);
    timers.wait_for(plan.equal ? kEqual : kLongest);
    Fired fired;
    const double cost = per_record(plan.pending, [&] { timers.drain(0, fired); });
    require_all(RteTimers::kName, fired, plan.pending);
    return cost;
}

void measure_churn(Results& results, std::uint32_t pending, int rounds) {
    const std::uint32_t touched = std::min(pending, kMostTouched);
    const Plan random(pending, touched, false);
    const Plan equal(pending, touched, true);
    RteTimers rte_random(pending + touched, cycles_per_ms());
    fill_sorted(rte_random, random);
    for (int round = 0; round < rounds; ++round) {
        churn_anew<Ours>(results, "", random);
        results.add("", RteTimers::kName, churn(rte_random, random, 0));
        churn_anew<ListWheel>(results, "", random);
        churn_anew<Fifo>(results, "", equal);
    }
    for (std::uint32_t id = 0; id < pending; ++id) rte_random.cancel(id);
    RteTimers rte_equal(pending + touched, cycles_per_ms());
    fill_sorted(rte_equal, equal);
    for (int round = 0; round < rounds; ++round) {
        churn_anew<Ours>(results, "_equal", equal);
        results.add("_equal", RteTimers::kName, churn(rte_equal, equal, 100));
        churn_anew<ListWheel>(results, "_equal", equal);
        churn_anew<Fifo>(results, "_equal", equal);
    }
    for (std::uint32_t id = 0; id < pending; ++id) rte_equal.cancel(id);
}

void measure_expiry(Results& results, std::uint32_t pending, int rounds) {
    const Plan random(pending, 0, false);
    const Plan equal(pending, 0, true);
    for (int round = 0; round < rounds; ++round) {
        expire_anew<Ours>(results, "wheel.expire_equal", equal);
        results.add("wheel.expire_equal", RteTimers::kName, expire_rte(equal));
        expire_anew<ListWheel>(results, "wheel.expire_equal", equal);
        expire_anew<Fifo>(results, "wheel.expire_equal", equal);
        expire_anew<Ours>(results, "wheel.expire_random", random);
        results.add("wheel.expire_random", RteTimers::kName, expire_rte(random));
        expire_anew<ListWheel>(results, "wheel.expire_random", random);
    }
}

/// An hour in which one far timer is all there is, in one call; nanoseconds.
double idle_hour() {
    constexpr time::Tick kHour = 3'600'000;
    constexpr int kHours = 1'000;
    Ours timers(1);
    return per_record(kHours, [&] {
        for (time::Tick hour = 0; hour < kHours; ++hour) {
            timers.arm(0, hour * kHour + 10'000'000);
            timers.go_to((hour + 1) * kHour);
        }
    });
}

std::string name_of(std::uint32_t size) {
    return size % 1'000'000 == 0 ? fmt::format("{}M", size / 1'000'000)
                                 : fmt::format("{:g}M", size / 1e6);
}

std::string file_prefix() {
    return fmt::format("lastack-bench-{}", getpid());
}

bool start_eal() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    sched_getaffinity(0, sizeof allowed, &allowed);
    std::string cpus;
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &allowed)) cpus += fmt::format("{}{}", cpus.empty() ? "" : ",", cpu);
    }
    std::vector<std::string> words = {"bench_wheel",
                                      "--no-huge",
                                      "-m",
                                      "64",
                                      "--no-pci",
                                      "--no-telemetry",
                                      "--no-shconf",
                                      "--log-level",
                                      "error",
                                      "--lcores",
                                      fmt::format("0@({})", cpus),
                                      "--file-prefix=" + file_prefix()};
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    return rte_eal_init(static_cast<int>(pointers.size()), pointers.data()) >= 0 &&
           rte_timer_subsystem_init() == 0;
}

// EAL leaves its folder behind.
void end_eal() {
    rte_timer_subsystem_finalize();
    rte_eal_cleanup();
    std::error_code ignored;
    std::filesystem::remove_all("/var/run/dpdk/" + file_prefix(), ignored);
}

int run(const std::vector<std::uint32_t>& sizes, int rounds, const std::string& json) {
    std::vector<Condition> conditions = usual_conditions();
    conditions.push_back({"huge pages", "transparent, asked for (madvise) by all"});
    conditions.push_back(
        {"figures", fmt::format("ns of CPU time per record, median of {}", rounds)});
    std::vector<Row> rows;
    for (const std::uint32_t size : sizes) {
        Results results;
        measure_churn(results, size, rounds);
        measure_expiry(results, size, rounds);
        results.append_rows(name_of(size), rows);
    }
    rows.push_back({.what = "wheel.idle_hour", .size = "1", .unit = "ns", .lastack = idle_hour()});
    return report("wheel", conditions, rows, json) ? 0 : 1;
}

}  // namespace
}  // namespace lastack::bench

int main(int argc, char** argv) {
    std::vector<std::uint32_t> sizes = {100'000, 1'000'000, 10'000'000};
    int rounds = 5;
    std::string json;
    CLI::App app("The timing wheel beside its peers");
    app.add_option("--sizes", sizes, "How many timers are pending")->delimiter(',');
    app.add_option("--rounds", rounds, "Each figure is the median of so many")
        ->check(CLI::Range(1, 1'000));
    app.add_option("--json", json, "Write the results to this file, too");
    CLI11_PARSE(app, argc, argv);
    if (!lastack::bench::start_eal()) return 1;
    const int code = lastack::bench::run(sizes, rounds, json);
    lastack::bench::end_eal();
    return code;
}
