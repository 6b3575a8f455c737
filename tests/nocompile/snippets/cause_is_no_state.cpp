// What happened and where it leads are different vocabularies, though both hold a Close.
// expect: cannot convert
#include "tcp/state.hpp"

using namespace lastack::tcp;
constexpr const Edge* right(State from, Cause cause) {
    return find_edge(from, cause);
}

#ifdef MUST_NOT_COMPILE
constexpr const Edge* wrong(State from, Cause cause) {
    return find_edge(cause, from);
}
#endif
