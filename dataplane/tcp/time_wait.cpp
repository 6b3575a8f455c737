// TIME-WAIT and the FIN-WAIT-2 of orphans: making the record, its ACK, its end.

#include "tcp/time_wait.hpp"

#include <algorithm>
#include <bit>

#include "tcp/compose.hpp"

namespace lastack::tcp {

void make_time_wait(Env& env, Tcb& tcb, TimeWaitRecord& record) {
    // Field by field: readers may look at what is Published of it.
    record.snd_nxt = tcb.snd.max;
    record.rcv_nxt = tcb.rcv.nxt;
    record.ts_recent = tcb.ts_recent;
    record.ts_recent_at_s = CoarseTime<6>(tcb.ts_recent_at_s);
    record.timestamps = tcb.timestamps;
    record.shift = static_cast<std::uint8_t>(tcb.rcv_shift & 0xf);
    // Rounded up: the edge that the peer knows does not move left (F-13).
    const std::uint32_t granule = std::uint32_t{1} << tcb.rcv_shift;
    record.window = static_cast<std::uint16_t>(
        std::min<std::uint32_t>((tcb.rcv.window() + granule - 1) >> tcb.rcv_shift, 0xffff));
    record.max_window_log2 =
        tcb.snd.max_wnd > 1 ? static_cast<std::uint8_t>(std::bit_width(tcb.snd.max_wnd - 1) & 0x1f)
                            : std::uint8_t{0};
    record.answered = false;
    record.answered_at_ms = 0;
    record.set_endless(false);
    record.after_reset = false;
    record.entered_at_ms = CoarseTime<3>(env.now_ms());
    if (tcb.state.is(State::TimeWait)) env.count(Counter::TimeWaitEntered);
    std::uint32_t wait_ms = env.config.two_msl_ms();
    if (tcb.state.is(State::FinWait2)) {
        const std::int32_t own_ms = tcb.linger2_ms();
        wait_ms = own_ms > 0 ? static_cast<std::uint32_t>(own_ms) : env.config.fin_timeout_ms;
        record.set_endless(wait_ms == 0);  // M-7
        // M-10: what the peer still sends is thrown away at once, so all of the window is free.
        const std::uint32_t whole =
            std::min<std::uint32_t>(tcb.receive_buffer_bytes(env.config) >> tcb.rcv_shift, 0xffff);
        if (env.config.discards_for_orphan && whole > record.window) {
            record.window = static_cast<std::uint16_t>(whole);
        }
        // D-3: one lost FIN must still be repairable.
        wait_ms = std::max(wait_ms, tcb.rtt.base_ms(env.config) * 7 / 2);
    }
    record.deadline_ms = env.after_ms(wait_ms);
    move(tcb.state, record.state);
}

wire::TcpHeader compose_ack(const Env& env, const TimeWaitRecord& record) {
    wire::TcpHeader header;
    header.seq = record.snd_nxt;
    header.ack = record.rcv_nxt;
    header.flags.bits = wire::TcpFlags::kAck;
    header.window = record.window;
    if (record.timestamps) {
        header.options.timestamps = wire::Timestamps{env.now_ms(), record.ts_recent};
    }
    return header;
}

std::optional<wire::TcpHeader> abort(Env& env, TimeWaitRecord& record) {
    std::optional<wire::TcpHeader> reset;
    if (record.state.is(State::FinWait2)) {
        reset = compose_ack(env, record);
        reset->flags.bits |= wire::TcpFlags::kRst;
        env.count(Counter::OutSegs);
        env.count(Counter::OutRsts);
    } else {
        env.count(Counter::TimeWaitAborted);
    }
    enter(env.states, record.state, Cause::Abort);
    return reset;
}

void timeout(Env& env, TimeWaitRecord& record) {
    if (record.state.is(State::TimeWait)) {
        env.count(Counter::TimeWaitExpired);
        enter(env.states, record.state, Cause::TwoMsl);
    } else {
        env.count(Counter::FinWait2Timeout);  // D-7: no RST is owed
        enter(env.states, record.state, Cause::Timeout);
    }
}

}  // namespace lastack::tcp
