// Assertions that stay on in release builds.
//
// They guard what we rely on: arguments and invariants. What a peer can cause is never asserted (it
// is a counted drop), and what an operator can cause is a message with its place and remedy.
#pragma once

namespace lastack::base {

/// Prints the expression with its place to stderr and aborts.
[[noreturn, gnu::cold]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace lastack::base

#define LA_ASSERT(condition)                           \
    (__builtin_expect(static_cast<bool>(condition), 1) \
         ? static_cast<void>(0)                        \
         : ::lastack::base::assertion_failed(#condition, __FILE__, __LINE__))
