// lastackctl: what a person asks a daemon.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "control/cli/command_line.hpp"

int main(int argc, char** argv) {
    using namespace lastack::control::cli;
    // https://no-color.org: where NO_COLOR is set, no colours.
    const bool colour = ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
    const Terminal terminal{.out = std::cout, .err = std::cerr, .colour = colour};
    return static_cast<int>(run({argv + 1, argv + argc}, terminal));
}
