// enter() is the only writer of a state, and states are not numbers.
// expect: cannot convert
#include "tcp/state.hpp"

using lastack::tcp::State;
constexpr State kRight = State::TimeWait;

#ifdef MUST_NOT_COMPILE
constexpr State kWrong = 10;
#endif
