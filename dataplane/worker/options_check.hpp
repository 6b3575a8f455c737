// Whether a configuration can be put into effect, before anything is touched.
//
// Each rule names the place in the operator's words ("ports[0].addresses[1]") and the remedy. What
// only a device or the system can tell is found out later, by whoever asks it.
#pragma once

#include <optional>
#include <string_view>

#include "lastack/options.hpp"
#include "wire/address.hpp"

namespace lastack::worker {

/// Throws StartError for the first rule broken.
void check_options(const Options& options);

/// "02:00:00:00:00:01"; nullopt where the text is no MAC address.
std::optional<wire::MacAddress> parse_mac(std::string_view text);

}  // namespace lastack::worker
