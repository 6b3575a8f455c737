#include "tests/bench/lifecycle/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "stack/records.hpp"
#include "stack/stack.hpp"

namespace lastack::bench {

namespace {

using base::Counter;

struct Row {
    const char* what;
    const char* unit;
    double value;
};

struct Conditions {
    std::string cpu;
    double tsc_ghz = 0;
    double load = 0;  // processes that wanted a CPU, over the last minute
    std::string compiler;
    std::string build;
};

std::string cpu_model() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);) {
        if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
    }
    return "unknown";
}

Conditions conditions_of(const Result& result) {
    Conditions out;
    out.cpu = cpu_model();
    out.tsc_ghz = static_cast<double>(result.last.status.tsc_hz) / 1e9;
    double load[1] = {0};
    if (getloadavg(load, 1) == 1) out.load = load[0];
    out.compiler = LASTACK_BENCH_COMPILER;
    out.build = std::string(LASTACK_BENCH_BUILD) + ", -march=" + LASTACK_CPU;
    return out;
}

/// What one window shows.
struct Window {
    double seconds = 0;
    double lives = 0;
    double cpu_seconds = 0;
    double generator_cpu_seconds = 0;
    double busy_cycles = 0;
    double busy_share = 0;
    double frames_in = 0;
    double frames_out = 0;

    explicit Window(const Result& result) {
        const Sample& a = result.first;
        const Sample& b = result.last;
        const auto counted = [&](Counter counter) {
            const auto i = static_cast<std::size_t>(counter);
            return static_cast<double>(b.counters[i] - a.counters[i]);
        };
        seconds = std::chrono::duration<double>(b.at - a.at).count();
        lives = static_cast<double>(b.completed - a.completed);
        cpu_seconds = b.cpu_seconds - a.cpu_seconds;
        generator_cpu_seconds = b.generator_cpu_seconds - a.generator_cpu_seconds;
        busy_cycles = static_cast<double>(b.status.busy_cycles - a.status.busy_cycles);
        const auto idle = static_cast<double>(b.status.idle_cycles - a.status.idle_cycles);
        busy_share = busy_cycles + idle > 0 ? busy_cycles / (busy_cycles + idle) : 0;
        frames_in = counted(Counter::LinkInFrames);
        frames_out = counted(Counter::LinkOutFrames);
    }
};

double ratio(double a, double b) {
    return b > 0 ? a / b : 0;
}

/// What a hardware counter gained in turns that found something to do: all, less the idle turns at
/// what an idle turn costs. 0 where there is no such counter.
double in_busy_turns(const Result& result, std::uint64_t Sample::*counter) {
    const auto gained = [counter](const Sample& a, const Sample& b) {
        return static_cast<double>(b.*counter - a.*counter);
    };
    const auto idle_turns = [](const Sample& a, const Sample& b) {
        return static_cast<double>((b.status.turns - b.status.busy_turns) -
                                   (a.status.turns - a.status.busy_turns));
    };
    const double per_idle_turn = ratio(gained(result.idle_first, result.idle_last),
                                       idle_turns(result.idle_first, result.idle_last));
    return gained(result.first, result.last) -
           per_idle_turn * idle_turns(result.first, result.last);
}

/// What one more TIME-WAIT costs in the arena: record, table and wheel together.
double bytes_per_time_wait(std::uint32_t count) {
    stack::Config config;
    config.interfaces.push_back(
        {.mac = {{2, 0, 0, 0, 0, 1}}, .addresses = {{.address = {Plan::kLastack}}}});
    config.limits.max_time_wait = count;
    const std::size_t with = stack::Stack::arena_bytes(config);
    config.limits.max_time_wait = 2 * count;
    return ratio(static_cast<double>(stack::Stack::arena_bytes(config) - with), count);
}

