// A new state must not slip through a switch: -Werror=switch-enum, and no default anywhere.
// expect: enumeration value 'TimeWait' not handled
#include "tcp/state.hpp"

using lastack::tcp::State;
constexpr bool right(State state) {
    return state == State::TimeWait;
}

#ifdef MUST_NOT_COMPILE
constexpr bool wrong(State state) {
    switch (state) {
        case State::Closed:
        case State::Listen:
        case State::SynSent:
        case State::SynReceived:
        case State::Established:
        case State::FinWait1:
        case State::FinWait2:
        case State::CloseWait:
        case State::Closing:
        case State::LastAck:
            return true;
        default:
            return false;
    }
}
#endif
