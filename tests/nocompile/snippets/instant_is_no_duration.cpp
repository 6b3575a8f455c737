// A deadline where a delay belongs.
// expect: could not convert
#include "time/instant.hpp"

using namespace lastack::time;
constexpr Instant after(Instant now, Duration delay) {
    return now + delay;
}
static_assert(after(Instant(), kTick) > Instant());

#ifdef MUST_NOT_COMPILE
static_assert(after(Instant(), Instant()) > Instant());
#endif
