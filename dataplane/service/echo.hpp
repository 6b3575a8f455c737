// Echo (RFC 862): sends back what it receives.
//
// It keeps nothing per connection. What the peer's window and our send buffer do not take yet is
// left unconsumed, so that it holds our own window shut, and is asked for again when there is room:
//
//     on_data --send()--> accepted less --> leave the rest ... on_writable --> resume() --> on_data
//
// The peer's FIN comes only after all its bytes were used up, that is, echoed; then we close too.
#pragma once

#include <cstdint>

#include "lastack/core.hpp"

namespace lastack::service {

struct EchoOptions {
    Endpoint listen{.address = {}, .port = 7};
    std::uint32_t max_connections = 65'536;  ///< Per worker; more are reset and counted.
    bool keep_alive = true;                  ///< TCP keep-alive, so that dead peers are noticed.
};

ApplicationFactory make_echo(EchoOptions options);

}  // namespace lastack::service
