// bench table: the connection table beside rte_hash (plain, and lock-free) and absl::flat_hash_map.
//
// All hold the same flows at the same load: 85 % of 1, 4, 16 Mi slots, sizes at which the peers,
// whose slots are a power of two, are as full as we are. All have memory of the same kind, the same
// flags, and keys hashed in advance. Every answer is checked; a wrong one ends the program with 1.
//
//   --entries N    this many flows instead, whatever load the peers make of it
#include <fmt/format.h>
#include <rte_eal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/bench/report.hpp"
#include "tests/bench/table/measure.hpp"

namespace lastack::bench {
namespace {

struct Settings {
    std::vector<std::uint32_t> entries;
    unsigned rounds = 9;
    bool huge_pages = true;
    std::string json;
};

Settings settings_of(int argc, char** argv) {
    Settings settings;
    CLI::App app("The connection table beside others, in the same run.");
    app.option_defaults()->always_capture_default();
    app.add_option("--entries", settings.entries, "Flows; as often as you like")
        ->check(CLI::Range(1'024U, 1U << 28));
    app.add_option("--rounds", settings.rounds, "Medians of this many")->check(CLI::Range(1, 999));
    app.add_flag("!--no-huge", settings.huge_pages, "On ordinary pages");
    app.add_option("--json", settings.json, "Write the results to this file, too");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error));
    }
    return settings;
}

std::vector<Size> sizes_of(const Settings& settings) {
    std::vector<Size> sizes;
    for (const std::uint32_t entries : settings.entries) {
        sizes.push_back({std::to_string(entries), entries});
    }
    if (!sizes.empty()) return sizes;
    for (const std::uint32_t millions : {1U, 4U, 16U}) {
        const std::uint64_t slots = std::uint64_t{millions} << 20;
        sizes.push_back(
            {fmt::format("{}M", millions), static_cast<std::uint32_t>(slots * 85 / 100)});
    }
    return sizes;
}

/// rte_hash wants an EAL; all its memory comes from elsewhere.
class Eal {
  public:
    Eal() {
        std::vector<std::string> words{"bench",
                                       "--no-huge",
                                       "-m",
                                       "64",
                                       "--no-pci",
                                       "--no-shconf",
                                       "--no-telemetry",
                                       "--file-prefix",
                                       prefix_,
                                       "--log-level",
                                       "error",
                                       "--lcores",
                                       fmt::format("0@{}", sched_getcpu())};
        std::vector<char*> pointers;
        for (std::string& word : words) pointers.push_back(word.data());
        if (rte_eal_init(static_cast<int>(pointers.size()), pointers.data()) < 0) {
            fmt::print(stderr, "bench: EAL does not start\n");
            std::exit(2);
        }
    }
    ~Eal() {
        rte_eal_cleanup();
        std::error_code ignored;
        std::filesystem::remove_all("/var/run/dpdk/" + prefix_, ignored);
    }
    Eal(const Eal&) = delete;
    Eal& operator=(const Eal&) = delete;

  private:
    std::string prefix_ = fmt::format("lastack-bench-{}", getpid());
};

int run(const Settings& settings) {
    const Eal eal;
    Pages::want_huge(settings.huge_pages);
    std::vector<Condition> conditions = usual_conditions();
    std::vector<Row> rows;
    bool right = true;
    for (const Size& size : sizes_of(settings)) {
        Measure measure(size, settings.rounds);
        right = measure.run() && right;
        std::ranges::copy(measure.rows(), std::back_inserter(rows));
        conditions.push_back({"size " + size.name, fmt::format("{} flows; huge pages: {}",
                                                               size.entries, Pages::describe())});
    }
    conditions.push_back({"rounds", fmt::format("{}, medians of CPU time", settings.rounds)});
    if (!report("table", conditions, rows, settings.json)) {
        fmt::print(stderr, "bench: cannot write {}\n", settings.json);
        return 2;
    }
    return right ? 0 : 1;
}

}  // namespace
}  // namespace lastack::bench

int main(int argc, char** argv) {
    return lastack::bench::run(lastack::bench::settings_of(argc, argv));
}
