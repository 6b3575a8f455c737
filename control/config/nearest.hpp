// "Did you mean": the known name that a misspelt one comes closest to.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lastack::control {

/// How many characters must be inserted, deleted, replaced or swapped with their neighbour to make
/// one word of the other (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The full name ("tcp.msl", "sysctl.tcp_fin_timeout") of the known key that `name`, met in
/// `section` (empty at the top of the file), comes closest to; empty where none is close.
/// A key of the same section wins over an equally close one elsewhere.
std::string nearest_key(std::string_view section, std::string_view name);

/// The same for names of sections: "tpc" is "tcp".
std::string nearest_section(std::string_view name);

/// `; did you mean X?`, or nothing where `nearest` is empty.
std::string suggestion(const std::string& nearest);

}  // namespace lastack::control