std::vector<Row> rows_of(const Settings& settings, const Result& result) {
    const Window window(result);
    // The clock of the busy turns goes on while the thread is off its CPU; its CPU time does not.
    const double hz = static_cast<double>(result.last.status.tsc_hz);
    const double work = window.cpu_seconds * window.busy_share;
    const double frames = window.frames_in + window.frames_out;
    return {
        {"lifecycle.rate", "lives/s", ratio(window.lives, window.seconds)},
        {"lifecycle.rate_per_cpu_second", "lives per busy CPU second", ratio(window.lives, work)},
        {"lifecycle.time", "ns/life", ratio(work * 1e9, window.lives)},
        {"lifecycle.cycles", "TSC cycles/life", ratio(work * hz, window.lives)},
        {"lifecycle.cycles_per_segment", "TSC cycles/segment", ratio(work * hz, frames)},
        {"lifecycle.instructions", "instructions/life, 0: no counter",
         ratio(in_busy_turns(result, &Sample::instructions), window.lives)},
        {"lifecycle.core_cycles", "core cycles/life, 0: no counter",
         ratio(in_busy_turns(result, &Sample::core_cycles), window.lives)},
        {"lifecycle.busy_share", "% of lastack's time", window.busy_share * 100},
        {"lifecycle.on_cpu_share", "% of the window",
         ratio(window.cpu_seconds, window.seconds) * 100},
        {"lifecycle.generator_on_cpu_share", "% of the window",
         ratio(window.generator_cpu_seconds, window.seconds) * 100},
        {"lifecycle.frames_in", "frames/life", ratio(window.frames_in, window.lives)},
        {"lifecycle.frames_out", "frames/life", ratio(window.frames_out, window.lives)},
        {"lifecycle.generator_busy_share", "% of the generator's time",
         result.generator_busy * 100},
        {"lifecycle.time_waits", "records, mean of the window's ends",
         static_cast<double>(result.first.time_waits + result.last.time_waits) / 2},
        {"lifecycle.time_waits_at_end", "records", static_cast<double>(result.time_waits_at_end)},
        {"timewait.record_bytes", "bytes", static_cast<double>(sizeof(stack::TimeWaitSlot))},
        {"timewait.bytes_per_record", "bytes, table and wheel included",
         bytes_per_time_wait(settings.max_time_wait)},
    };
}

/// Counters that stay 0 when nothing is dropped, refused or sent twice.
constexpr Counter kTroubles[] = {
    Counter::InErrs,
    Counter::InCsumErrors,
    Counter::ListenDrops,
    Counter::ListenOverflows,
    Counter::TCPTimeWaitOverflow,
    Counter::TableFull,
    Counter::RetransSegs,
    Counter::TCPTimeouts,
    Counter::PortTxDrops,
    Counter::PortTxNoMbuf,
    Counter::PortRxNoMbuf,
    Counter::EstabResets,
    Counter::AttemptFails,
    Counter::IpOutDiscards,
    Counter::IpOutNoRoutes,
    Counter::TimeWaitReAcked,
    Counter::OutRsts,
};

std::string troubles_of(const Result& result) {
    std::string out;
    for (const Counter counter : kTroubles) {
        const std::uint64_t value = result.counters[static_cast<std::size_t>(counter)];
        if (value != 0) out += fmt::format(" {} {}", base::info(counter).name, value);
    }
    const Tally& tally = result.tally;
    if (tally.not_sent != 0) out += fmt::format(" generator's-ring-full {}", tally.not_sent);
    if (tally.no_mbuf != 0) out += fmt::format(" generator-without-mbuf {}", tally.no_mbuf);
    return out.empty() ? " none" : out;
}

void print_answers(const Result& result) {
    const Tally& tally = result.tally;
    fmt::print("answers  {} checked, {} wrong; {} repeated, {} after the end\n", tally.checked,
               tally.wrong(), tally.repeated, tally.late);
    for (std::size_t i = 1; i < kFaultCount; ++i) {
        if (tally.faults[i] != 0) fmt::print("  WRONG  {}: {}\n", kFaultNames[i], tally.faults[i]);
    }
    fmt::print(
        "lives    {} completed, {} lost; the application heard {} orderly, {} other ends, "
        "{} wrong texts\n",
        tally.completed, tally.lost, result.application.closed_orderly(),
        result.application.closed_otherwise(), result.application.wrong_text);
    if (result.listed.listings != 0) {
        fmt::print("listed   {} times beside it, {} rows in all\n", result.listed.listings,
                   result.listed.rows);
    }
    fmt::print("trouble {}\n", troubles_of(result));
    for (const std::string& leak : result.leaks) fmt::print("  LEAK   {}\n", leak);
    if (result.leaks.empty()) fmt::print("given back: every mbuf and every record\n");
    if (!result.failure.empty()) fmt::print("FAILED   {}\n", result.failure);
}

