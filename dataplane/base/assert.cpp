#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace lastack::base {

void assertion_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "lastack: assertion failed: %s at %s:%d\n", expression, file, line);
    std::abort();
}

}  // namespace lastack::base
