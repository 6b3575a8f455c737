// From a process's options and its open ports to what one core's Stack is made from.
#pragma once

#include <vector>

#include "lastack/options.hpp"
#include "port/ethdev.hpp"
#include "stack/config.hpp"

namespace lastack::worker {

/// `options` have been checked; `ports` are started, in the options' order.
stack::Config stack_config(const Options& options, const std::vector<port::Ethdev*>& ports,
                           const stack::Secrets& secrets);

/// From the operating system's entropy. Throws StartError where there is none.
stack::Secrets random_secrets();

/// The same at every start: for debug.replay alone.
stack::Secrets replay_secrets();

}  // namespace lastack::worker
