// Only worker/ reads a real clock, and it converts on purpose.
// expect: could not convert
#include "time/instant.hpp"

using namespace lastack::time;
static_assert(tick_of(Instant(std::chrono::milliseconds(3))) == 3);

#ifdef MUST_NOT_COMPILE
inline Tick wrong() {
    return tick_of(std::chrono::steady_clock::time_point());
}
#endif
