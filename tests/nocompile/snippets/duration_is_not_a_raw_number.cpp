// A bare 40 is neither milliseconds nor nanoseconds.
// expect: could not convert
#include "time/instant.hpp"

using lastack::time::Duration;
constexpr Duration twice(Duration duration) {
    return 2 * duration;
}
static_assert(twice(std::chrono::milliseconds(20)) == std::chrono::milliseconds(40));

#ifdef MUST_NOT_COMPILE
static_assert(twice(20) == std::chrono::milliseconds(40));
#endif
