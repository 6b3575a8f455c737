// The rules about [tcp], for those who do not come by the daemon's configuration.
//
// Most are about arithmetic: the records' deadlines are 32 bits of milliseconds, compared by their
// distance, so that nothing may lie more than 24 days ahead.
#pragma once

#include "lastack/options.hpp"

namespace lastack::worker {

/// Throws StartError for the first rule broken.
void check_tcp_options(const TcpOptions& tcp);

}  // namespace lastack::worker
