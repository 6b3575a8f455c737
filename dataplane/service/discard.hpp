// Discard (RFC 863): reads and forgets; answers the peer's FIN with its own.
#pragma once

#include <cstdint>

#include "lastack/core.hpp"

namespace lastack::service {

struct DiscardOptions {
    Endpoint listen{.address = {}, .port = 9};
    std::uint32_t max_connections = 65'536;  ///< Per worker; more are reset and counted.
    bool keep_alive = true;                  ///< TCP keep-alive, so that dead peers are noticed.
};

ApplicationFactory make_discard(DiscardOptions options);

}  // namespace lastack::service
