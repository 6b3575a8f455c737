// Character generator (RFC 864): sends lines of printable characters until the peer closes.
//
// The pattern is RFC 864's popular one: 72 of the 95 printable characters and CR LF; each line
// begins one character later than the line before, so the whole repeats after 95 lines. It is sent
// by reference from one shared block, as much as there is room for; on_writable goes on.
#pragma once

#include <cstdint>

#include "lastack/core.hpp"

namespace lastack::service {

struct ChargenOptions {
    Endpoint listen{.address = {}, .port = 19};
    std::uint32_t max_connections = 65'536;  ///< Per worker; more are reset and counted.
    bool keep_alive = true;                  ///< TCP keep-alive, so that dead peers are noticed.
};

ApplicationFactory make_chargen(ChargenOptions options);

}  // namespace lastack::service
