// A counter is named, so that the list in counters.def is the only one.
// expect: cannot convert
#include "base/counters.hpp"

using namespace lastack::base;
inline void right(Counters& counters) {
    counters.add(Counter::LinkInFrames);
}

#ifdef MUST_NOT_COMPILE
inline void wrong(Counters& counters) {
    counters.add(0);
}
#endif
