#include "tests/bench/lifecycle/settings.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <map>

#include "tests/bench/generator/crossover.hpp"

namespace lastack::bench {

namespace {

// The generator's own frames hold at most this much text: one segment, time stamps included.
constexpr std::uint32_t kOneSegment = 1'448;

// A life has two frames on the cable at once, at most.
constexpr std::uint32_t kMostInFlight = Crossover::kSlots / 2;

void add_options(CLI::App& app, Settings& settings) {
    Plan& plan = settings.plan;
    app.add_option("--lives", plan.lives, "How many connections")->check(CLI::Range(1, 1 << 30));
    app.add_option("--closer", plan.first_closer, "Who sends the first FIN, and so keeps TIME-WAIT")
        ->transform(CLI::CheckedTransformer(std::map<std::string, Closer>{
            {"lastack", Closer::Lastack}, {"generator", Closer::Generator}}));
    app.add_option("--generator-is", plan.role, "Which end the generator plays")
        ->transform(CLI::CheckedTransformer(
            std::map<std::string, Role>{{"client", Role::Client}, {"server", Role::Server}}));
    app.add_option("--request", plan.request_bytes, "Octets of a request")
        ->check(CLI::Range(1U, kOneSegment));
    app.add_option("--response", plan.response_bytes, "Octets of a response")
        ->check(CLI::Range(1U, 65'000U));
    app.add_flag("!--no-timestamps", plan.timestamps, "Without RFC 7323's time stamps");
    app.add_flag("--lone-acks", plan.lone_acks,
                 "The generator's ACKs go alone, and do not ride on request and FIN");
    app.add_option("--sources", plan.sources,
                   "The generator's addresses; 0: so many that no tuple repeats")
        ->check(CLI::Range(0U, Plan::kMostSources));
    app.add_option("--ports", plan.ports, "Ports per address of the clients")
        ->check(CLI::Range(1, 64'000));
    app.add_option("--rate", settings.pace.rate,
                   "Lives per second, whatever comes back; 0: saturate");
    app.add_option("--in-flight", settings.pace.in_flight, "Lives at once when saturating")
        ->check(CLI::Range(1U, kMostInFlight));
    app.add_option_function<std::uint32_t>(
        "--msl", [&settings](std::uint32_t ms) { settings.msl = std::chrono::milliseconds(ms); },
        "tcp.msl in milliseconds; TIME-WAIT lasts twice as long (default 500)");
    app.add_option("--max-time-wait", settings.max_time_wait, "limits.max_time_wait; 0: enough");
    app.add_option("--trace", settings.trace_events, "limits.trace_events (default 0: no trace)");
    app.add_option("--burst", settings.burst, "worker.burst")->check(CLI::Range(1, 256));
    app.add_flag("--single-thread", settings.single_thread,
                 "The generator takes its turns in lastack's thread, ahead of each of its; under "
                 "callgrind only lastack's are counted, from a quarter of the lives to three");
    app.add_flag("--lister", settings.lister,
                 "A third thread, on the last CPU, lists all connections without pause; best with "
                 "--single-thread, which leaves it that CPU");
    app.add_flag("!--no-huge", settings.huge_pages, "On ordinary pages");
    app.add_option("--json", settings.json, "Write the results to this file, too");
}

void complete(Settings& settings) {
    constexpr std::uint64_t kMostTimeWait = 128U << 20;
    constexpr std::uint32_t kServers = 256;
    Plan& plan = settings.plan;
    if (plan.sources == 0) {
        const std::uint64_t wanted = (plan.lives + plan.ports - 1) / plan.ports;
        plan.sources =
            plan.role == Role::Server
                ? kServers
                : static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted, Plan::kMostSources));
    }
    if (settings.max_time_wait == 0) {
        settings.max_time_wait =
            static_cast<std::uint32_t>(std::min<std::uint64_t>(plan.lives, kMostTimeWait));
    }
}

}  // namespace

Settings settings_of(int argc, char** argv) {
    Settings settings;
    CLI::App app(
        "Whole lives of connections on one core of lastack, over a pair of rings.\n"
        "Every answer is checked; a wrong one, or anything not given back, exits with 1.");
    app.option_defaults()->always_capture_default();
    add_options(app, settings);
    try {
        app.parse(argc, argv);
        if (settings.plan.role == Role::Server && settings.plan.response_bytes > kOneSegment) {
            throw CLI::ValidationError("--response",
                                       "a generator that serves sends one segment: "
                                       "at most " +
                                           std::to_string(kOneSegment));
        }
        if (settings.plan.role == Role::Server && settings.pace.rate != 0) {
            throw CLI::ValidationError("--rate", "lastack is the client and sets the pace");
        }
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    complete(settings);
    return settings;
}

std::string describe(const Plan& plan) {
    std::string out =
        std::to_string(plan.request_bytes) + "/" + std::to_string(plan.response_bytes) + " B";
    out += plan.role == Role::Client ? ", lastack serves" : ", lastack asks";
    out += plan.first_closer == Closer::Lastack ? " and closes first" : ", the peer closes first";
    if (plan.lone_acks) out += ", lone ACKs";
    if (!plan.timestamps) out += ", no time stamps";
    return out;
}

}  // namespace lastack::bench
