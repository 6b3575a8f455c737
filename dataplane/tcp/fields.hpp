// Every field of the protocol's records, as data: one list per record drives its dump and its
// canonical hash (docs/architecture.md, "One stack, many shells").
//
// A list gives each field a name and a meaning, to a visitor that has a function per meaning:
//
//   same(name, value)             compared as it is
//   ours(name, seq)               a number of the space we send in, relative to an ISS of ours
//   theirs(name, seq)             a number of the space we receive in, relative to one of the
//   peer's until(name, tick)             an instant at which something ends: compared by its order
//   stamp(name, value)            of the peer's time stamp clock: compared by its order
//   pieces(name, list)            bytes that are held, in order
//   runs(name, queue)             the same, beyond gaps
//   sacked(name, scoreboard)      stretches of our space that the peer holds beyond gaps
//   frozen(name, why)             not compared, because the holder keeps it constant, or because
//                                 nothing is decided by it
//
// A field that means something only at times is given only then. A list begins by binding all of
// its record's members: one that is added to the record does not compile until it has been given a
// meaning here. (A bound list is stricter than sizeof, which does not see a flag that fits into
// padding; sizeof stands beside it for members that cannot be bound.)
#pragma once

#include "tcp/config.hpp"
#include "tcp/syn_record.hpp"
#include "tcp/tcb.hpp"
#include "tcp/time_wait.hpp"

