// lastackd: parse, start, run, stop.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "control/config.hpp"
#include "control/daemon.hpp"

namespace {

using namespace lastack::control;

struct Arguments {
    std::string config_file{kDefaultConfigFile};
    std::vector<std::string> sets;
    bool check = false;
    bool print = false;
};

void declare(CLI::App& app, Arguments& arguments) {
    app.add_option("-c,--config", arguments.config_file, "The configuration, TOML")
        ->capture_default_str();
    app.add_option("--set", arguments.sets, "Override a key: --set tcp.msl=30s (repeatable)")
        ->allow_extra_args(false);
    auto* const check =
        app.add_flag("--check-config", arguments.check, "Check the configuration and exit");
    app.add_flag("--print-config", arguments.print,
                 "Print the effective configuration with each value's origin and exit")
        ->excludes(check);
    app.set_version_flag("--version", "lastackd " LASTACK_VERSION " (" LASTACK_CPU ")");
    app.footer(
        "Exit codes: 0 ok, 1 failed while running, 2 command line, 3 configuration, 4 cannot "
        "start,\n5 another lastackd answers at the control socket.");
}

int complain(const LoadResult& result) {
    for (const Problem& problem : result.problems) {
        std::fprintf(stderr, "lastackd: %s\n", problem.to_string().c_str());
    }
    return to_int(ExitCode::configuration);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A kernel-bypass TCP endpoint.", "lastackd");
    Arguments arguments;
    declare(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? to_int(ExitCode::ok) : to_int(ExitCode::usage);
    }
    const LoadResult result = load_file(arguments.config_file, arguments.sets);
    if (!result) return complain(result);
    if (arguments.check) {
        std::printf("%s: ok, %zu port(s), %zu service(s)\n", arguments.config_file.c_str(),
                    result.config.options.ports.size(), result.config.services.size());
        return to_int(ExitCode::ok);
    }
    if (arguments.print) {
        std::fputs(print(result.config).c_str(), stdout);
        return to_int(ExitCode::ok);
    }
    return to_int(run_daemon(result.config, arguments.config_file));
}
