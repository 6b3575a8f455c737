#include "tcp/compose.hpp"

#include <algorithm>

namespace lastack::tcp {

namespace {

std::uint32_t largest_window(const Env& env, const Tcb& tcb) {
    return std::min(std::uint32_t{0xffff} << tcb.rcv_shift, tcb.receive_buffer_bytes(env.config));
}

// Where the right edge of the window may move to: never left (SHLD-14), and right only by enough
// to be worth a segment (RFC 9293 3.8.6.2.2: half the buffer or a segment).
Seq next_edge(const Env& env, const Tcb& tcb) {
    const std::uint32_t buffer = tcb.receive_buffer_bytes(env.config);
    const std::uint32_t unread = tcb.receive_queue.bytes;
    const std::uint32_t room =
        std::min(largest_window(env, tcb), buffer > unread ? buffer - unread : 0);
    const Seq wished = tcb.rcv.nxt + room;
    if (wished.at_or_before(tcb.rcv.edge)) return tcb.rcv.edge;
    const std::uint32_t step = std::min<std::uint32_t>(buffer / 2, tcb.mss);
    if (tcb.rcv.edge.distance(wished) < step) return tcb.rcv.edge;
    return wished;
}

// What a promise up to `edge` may exceed the buffer by. Rounding up lets the edge creep by less
// than a granule per ACK, which ordinary segments stay below this with; text in crumbs does not,
// and must not be let in without bound.
bool may_round_up(const Env& env, const Tcb& tcb, Seq edge) {
    const std::uint32_t buffer =
        std::max(tcb.receive_buffer_bytes(env.config), env.config.receive_buffer_bytes);
    return tcb.receive_queue.bytes + tcb.rcv.nxt.distance(edge) <= buffer + buffer / 8;
}

// The window field, and the edge as the peer reads it (RFC 7323 2.3, 2.4): rounded down to the
// scale's granule, but up where that would take back what was promised (F-13, SHLD-14). Where it
// may not be rounded up, the larger previous edge stays acceptable.
std::uint16_t advertise(Env& env, Tcb& tcb) {
    const Seq wished = next_edge(env, tcb);
    const std::uint32_t window = tcb.rcv.nxt.before(wished) ? tcb.rcv.nxt.distance(wished) : 0;
    const std::uint32_t granule = std::uint32_t{1} << tcb.rcv_shift;
    std::uint32_t field = window >> tcb.rcv_shift;
    if ((tcb.rcv.nxt + (field << tcb.rcv_shift)).before(tcb.rcv.edge)) {
        const std::uint32_t up = (window + granule - 1) >> tcb.rcv_shift;
        if (may_round_up(env, tcb, tcb.rcv.nxt + (up << tcb.rcv_shift))) field = up;
    }
    field = std::min<std::uint32_t>(field, 0xffff);
    tcb.rcv.edge = wire::later(tcb.rcv.edge, tcb.rcv.nxt + (field << tcb.rcv_shift));
    if (field == 0 && !tcb.zero_window_sent) {
        tcb.zero_window_sent = true;
        env.count(Counter::TCPToZeroWindowAdv);
    } else if (field != 0 && tcb.zero_window_sent) {
        tcb.zero_window_sent = false;
        env.count(Counter::TCPFromZeroWindowAdv);
    }
    return static_cast<std::uint16_t>(field);
}

wire::Timestamps timestamps_of(const Env& env, const Tcb& tcb) {
    return {env.now_ms() + tcb.ts_offset, tcb.ts_recent};
}

// What lies beyond the gap, the freshest first; how many blocks.
std::uint8_t add_arrived(Env& env, const Tcb& tcb, std::span<wire::SackBlock> blocks) {
    const ReassemblyStore store{env.runs, env.pieces};
    std::uint8_t count =
        tcb.has_gap() ? store.sack_blocks(tcb.out_of_order, blocks) : std::uint8_t{0};
    if (!tcb.fin_waits()) return count;
    // H-16: a FIN beyond the gap is one more number that has arrived.
    for (wire::SackBlock& block : blocks.first(count)) {
        if (block.right != tcb.peer_fin()) continue;
        block.right += 1;
        return count;
    }
    if (count < blocks.size()) blocks[count++] = {tcb.peer_fin(), tcb.peer_fin() + 1};
    return count;
}

// RFC 2883 4: what arrived twice is the first block, and is reported once.
void add_sack_blocks(Env& env, Tcb& tcb, wire::TcpOptions& options) {
    std::span blocks = std::span(options.sack).first(tcb.sack_blocks());
    if (tcb.dsack_owed) {
        const bool old = tcb.repeated.left.before(tcb.rcv.nxt);
        env.count(old ? Counter::TCPDSACKOldSent : Counter::TCPDSACKOfoSent);
        blocks.front() = tcb.repeated;
        blocks = blocks.subspan(1);
        options.sack_count = 1;
        tcb.dsack_owed = false;
    }
    options.sack_count =
        static_cast<std::uint8_t>(options.sack_count + add_arrived(env, tcb, blocks));
}

// RFC 9293 3.8.5: while SND.UP lies ahead. What 16 bits cannot reach is pointed at as far as they
// can, and again from the next segment on.
void point_at_urgent(const Tcb& tcb, wire::TcpHeader& header) {
    if (!header.seq.before(tcb.snd_up) || header.flags.rst()) return;
    const std::uint32_t ahead = header.seq.distance(tcb.snd_up);
    header.flags.bits = static_cast<std::uint8_t>(header.flags.bits | wire::TcpFlags::kUrg);
    header.urgent = static_cast<std::uint16_t>(std::min<std::uint32_t>(ahead, 0xffff));
}

}  // namespace

void compose(Env& env, Tcb& tcb, Seq seq, std::uint8_t flags, wire::TcpHeader& header) {
    header.seq = seq;
    header.ack = tcb.rcv.nxt;
    header.flags.bits = static_cast<std::uint8_t>(flags | wire::TcpFlags::kAck);
    header.window = advertise(env, tcb);
    if (tcb.sending_urgent) point_at_urgent(tcb, header);
    if (tcb.timestamps) header.options.timestamps = timestamps_of(env, tcb);
    if (tcb.sack && tcb.sack_blocks() > 0) add_sack_blocks(env, tcb, header.options);
    tcb.ack_owed = AckOwed::None;
    tcb.timers.disarm(Timer::DelayedAck);
    tcb.received_unacked = 0;
    tcb.rcv.last_ack_sent = tcb.rcv.nxt;
}

wire::TcpHeader compose(Env& env, Tcb& tcb, Seq seq, std::uint8_t flags) {
    wire::TcpHeader header;
    compose(env, tcb, seq, flags, header);
    return header;
}

wire::TcpHeader compose_ack(Env& env, Tcb& tcb) {
    env.count(Counter::OutSegs);
    return compose(env, tcb, tcb.snd.max, 0);
}

wire::TcpHeader compose_syn(Env& env, Tcb& tcb) {
    const bool answer = !tcb.state.is(State::SynSent);
    wire::TcpHeader header;
    header.seq = tcb.iss;
    header.flags.bits = wire::TcpFlags::kSyn;
    if (answer) {
        header.flags.bits |= wire::TcpFlags::kAck;
        header.ack = tcb.rcv.nxt;
        tcb.rcv.last_ack_sent = tcb.rcv.nxt;
        tcb.ack_owed = AckOwed::None;
    }
    // The window of a SYN is never scaled (RFC 7323 2.2).
    const std::uint32_t window =
        std::min<std::uint32_t>(tcb.receive_buffer_bytes(env.config), 0xffff);
    header.window = static_cast<std::uint16_t>(window);
    if (answer) tcb.rcv.edge = wire::later(tcb.rcv.edge, tcb.rcv.nxt + window);
    tcb.offered_window = window;
    header.options.mss = env.config.offered_mss;
    header.options.sack_permitted = tcb.sack;
    if (tcb.scaling) {
        header.options.window_scale = static_cast<std::uint8_t>(tcb.rcv_shift);
    }
    if (tcb.timestamps) header.options.timestamps = timestamps_of(env, tcb);
    // RFC 7323 3.2: without ACK there is nothing to echo.
    if (tcb.timestamps && !answer) header.options.timestamps->echo_reply = 0;
    return header;
}

// SND.NXT; but a peer that has shrunk its window below it, as Linux may in spite of SHLD-14, drops
// what lies beyond: there it is the last number within, or RCV.NXT where the window is shut. Less
// than a granule is no shrinking, but a window rounded down (RFC 7323 2.4).
Seq reset_seq(const Tcb& tcb) {
    const Seq edge = tcb.snd.una + tcb.snd.wnd;
    const bool within = tcb.syn_unacked || tcb.snd.max.at_or_before(edge);
    if (within || edge.distance(tcb.snd.max) < (std::uint32_t{1} << tcb.snd_shift)) {
        return tcb.snd.max;
    }
    return tcb.snd.wnd == 0 ? tcb.snd.una : edge - 1;
}

wire::TcpHeader compose_reset(Env& env, Tcb& tcb) {
    env.count(Counter::OutSegs);
    env.count(Counter::OutRsts);
    return compose(env, tcb, reset_seq(tcb), wire::TcpFlags::kRst);
}

wire::TcpHeader reset_for(const Segment& segment) {
    wire::TcpHeader header;
    if (segment.flags().ack()) {
        header.seq = segment.ack();
        header.flags.bits = wire::TcpFlags::kRst;
    } else {
        header.ack = segment.end();
        header.flags.bits = wire::TcpFlags::kRst | wire::TcpFlags::kAck;
    }
    return header;
}

// Telling of every byte read would double the traffic. The peer must hear when no more than half of
// what it could be offered is left and reading has at least doubled that (H-28 is the extreme). Not
// half of what it was offered last: that may be less than a segment, and hold the peer.
bool window_update_owed(const Env& env, const Tcb& tcb) {
    const Seq edge = next_edge(env, tcb);
    if (edge == tcb.rcv.edge) return false;
    const std::uint32_t left = tcb.rcv.window();
    return left <= largest_window(env, tcb) / 2 && tcb.rcv.nxt.distance(edge) >= 2 * left;
}

}  // namespace lastack::tcp
