#include "tcp/guard.hpp"

#include "base/assert.hpp"
#include "tcp/arrival.hpp"
#include "tcp/compose.hpp"

namespace lastack::tcp {

namespace {

struct Guard {
    std::uint32_t limit_ms = 0;  // 0: off
    Counter hits = Counter::FinWait1Timeout;
    bool resets = false;  // the peer may still hold its end open (RFC 9293 3.10.5)
};

Guard guard_of(const Config& config, State state) {
    switch (state) {
        case State::FinWait1:
            return {config.fin_wait1_timeout_ms, Counter::FinWait1Timeout, true};
        case State::Closing:
            return {config.closing_timeout_ms, Counter::ClosingTimeout, false};
        case State::LastAck:
            return {config.last_ack_timeout_ms, Counter::LastAckTimeout, false};
        case State::CloseWait:
            return {config.close_wait_timeout_ms, Counter::CloseWaitTimeout, true};
        case State::Closed:
        case State::Listen:
        case State::SynSent:
        case State::SynReceived:
        case State::Established:
        case State::FinWait2:
        case State::TimeWait:
            return {};
    }
    return {};
}

}  // namespace

void start_guard(const Env& env, Tcb& tcb) {
    const std::uint32_t limit_ms = guard_of(env.config, tcb.state.get()).limit_ms;
    if (limit_ms != 0) {
        tcb.timers.arm(Timer::Guard, env.after_ms(limit_ms));
    } else {
        tcb.timers.disarm(Timer::Guard);
    }
}

Outcome guard_hit(Env& env, Tcb& tcb) {
    const Guard guard = guard_of(env.config, tcb.state.get());
    LA_ASSERT(guard.limit_ms != 0);
    env.count(guard.hits);
    Outcome outcome;
    outcome.fate = Fate::Gone;
    if (guard.resets) outcome.answer = compose_reset(env, tcb);
    arrival::finish(env, tcb, Cause::Timeout, End::TimedOut);
    return outcome;
}

}  // namespace lastack::tcp