namespace lastack::tcp {

static_assert(sizeof(Timers) == (kTimerCount + 1) * 4, "a new member of Timers: list it below");
static_assert(sizeof(StateCell) == 1, "a new member of StateCell: list it below");

/// What a list needs to know besides the record.
struct FieldContext {
    const Config& config;
    std::uint32_t now_ms;
};

template <class Visitor>
void fields(Visitor& v, const FieldContext& context, const AnswerStamp& stamp) {
    const auto& [at_ms, set] = stamp;
    const std::uint32_t limit_ms = context.config.invalid_rate_limit_ms;
    if (set && context.now_ms - at_ms < limit_ms) v.until("answer", at_ms + limit_ms);
}

template <class Visitor>
void fields(Visitor& v, const Timers& timers) {
    constexpr const char* kNames[kTimerCount] = {
        "retransmit", "delayed_ack", "persist", "keep_alive", "path_mtu", "guard", "linger"};
    v.same("retransmits", timers.retransmits);
    v.same("persist_probes", timers.persist_probes);
    v.same("keep_alive_probes", timers.keep_alive_probes);
    for (std::size_t i = 0; i < kTimerCount; ++i) {
        const auto timer = static_cast<Timer>(i);
        v.same("armed", timers.armed(timer));
        if (timers.armed(timer)) v.until(kNames[i], timers.deadline_ms(timer));
    }
}

template <class Visitor>
void fields(Visitor& v, const Events& events) {
    const auto& [opened, readable, writable, peer_closed, ended, urgent, unreachable, stalled,
                 lingered] = events;
    v.same("opened", opened);
    v.same("readable", readable);
    v.same("writable", writable);
    v.same("peer_closed", peer_closed);
    v.same("ended", ended);
    v.same("urgent", urgent);
    v.same("unreachable", unreachable);
    v.same("stalled", stalled);
    v.same("lingered", lingered);
}

template <class Visitor>
void fields(Visitor& v, const Tcb& tcb, const Send& send) {
    const auto& [una, nxt, max, wnd, max_wnd] = send;
    v.ours("snd.una", una);
    v.ours("snd.nxt", nxt);
    v.ours("snd.max", max);
    v.same("snd.wnd", wnd);
    v.same("snd.max_wnd", max_wnd);
    if (tcb.fin_sent) v.ours("snd.fin_seq", tcb.fin_seq());
}

template <class Visitor>
void fields(Visitor& v, const Tcb& tcb, const Receive& receive) {
    const auto& [nxt, edge, last_ack_sent] = receive;
    if (tcb.state.is(State::SynSent)) return;
    v.theirs("rcv.nxt", nxt);
    v.theirs("rcv.edge", edge);
    if (tcb.timestamps) v.theirs("rcv.last_ack_sent", last_ack_sent);
    if (tcb.peer_fin_known) v.theirs("rcv.fin_seq", tcb.peer_fin());
}

template <class Visitor>
void fields(Visitor& v, const OwnOptions& own) {
    const auto& [receive_buffer_bytes, send_buffer_bytes, user_timeout_ms, keep_alive_idle_ms,
                 keep_alive_interval_ms, linger_ms, linger2_ms, keep_alive_count] = own;
    v.same("receive_buffer_bytes", receive_buffer_bytes);
    v.same("send_buffer_bytes", send_buffer_bytes);
    v.same("user_timeout_ms", user_timeout_ms);
    v.same("keep_alive_idle_ms", keep_alive_idle_ms);
    v.same("keep_alive_interval_ms", keep_alive_interval_ms);
    v.same("linger_ms", linger_ms);
    v.same("linger2_ms", linger2_ms);
    v.same("keep_alive_count", keep_alive_count);
}

template <class Visitor>
void fields(Visitor& v, const FieldContext& context, const Tcb& tcb) {
    const auto& [state, end, soft_error, events, syn_unacked, fin_queued, fin_sent, close_deferred,
                 orphan, peer_fin_known, peer_fin_taken, timestamps, ts_inherited, sack, scaling,
                 no_delay, keep_alive, resend_first, override_sws, want_writable, timing,
                 syn_resent, zero_window_sent, sending_urgent, peer_urgent, dsack_owed, stalled,
                 own_options, has_cursor, reordered, was_sacked, newest_is_ahead, received_unacked,
                 snd_shift, rcv_shift, quick_acks, ack_owed, origin, mss, largest_received, snd,
                 rcv, send_queue, receive_queue, ts_recent, ts_recent_at_s, ts_offset, rtt,
                 timed_seq, timed_at_us, outstanding_since_ms, congestion, timers, loss, snd_wl1,
                 iss, irs, peer_fin_seq, offered_window, heard_at_ms, watching_since_ms,
                 cursor_piece, cursor_left, cursor_seq, out_of_order, scoreboard, own, snd_up,
                 rcv_up, repeated, answer, peer_mss, path_mss, persist_backoff] = tcb;
    const bool opening = state.is(State::SynSent);
    v.same("state", state.get());
    v.same("origin", origin);
    v.same("ack_owed", ack_owed);
    fields(v, events);
    v.same("end", end);
    v.same("syn_unacked", syn_unacked);
    v.same("fin_queued", fin_queued);
    v.same("fin_sent", fin_sent);
    v.same("close_deferred", close_deferred);
    v.same("orphan", orphan);
    v.same("peer_fin_known", peer_fin_known);
    v.same("peer_fin_taken", peer_fin_taken);
    v.same("timestamps", timestamps);
    v.same("ts_inherited", ts_inherited);
    v.same("sack", sack);
    v.same("scaling", scaling);
    v.same("no_delay", no_delay);
    v.same("keep_alive", keep_alive);
    v.same("resend_first", resend_first);
    v.same("override_sws", override_sws);
    v.same("want_writable", want_writable);
    v.same("zero_window_sent", zero_window_sent);
    v.same("sending_urgent", sending_urgent);
    v.same("peer_urgent", peer_urgent);
    v.same("dsack_owed", dsack_owed);
    v.ours("iss", iss);
    if (!opening) v.theirs("irs", irs);
    fields(v, tcb, snd);
    fields(v, tcb, rcv);
    v.same("snd.shift", snd_shift);
    v.same("rcv.shift", rcv_shift);
    v.same("offered_window", offered_window);
    const bool ahead = newest_is_ahead && snd_wl1.after(rcv.nxt);
    v.same("newest_is_ahead", ahead);
    if (ahead) v.theirs("snd.wl1", snd_wl1);
    v.frozen("peer_fin_seq", peer_fin_seq.value(), "told with RCV, as peer_fin()");
    if (sending_urgent) v.ours("snd.up", snd_up);
    if (peer_urgent) v.theirs("rcv.up", rcv_up);
    if (dsack_owed) {
        v.theirs("repeated.left", repeated.left);
        v.theirs("repeated.right", repeated.right);
    }
    v.pieces("send_queue", send_queue);
    v.pieces("receive_queue", receive_queue);
    v.runs("out_of_order", out_of_order);
    v.same("mss", mss);
    v.same("peer_mss", peer_mss);
    v.same("path_mss", path_mss);
    v.same("largest_received", largest_received);
    v.same("quick_acks", quick_acks);
    v.same("received_unacked", received_unacked);
    v.same("cursor", has_cursor);
    if (has_cursor) {
        v.frozen("cursor_piece", cursor_piece, "follows from the two below");
        v.same("cursor_left", cursor_left);
        v.ours("cursor_seq", cursor_seq);
    }
    if (timestamps && !opening) v.stamp("ts_recent", ts_recent);
    v.frozen("ts_recent_at_s", ts_recent_at_s, "asked only whether it is 24 days old");
    v.frozen("ts_offset", ts_offset, "constant for a tuple");
    v.frozen("congestion", congestion.cwnd, "held at its start: no bound reaches a second segment");
    v.frozen("loss", loss.ssthresh, "likewise");
    v.sacked("scoreboard", scoreboard);
    v.frozen("reordered", reordered, "tells whether out_of_order is worth a look");
    v.frozen("was_sacked", was_sacked, "likewise, the scoreboard");
    v.frozen("rtt", rtt.srtt_us, "held unmeasured, without back-off");
    v.frozen("timing", timing, "the round trip is held");
    v.frozen("timed_seq", timed_seq.value(), "the round trip is held");
    v.frozen("timed_at_us", timed_at_us, "the round trip is held");
    v.frozen("syn_resent", syn_resent, "only the first window and RTO, which are held, follow it");
    fields(v, timers);
    v.frozen("outstanding_since_ms", outstanding_since_ms, "held: retries are what is bounded");
    v.frozen("heard_at_ms", heard_at_ms, "only keep-alive asks, which restarts its own timer");
    if (timers.armed(Timer::Persist)) {
        v.same("persist_backoff", persist_backoff);
        // What a window that shuts and opens may put it off to, at most.
        const std::uint32_t probe_ms =
            doubled_ms(rtt.base_ms(context.config), persist_backoff, context.config.persist_max_ms);
        v.until("watched_until", watching_since_ms + 2 * probe_ms);
    }
    v.same("soft_error", soft_error);
    v.same("stalled", stalled);
    fields(v, context, answer);
    fields(v, own_options ? own : OwnOptions(context.config));
}

template <class Visitor>
void fields(Visitor& v, const FieldContext& context, const SynRecord& record) {
    const auto& [iss, irs, ts_recent, ts_offset, sent_at_us, deadline_ms, peer_window, answer,
                 peer_mss, path_mss, state, origin, retransmits, peer_shift, timestamps, sack,
                 scaling, from_cookie] = record;
    v.same("state", state.get());
    v.same("origin", origin);
    v.ours("iss", iss);
    v.theirs("irs", irs);
    if (timestamps) v.stamp("ts_recent", ts_recent);
    v.frozen("ts_offset", ts_offset, "constant for a tuple");
    v.frozen("sent_at_us", sent_at_us, "the round trip is held");
    v.until("deadline", deadline_ms);
    v.same("peer_window", peer_window);
    fields(v, context, answer);
    v.same("peer_mss", peer_mss);
    v.same("path_mss", path_mss);
    v.same("peer_shift", peer_shift);
    v.same("retransmits", retransmits);
    v.same("timestamps", timestamps);
    v.same("sack", sack);
    v.same("scaling", scaling);
    v.same("from_cookie", from_cookie);
}

template <class Visitor>
void fields(Visitor& v, const FieldContext& context, const TimeWaitRecord& record) {
    const auto& [snd_nxt, rcv_nxt, ts_recent, deadline_ms, answered_at_ms, entered_at_ms,
                 ts_recent_at_s, window, state, ttl, local_and_endless, dscp, reuse_address,
                 after_reset, shift, timestamps, answered, max_window_log2] = record;
    const bool endless = TimeWaitRecord::endless_of(local_and_endless);
    v.same("state", state.get());
    v.ours("snd.nxt", snd_nxt);
    v.theirs("rcv.nxt", rcv_nxt);
    v.same("timestamps", timestamps);
    if (timestamps) v.stamp("ts_recent", ts_recent);
    v.frozen("ts_recent_at_s", ts_recent_at_s, "asked only whether it is 24 days old");
    v.same("endless", endless);
    if (!endless) v.until("deadline", deadline_ms.get());
    v.frozen("entered_at_ms", entered_at_ms,
             "only an open over TIME-WAIT asks; no scenario has one");
    fields(v, context, AnswerStamp{answered_at_ms, answered});
    v.same("window", window);
    v.same("shift", shift);
    v.same("max_window_log2", max_window_log2);
    v.same("after_reset", after_reset);
    v.same("ttl", ttl);
    v.same("dscp", dscp);
    v.frozen("local", record.local(), "there is one tuple");
    v.frozen("reuse_address", reuse_address, "only a listen() asks; no scenario listens twice");
}

}  // namespace lastack::tcp
