// No meaning by enum order: who wants the number of a state says so.
// expect: no match for 'operator+'
#include "tcp/state.hpp"

using lastack::tcp::State;
constexpr std::size_t right(State state) {
    return static_cast<std::size_t>(state) + 1;
}

#ifdef MUST_NOT_COMPILE
constexpr std::size_t wrong(State state) {
    return state + 1;
}
#endif
