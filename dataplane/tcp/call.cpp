#include "tcp/call.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "tcp/arrival.hpp"
#include "tcp/compose.hpp"
#include "tcp/guard.hpp"

namespace lastack::tcp {

void make_tcb(const Env& env, Seq iss, std::uint32_t ts_offset, Tcb& tcb) {
    const Config& config = env.config;
    tcb.iss = tcb.snd.una = tcb.snd.nxt = tcb.snd.max = iss;
    tcb.ts_offset = ts_offset;
    tcb.timestamps = config.timestamps;
    tcb.sack = config.sack;
    tcb.scaling = config.window_scaling;
    if (config.window_scaling) tcb.rcv_shift = config.window_shift() & 0xfU;
}

void open_active(Env& env, Seq iss, std::uint32_t ts_offset, Tcb& tcb) {
    make_tcb(env, iss, ts_offset, tcb);
    enter(env.states, tcb.state, Cause::ActiveOpen);
    env.count(Counter::ActiveOpens);
}

void open_over(Env& env, const TimeWaitRecord& record, std::uint32_t ts_offset, Tcb& tcb) {
    const Seq beyond = record.snd_nxt + 65'537;
    open_active(env, beyond == Seq(0) ? Seq(1) : beyond, ts_offset, tcb);  // as Linux, C-26
    tcb.ts_recent = record.ts_recent;
    tcb.ts_recent_at_s = env.now_s() - record.ts_recent_at_s.least_age(env.now_s());
    tcb.ts_inherited = true;
}

// After that the path may have become wider, and the first segment that is too big after all tells.
void bound_path(const Env& env, Tcb& tcb, std::uint16_t mss, std::uint32_t believed_ms) {
    tcb.path_mss = std::min(tcb.path_mss, mss);
    tcb.mss = std::min(tcb.mss, mss);
    tcb.timers.arm(Timer::PathMtu, env.after_ms(believed_ms));
}

bool has_finished_sending(const Tcb& tcb) {
    return tcb.fin_queued || tcb.close_deferred || tcb.orphan;
}

std::uint32_t send_room(const Env& env, const Tcb& tcb) {
    const std::uint32_t buffer_bytes = tcb.send_buffer_bytes(env.config);
    if (has_finished_sending(tcb)) return 0;
    switch (tcb.state.get()) {
        case State::SynSent:
        case State::SynReceived:
        case State::Established:
        case State::CloseWait:
            return tcb.send_queue.bytes < buffer_bytes ? buffer_bytes - tcb.send_queue.bytes : 0;
        case State::Closed:
        case State::Listen:
        case State::FinWait1:
        case State::FinWait2:
        case State::Closing:
        case State::LastAck:
        case State::TimeWait:
            return 0;
    }
    return 0;
}

bool keeps_alive(State state) {
    switch (state) {
        case State::Established:
        case State::FinWait1:
        case State::FinWait2:
        case State::CloseWait:
            return true;
        case State::Closed:
        case State::Listen:
        case State::SynSent:
        case State::SynReceived:
        case State::Closing:
        case State::LastAck:
        case State::TimeWait:
            return false;
    }
    return false;
}

bool send(Env& env, Tcb& tcb, base::BufferRef buffer, base::Bytes bytes) {
    LA_ASSERT(send_room(env, tcb) > 0);
    return env.pieces.append(tcb.send_queue, buffer, bytes);
}

void mark_urgent(Tcb& tcb) {
    tcb.snd_up = tcb.end_of_text();
    tcb.sending_urgent = true;
    // Where the text cannot leave, its notification does (RFC 9293 3.8.5).
    if (!tcb.syn_unacked) tcb.ack_owed = AckOwed::Now;
}

void consume(Env& env, Tcb& tcb, std::uint32_t count) {
    env.pieces.drop_front(tcb.receive_queue, count);
    if (tcb.peer_urgent && tcb.urgent_left() == 0) tcb.peer_urgent = false;  // the run is over
    const bool listening = tcb.state.is(State::Established) || tcb.state.is(State::FinWait1) ||
                           tcb.state.is(State::FinWait2);
    if (listening && window_update_owed(env, tcb)) tcb.ack_owed = AckOwed::Now;
}

namespace {

// FIN is owed: the state follows at once, whatever still waits ahead of the FIN (S-10, S-25).
void queue_fin(Env& env, Tcb& tcb) {
    if (tcb.fin_queued) return;  // D-26
    tcb.fin_queued = true;
    if (tcb.state.is(State::SynReceived) && tcb.send_queue.bytes > 0) {
        tcb.close_deferred = true;  // SYNR.A01: first the text, and first of all ESTABLISHED
        return;
    }
    enter(env.states, tcb.state, Cause::Close);
    start_guard(env, tcb);
    if (!keeps_alive(tcb.state.get())) tcb.timers.disarm(Timer::KeepAlive);  // LA.T03
}

Outcome vanish(Env& env, Tcb& tcb, Cause cause, End end) {
    arrival::finish(env, tcb, cause, end);
    Outcome outcome;
    outcome.fate = Fate::Gone;
    return outcome;
}

Outcome reset(Env& env, Tcb& tcb, End end) {
    Outcome outcome;
    outcome.answer = compose_reset(env, tcb);
    outcome.fate = Fate::Gone;
    arrival::finish(env, tcb, Cause::Abort, end);
    return outcome;
}

}  // namespace

Outcome shutdown_write(Env& env, Tcb& tcb) {
    switch (tcb.state.get()) {
        case State::SynSent:
            return vanish(env, tcb, Cause::Close, End::Aborted);  // SYNS.A02
        case State::SynReceived:
            tcb.fin_queued = true;  // SYNR.A02: at ESTABLISHED
            tcb.close_deferred = true;
            return {};
        case State::Established:
        case State::CloseWait:
            queue_fin(env, tcb);
            return {};
        case State::Closed:
        case State::Listen:
        case State::FinWait1:
        case State::FinWait2:
        case State::Closing:
        case State::LastAck:
        case State::TimeWait:
            return {};
    }
    return {};
}

Outcome close(Env& env, Tcb& tcb) {
    const State state = tcb.state.get();
    if (state == State::SynSent) {
        tcb.orphan = true;
        return vanish(env, tcb, Cause::Close, End::Aborted);
    }
    if (tcb.receive_queue.bytes > 0) {  // D-8, D-10
        env.count(Counter::TCPAbortOnClose);
        tcb.orphan = true;
        return reset(env, tcb, End::Aborted);
    }
    if (tcb.linger_ms() == 0) {  // D-13
        env.count(Counter::TCPAbortOnLinger);
        tcb.orphan = true;
        return abort(env, tcb, End::Aborted);
    }
    tcb.orphan = true;
    // Nobody will read what waits beyond a gap: should the gap close, that is a reset (D-11).
    if (tcb.has_gap()) ReassemblyStore{env.runs, env.pieces}.clear(tcb.out_of_order);
    if (tcb.linger_ms() > 0) {  // D-14; where nothing is waited for any more it stops with the rest
        tcb.timers.arm(Timer::Linger, env.after_ms(static_cast<std::uint32_t>(tcb.linger_ms())));
    }
    switch (state) {
        case State::SynReceived:
        case State::Established:
        case State::CloseWait:
            queue_fin(env, tcb);
            return {};
        case State::FinWait2: {
            // D-2, D-5: from here on a compact record waits for the peer's FIN.
            if (tcb.linger2_ms() < 0) {
                env.count(Counter::TCPAbortOnLinger);
                return reset(env, tcb, End::Aborted);
            }
            Outcome outcome;
            if (tcb.ack_owed != AckOwed::None) outcome.answer = compose_ack(env, tcb);
            outcome.fate = Fate::TimeWait;
            tcb.end = End::Orderly;
            tcb.events.ended = true;
            tcb.timers.disarm_all();
            return outcome;
        }
        case State::Closed:
        case State::Listen:
        case State::SynSent:
        case State::FinWait1:
        case State::Closing:
        case State::LastAck:
        case State::TimeWait:
            return {};
    }
    return {};
}

Outcome abort(Env& env, Tcb& tcb, End end) {
    switch (tcb.state.get()) {
        case State::SynReceived:
        case State::Established:
        case State::FinWait1:
        case State::FinWait2:
        case State::CloseWait:
            return reset(env, tcb, end);
        case State::Closing:
        case State::LastAck:
            // A peer that has our FIN needs no reset (RFC 9293 3.10.5), and one that lost it has
            // its answer from CLOSED when it next speaks. One that cannot have it would wait for
            // ever.
            if (!tcb.fin_sent) return reset(env, tcb, end);
            return vanish(env, tcb, Cause::Abort, end);
        case State::SynSent:
            return vanish(env, tcb, Cause::Abort, end);
        case State::Closed:
        case State::Listen:
        case State::TimeWait:
            break;
    }
    LA_ASSERT(false);  // the caller keeps these in other records
    return {};
}

}  // namespace lastack::tcp
