// What may stand in the lists of [eal]: rte_eal_init() would refuse the rest late and tersely, or
// take it and undo what lastack has set up.
#pragma once

#include <string>
#include <string_view>

namespace lastack::control {

/// "0000:00:05.0" or "00:05.0", with the device's own arguments after a comma or without.
bool is_pci_address(std::string_view text);

/// What speaks against this word of eal.extra: an argument that lastack itself gives to EAL, in any
/// of the spellings that getopt takes ("-m 64", "-m64", "--file-prefix=x", "--file-p=x"), or its
/// opposite. Empty where nothing does.
std::string owned_by_lastack(std::string_view word);

}  // namespace lastack::control
