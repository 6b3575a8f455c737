// Options that change while a timer of theirs runs: what is armed follows at once.

#include <algorithm>

#include "tcp/call.hpp"
#include "tcp/waiting.hpp"

namespace lastack::tcp {

namespace {

std::uint32_t whole_wait_ms(const Env& env, const Tcb& tcb, Timer timer) {
    return timer == Timer::Retransmit ? tcb.rtt.rto_ms(env.config) : persist_ms(env, tcb);
}

// A wait that the old limit cut short begins anew under the new one; one that exceeds the new limit
// ends with it, at once where that is over.
void follow_user_timeout(const Env& env, Tcb& tcb, Timer timer, std::uint32_t old_ms) {
    if (!tcb.timers.armed(timer)) return;
    const std::uint32_t since = tcb.outstanding_since_ms;
    const bool cut_short = old_ms != 0 && !ms_before(tcb.timers.deadline_ms(timer), since + old_ms);
    if (cut_short) tcb.timers.arm(timer, env.after_ms(whole_wait_ms(env, tcb, timer)));
    const std::uint32_t new_ms = tcb.user_timeout_ms(env.config);
    if (new_ms == 0) return;
    std::uint32_t end = since + new_ms;
    if (ms_before(end, env.now_ms())) end = env.now_ms();
    if (ms_before(end, tcb.timers.deadline_ms(timer))) tcb.timers.arm(timer, end);
}

}  // namespace

void set_user_timeout(const Env& env, Tcb& tcb, std::uint32_t timeout_ms) {
    OwnOptions& own = tcb.options(env.config);
    const std::uint32_t old_ms = own.user_timeout_ms;
    own.user_timeout_ms = timeout_ms;
    follow_user_timeout(env, tcb, Timer::Retransmit, old_ms);
    follow_user_timeout(env, tcb, Timer::Persist, old_ms);
}

// The silence counts from the last segment, or from where keep-alive was switched on after it; but
// not from this call.
void set_keep_alive_idle(const Env& env, Tcb& tcb, std::uint32_t idle_ms) {
    tcb.options(env.config).keep_alive_idle_ms = idle_ms;
    if (!tcb.timers.armed(Timer::KeepAlive)) return;
    const std::uint32_t silence_ms = env.now_ms() - tcb.heard_at_ms;
    if (silence_ms < idle_ms) {
        tcb.timers.keep_alive_probes = 0;
        tcb.timers.arm(Timer::KeepAlive, env.after_ms(idle_ms - silence_ms));
    } else if (tcb.timers.keep_alive_probes == 0) {
        tcb.timers.arm(Timer::KeepAlive, env.now_ms());
    }
}

// Between two probes the second moves with the interval.
void set_keep_alive_interval(const Env& env, Tcb& tcb, std::uint32_t interval_ms) {
    OwnOptions& own = tcb.options(env.config);
    const std::uint32_t old_ms = own.keep_alive_interval_ms;
    own.keep_alive_interval_ms = interval_ms;
    if (!tcb.timers.armed(Timer::KeepAlive) || tcb.timers.keep_alive_probes == 0) return;
    const std::uint32_t moved = tcb.timers.deadline_ms(Timer::KeepAlive) - old_ms + interval_ms;
    tcb.timers.arm(Timer::KeepAlive, ms_before(moved, env.now_ms()) ? env.now_ms() : moved);
}

}  // namespace lastack::tcp