void print_memory(const Result& result) {
    fmt::print("\n{:<20} {:>8} {:>10} {:>10}   when the last life was over\n", "records", "bytes",
               "in use", "capacity");
    for (const worker::MemoryRow& row : result.memory) {
        fmt::print("{:<20} {:>8} {:>10} {:>10}\n", row.name, row.record_bytes, row.in_use,
                   row.capacity);
    }
}

}  // namespace

void print(const Settings& settings, const Result& result) {
    const Conditions conditions = conditions_of(result);
    fmt::print("lifecycle: {}\n", describe(settings.plan));
    fmt::print("  {} lives, {}, MSL {} ms; {} addresses x {} ports: a tuple comes again after {}\n",
               settings.plan.lives,
               settings.pace.rate == 0 ? fmt::format("{} in flight", settings.pace.in_flight)
                                       : fmt::format("{} offered per second", settings.pace.rate),
               settings.msl.count(), settings.plan.sources, settings.plan.ports,
               settings.plan.tuples());
    fmt::print("  {}, TSC {:.2f} GHz, load {:.1f}; {} pages; {}, {}; checksums in software\n",
               conditions.cpu, conditions.tsc_ghz, conditions.load,
               result.huge_pages ? "huge" : "ordinary", conditions.compiler, conditions.build);
    if (!result.two_cores) fmt::print("  ONE CPU for both sides: the figures mean little\n");
    fmt::print("  measured: {}\n\n", result.steady
                                         ? "from 2MSL on, when TIME-WAITs end as fast as they begin"
                                         : "the whole run, which is shorter than 2MSL");
    for (const Row& row : rows_of(settings, result)) {
        fmt::print("{:<34} {:>14.{}f}  {}\n", row.what, row.value, row.value < 100 ? 2 : 0,
                   row.unit);
    }
    fmt::print("\n");
    print_answers(result);
    print_memory(result);
}

bool write_json(const Settings& settings, const Result& result) {
    using nlohmann::json;
    json out = json::array();
    for (const Row& row : rows_of(settings, result)) {
        out.push_back({{"what", row.what},
                       {"size", describe(settings.plan)},
                       {"unit", row.unit},
                       {"lastack", row.value},
                       {"peers", json::object()}});
    }
    const Conditions conditions = conditions_of(result);
    json counters = json::object();
    for (std::size_t i = 0; i < base::kCounterCount; ++i) {
        if (result.counters[i] != 0)
            counters[std::string(base::kCounters[i].name)] = result.counters[i];
    }
    out.push_back({{"what", "conditions"},
                   {"cpu", conditions.cpu},
                   {"tsc_ghz", conditions.tsc_ghz},
                   {"load", conditions.load},
                   {"compiler", conditions.compiler},
                   {"build", conditions.build},
                   {"huge_pages", result.huge_pages},
                   {"msl_ms", settings.msl.count()},
                   {"lives", settings.plan.lives},
                   {"in_flight", settings.pace.in_flight},
                   {"rate", settings.pace.rate},
                   {"steady", result.steady},
                   {"completed", result.tally.completed},
                   {"collected_lives", result.collected_lives},
                   {"lost", result.tally.lost},
                   {"answers_checked", result.tally.checked},
                   {"answers_wrong", result.tally.wrong()},
                   {"listings", result.listed.listings},
                   {"listed_rows", result.listed.rows},
                   {"leaks", result.leaks},
                   {"failure", result.failure},
                   {"counters", counters}});
    std::ofstream file(settings.json);
    file << out.dump(2) << '\n';
    return static_cast<bool>(file.flush());
}

}  // namespace lastack::bench
