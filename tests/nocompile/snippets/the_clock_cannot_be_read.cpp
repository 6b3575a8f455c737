// The pure core is told what time it is; it cannot ask.
// expect: is not a member of
#include "time/instant.hpp"

using namespace lastack::time;
constexpr Tick right(Instant now) {
    return tick_of(now);
}

#ifdef MUST_NOT_COMPILE
inline Tick wrong() {
    return tick_of(Clock::now());
}
#endif
