// Runs a range of worlds and prints the sum of what came of them as one line of JSON.
//
//     sim_run --first SEED --worlds N [--trace] [--all]
//
// The first world in which anything was wrong ends it, with the command that replays it; --all goes
// on, to see how many there are.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "tests/sim/world.hpp"

int main(int argc, char** argv) {
    std::uint64_t first = 0;
    std::uint64_t worlds = 1;
    bool trace = false;
    bool all = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        if (option == "--trace" || option == "--all") {
            (option == "--all" ? all : trace) = true;
            continue;
        }
        if (i + 1 == argc) return 2;
        const std::uint64_t value = std::strtoull(argv[++i], nullptr, 0);
        if (option == "--first") first = value;
        if (option == "--worlds") worlds = value;
    }
    lastack::test::Tally sum;
    int result = 0;
    for (std::uint64_t seed = first; seed < first + worlds; ++seed) {
        const auto world = std::make_unique<lastack::test::World>(seed);
        if (trace) world->trace();
        if (!world->run()) {
            std::fprintf(stderr, "%s\n", world->fault().c_str());
            result = 1;
            if (!all) return 1;
        }
        if (trace)
            std::printf("digest %016llx\n", static_cast<unsigned long long>(world->digest()));
        sum += world->tally();
    }
    std::printf("%s\n", sum.json().c_str());
    return result;
}
