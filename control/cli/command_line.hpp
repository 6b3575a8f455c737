// lastackctl without main(): arguments in, text and an exit code out.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace lastack::control::cli {

/// docs/operations.md has the same list.
enum class ExitCode : int {
    ok = 0,
    refused = 1,    ///< The daemon answered with an error, or the thing asked for is not there.
    usage = 2,      ///< The command line, or a filter.
    no_daemon = 3,  ///< Nobody answers at the socket.
};

struct Terminal {
    std::ostream& out;
    std::ostream& err;
    bool colour = false;
};

/// `arguments` without the program's name.
ExitCode run(std::vector<std::string> arguments, const Terminal& terminal);

}  // namespace lastack::control::cli
