// What a key's row makes of a value that somebody wrote.
#pragma once

#include <string>

#include "control/config/document.hpp"
#include "control/config/key.hpp"

namespace lastack::control {

/// What the key wants, for messages: "an integer from 1 to 255", "a duration from 1ms to 1d, such
/// as "30s"", ...
std::string expectation(const Key& key);

struct Interpretation {
    Value value;
    bool acceptable = false;  ///< Of the right kind, and in its range.
};

/// The node as the key's kind of value: a duration's text becomes milliseconds, a size's bytes.
/// Text that must mean something (an address) is checked by the key's own setter.
Interpretation interpret(const Key& key, const Node& node);

/// The value in TOML's notation, as the key would be written.
std::string notation(const Key& key, const Value& value);

/// A string in TOML's notation, quotes and escapes included.
std::string quoted(std::string_view text);

}  // namespace lastack::control
