// The acceptability test of RFC 9293 3.4 (MUST-66 aside, which the caller sees to).
#pragma once

#include <cstdint>

#include "wire/seq.hpp"

namespace lastack::tcp {

/// Does a segment of `len` numbers from `seq` on touch the window? The RFC's four cases:
///
///     len == 0, window == 0:  seq == nxt
///     len == 0, window  > 0:  nxt <= seq < nxt + window
///     len  > 0, window == 0:  no
///     len  > 0, window  > 0:  the first or the last number lies in the window
constexpr bool acceptable(wire::Seq seq, std::uint32_t len, wire::Seq nxt, std::uint32_t window) {
    if (len == 0 && window == 0) return seq == nxt;
    if (len == 0) return seq.in_window(nxt, window);
    if (window == 0) return false;
    return seq.in_window(nxt, window) || (seq + (len - 1)).in_window(nxt, window);
}

}  // namespace lastack::tcp
