// bench lifecycle: whole lives of connections per second of one core, TIME-WAIT included.
//
// lastack runs as it ships (Runtime, Worker, Stack, port/) on one core; on another a generator
// plays the other end of every connection and checks every answer. How long it took is reported
// and never judged; a wrong answer, a lost life, or an mbuf or record that is not given back ends
// the program with 1.
#include <cstdio>
#include <exception>

#include "tests/bench/lifecycle/bed.hpp"
#include "tests/bench/lifecycle/report.hpp"
#include "tests/bench/lifecycle/settings.hpp"

int main(int argc, char** argv) {
    using namespace lastack::bench;
    const Settings settings = settings_of(argc, argv);
    try {
        const Result result = run(settings);
        print(settings, result);
        if (!settings.json.empty() && !write_json(settings, result)) {
            std::fprintf(stderr, "bench: cannot write %s\n", settings.json.c_str());
            return 2;
        }
        return result.right(settings) ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench: %s\n", error.what());
        return 2;
    }
}
