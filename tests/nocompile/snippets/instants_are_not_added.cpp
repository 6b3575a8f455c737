// Two points in time have a distance, but no sum.
// expect: no match for 'operator+'
#include "time/instant.hpp"

using lastack::time::Instant;
constexpr auto right(Instant a, Instant b) {
    return a - b;
}

#ifdef MUST_NOT_COMPILE
constexpr auto wrong(Instant a, Instant b) {
    return a + b;
}
#endif
