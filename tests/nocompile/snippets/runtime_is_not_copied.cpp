// One Runtime per process, for EAL is one per process.
// expect: use of deleted function
#include "lastack/runtime.hpp"

using lastack::Runtime;
inline int right(Runtime& runtime) {
    return runtime.run();
}

#ifdef MUST_NOT_COMPILE
inline Runtime wrong(const Runtime& runtime) {
    return runtime;
}
#endif
