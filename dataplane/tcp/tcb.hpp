// The transmission control block: a connection from SYN-SENT to LAST-ACK (RFC 9293 3.3.1).
//
// The fields are grouped as the RFC's SND and RCV. The send queue holds all text from SND.UNA on:
//
//        snd_una            snd_nxt      snd_max       end_of_text()
//           |--- sent, unacknowledged ------|  not yet sent  | FIN, once fin_queued
//
// snd_nxt is pulled back by a retransmission timeout; snd_max is the highest number ever sent, and
// is what acceptance, answers and the FIN test go by (F-10). Our FIN, whose number is fixed when it
// first leaves (B-2), is the last one ahead of it. rcv_edge is the right edge of the window as
// advertised; it never moves left (F-6).
#pragma once

#include <cstddef>
#include <cstdint>

#include "tcp/congestion.hpp"
#include "tcp/enter.hpp"
#include "tcp/piece_list.hpp"
#include "tcp/reassembly.hpp"
#include "tcp/rtt.hpp"
#include "tcp/scoreboard.hpp"
#include "tcp/timers.hpp"

namespace lastack::tcp {

using wire::Seq;

/// How SYN-RECEIVED came about (MUST-11).
enum class Origin : std::uint8_t { Passive, Active, TimeWait };

enum class AckOwed : std::uint8_t { None, Delayed, Now };

/// Why a connection ended, for the application.
enum class End : std::uint8_t {
    None,
    Orderly,
    Reset,
    BrokenPipe,  // a reset in CLOSE-WAIT, where Linux's word for it is wanted (M-14)
    Refused,
    TimedOut,
    Unreachable,  // the host; and what else the network says
    NetUnreachable,
    PortUnreachable,
    ProtocolUnreachable,
    Aborted,
    NoResources,
    ShutDown,
};

/// What the application has not been told yet.
struct Events {
    bool opened : 1 = false;
    bool readable : 1 = false;
    bool writable : 1 = false;
    bool peer_closed : 1 = false;
    bool ended : 1 = false;
    bool urgent : 1 = false;
    bool unreachable : 1 = false;  // soft_error is new
    bool stalled : 1 = false;      // R1 was reached just now
    bool lingered : 1 = false;     // the linger time is over, the connection is not

    bool any() const {
        return opened || readable || writable || peer_closed || ended || urgent || unreachable ||
               stalled || lingered;
    }
};

struct Send {
    Seq una;
    Seq nxt;
    Seq max;
    std::uint32_t wnd = 0;      // scaled
    std::uint32_t max_wnd = 0;  // the largest the peer ever offered (5961 5.2)
};

struct Receive {
    Seq nxt;
    Seq edge;
    Seq last_ack_sent;

    std::uint32_t window() const { return nxt.before(edge) ? nxt.distance(edge) : 0; }
};

/// What an option of the application's may set to other than the configuration has it.
struct OwnOptions {
    std::uint32_t receive_buffer_bytes = 0;
    std::uint32_t send_buffer_bytes = 0;
    std::uint32_t user_timeout_ms = 0;
    std::uint32_t keep_alive_idle_ms = 0;
    std::uint32_t keep_alive_interval_ms = 0;
    std::int32_t linger_ms = -1;
    std::int32_t linger2_ms = 0;  // 0: the configured fin_timeout; -1: reset
    std::uint8_t keep_alive_count = 0;

    OwnOptions() = default;
    /// Of a connection whose application has set none of them.
    explicit OwnOptions(const Config& config)
        : receive_buffer_bytes(config.receive_buffer_bytes),
          send_buffer_bytes(config.send_buffer_bytes),
          user_timeout_ms(config.user_timeout_ms),
          keep_alive_idle_ms(config.keep_alive_idle_ms),
          keep_alive_interval_ms(config.keep_alive_interval_ms),
          keep_alive_count(config.keep_alive_count) {}
};

// Hot first, then cold. A connection that opens, exchanges a request and its answer and closes,
// with nothing lost and no option set, reads and writes the first kHotBytes alone, two cache lines;
// what lies behind is looked at only where a flag among the hot ones says that it means something.
// So a flag of that kind stands ahead of each group behind: `keep_alive`, `own_options`,
// `has_cursor`, `reordered`, `was_sacked`, `newest_is_ahead`, Congestion's `lossy`, Timers' armed
// ones. (Opening it writes `iss`, `irs` and `peer_mss`, while the slot is being made.)
struct Tcb {
    static constexpr std::size_t kHotBytes = 128;

    StateCell state;
    End end : 4 = End::None;
    End soft_error : 4 = End::None;  // what the network said: it explains a later timeout (D-24)
    Events events;

    bool syn_unacked : 1 = true;  // our SYN occupies SND.UNA
    bool fin_queued : 1 = false;  // the application has nothing more to send
    bool fin_sent : 1 = false;
    bool close_deferred : 1 = false;  // CLOSE came in SYN-RECEIVED with text waiting
    bool orphan : 1 = false;          // the application has let go: nobody reads
    bool peer_fin_known : 1 = false;  // its number is peer_fin()
    bool peer_fin_taken : 1 = false;  // RCV.NXT is beyond it
    bool timestamps : 1 = false;      // offered, then negotiated
    bool ts_inherited : 1 = false;  // in SYN-SENT: ts_recent is of the TIME-WAIT that we took over
    bool sack : 1 = false;
    bool scaling : 1 = false;
    bool no_delay : 1 = false;
    bool keep_alive : 1 = false;
    bool resend_first : 1 = false;   // fast retransmit: the segment at SND.UNA goes again
    bool override_sws : 1 = false;   // the persist timer lets a small segment out
    bool want_writable : 1 = false;  // send() was refused something
    bool timing : 1 = false;         // a round trip is being measured
    bool syn_resent : 1 = false;
    bool zero_window_sent : 1 = false;
    bool sending_urgent : 1 = false;  // SND.UP lies beyond SND.UNA
    bool peer_urgent : 1 = false;     // RCV.UP lies beyond what was read
    bool dsack_owed : 1 = false;      // `repeated` has not been reported yet
    bool stalled : 1 = false;         // R1 was reached (H-48)
    bool own_options : 1 = false;     // `own` goes, and not the configuration
    bool has_cursor : 1 = false;
    bool reordered : 1 = false;        // text has come from beyond a gap; until then none waits
    bool was_sacked : 1 = false;       // a SACK block has come; until then nothing is marked
    bool newest_is_ahead : 1 = false;  // the segment at SND.WL1 came from beyond a gap

    std::uint32_t received_unacked : 17 = 0;  // octets, at most kMostUnacked
    std::uint32_t snd_shift : 4 = 0;
    std::uint32_t rcv_shift : 4 = 0;
    std::uint32_t quick_acks : 3 = 4;  // full segments yet to be acknowledged without delay
    AckOwed ack_owed : 2 = AckOwed::None;
    Origin origin : 2 = Origin::Active;

    std::uint16_t mss = 536;  // text per segment without options (G-13)
    std::uint16_t largest_received = 0;

    Send snd;
    Receive rcv;
    PieceList send_queue;
    PieceList receive_queue;

    std::uint32_t ts_recent = 0;
    std::uint32_t ts_recent_at_s = 0;
    std::uint32_t ts_offset = 0;

    Rtt rtt;
    Seq timed_seq;
    std::uint32_t timed_at_us = 0;
    std::uint32_t outstanding_since_ms = 0;  // since the last progress; for R2 and user timeout
    Congestion congestion;
    Timers timers;  // whose first two deadlines are the end of the hot part

    Loss loss;
    Seq snd_wl1;  // SND.WL1, meaningful while newest_is_ahead; SND.WL2: see update_window()
    Seq iss;
    Seq irs;
    Seq peer_fin_seq;                  // of a peer's FIN that waits beyond a gap
    std::uint32_t offered_window = 0;  // of our SYN, unscaled
    std::uint32_t heard_at_ms = 0;  // the last segment, or keep-alive's beginning; while it is on
    std::uint32_t watching_since_ms = 0;  // of the persist timer: when its present wait began

    // Where snd.nxt lies in the send queue, so that sending does not walk it; while has_cursor. The
    // place in its piece is counted from the piece's end, for an acknowledgment cuts bytes off its
    // front.
    std::uint32_t cursor_piece = base::kNoIndex;
    std::uint32_t cursor_left = 0;
    Seq cursor_seq;

    Reassembly out_of_order;
    Scoreboard scoreboard;
    OwnOptions own;
    Seq snd_up;                // SND.UP: behind our urgent data, while sending_urgent
    Seq rcv_up;                // RCV.UP: behind the peer's urgent data, while peer_urgent
    wire::SackBlock repeated;  // the last text that arrived twice; meaningful while dsack_owed
    AnswerStamp answer;
    std::uint16_t peer_mss = 536;      // what the peer takes, whatever the path
    std::uint16_t path_mss = 0xffff;   // what a router on the way has said
    std::uint8_t persist_backoff = 0;  // while the persist timer is armed

    // --- Where the application's options or the configuration decide

    std::uint32_t receive_buffer_bytes(const Config& config) const {
        return own_options ? own.receive_buffer_bytes : config.receive_buffer_bytes;
    }
    std::uint32_t send_buffer_bytes(const Config& config) const {
        return own_options ? own.send_buffer_bytes : config.send_buffer_bytes;
    }
    std::uint32_t user_timeout_ms(const Config& config) const {
        return own_options ? own.user_timeout_ms : config.user_timeout_ms;
    }
    std::uint32_t keep_alive_idle_ms(const Config& config) const {
        return own_options ? own.keep_alive_idle_ms : config.keep_alive_idle_ms;
    }
    std::uint32_t keep_alive_interval_ms(const Config& config) const {
        return own_options ? own.keep_alive_interval_ms : config.keep_alive_interval_ms;
    }
    std::uint8_t keep_alive_count(const Config& config) const {
        return own_options ? own.keep_alive_count : config.keep_alive_count;
    }
    std::int32_t linger_ms() const { return own_options ? own.linger_ms : -1; }
    std::int32_t linger2_ms() const { return own_options ? own.linger2_ms : 0; }

    /// For whoever sets one of them.
    OwnOptions& options(const Config& config) {
        if (!own_options) own = OwnOptions(config);
        own_options = true;
        return own;
    }

    // --- Numbers

    /// The number of the first byte of the send queue.
    Seq start_of_text() const { return snd.una + (syn_unacked ? 1U : 0U); }
    Seq end_of_text() const { return start_of_text() + send_queue.bytes; }
    bool outstanding() const { return snd.una != snd.max; }
    std::uint32_t flight() const { return snd.una.distance(snd.max); }

    /// The number of our FIN, once fin_sent: it is the last one that we ever send (B-2).
    Seq fin_seq() const { return snd.max - 1; }

    /// SEG.ACK == fin_seq + 1, and by no other test (B-2).
    bool our_fin_acked() const { return fin_sent && snd.una == fin_seq() + 1; }

    /// The number of the peer's FIN, where it is known: once it is taken nothing lies beyond it.
    Seq peer_fin() const { return peer_fin_taken ? rcv.nxt - 1 : peer_fin_seq; }

    /// Text waits beyond a gap.
    bool has_gap() const { return reordered && !out_of_order.empty(); }

    /// SACK blocks have told of text beyond SND.UNA.
    bool has_holes() const { return was_sacked && !scoreboard.empty(); }

    /// What is outstanding, where SACK blocks may speak of it.
    SentRange sent_range() const { return {snd.una, snd.max}; }

    /// Loss recovery by SACK blocks (RFC 6675 5), not by duplicate ACKs (RFC 6582).
    bool in_sack_recovery() const {
        return sack && congestion.phase == Congestion::Phase::Recovery;
    }

    /// The peer's FIN has arrived, and something ahead of it has not.
    bool fin_waits() const { return peer_fin_known && !peer_fin_taken; }

    /// The number of the next byte that the application reads.
    Seq read_seq() const { return rcv.nxt - (peer_fin_taken ? 1U : 0U) - receive_queue.bytes; }

    /// How much of the peer's urgent data the reader has ahead; nothing is beyond the FIN.
    std::uint32_t urgent_left() const {
        if (!peer_urgent) return 0;
        const Seq behind = peer_fin_known ? wire::earlier(rcv_up, peer_fin()) : rcv_up;
        return read_seq().before(behind) ? read_seq().distance(behind) : 0;
    }

    /// At most how many SACK blocks the next segment carries (RFC 2018 3: four, three beside
    /// timestamps): what arrived twice, the runs beyond the gap, and a FIN that none of them
    /// touches.
    std::uint16_t sack_blocks() const {
        const std::uint16_t fit = timestamps ? 3 : 4;
        const auto wanted = static_cast<std::uint16_t>(
            (reordered ? out_of_order.runs : 0) + (fin_waits() ? 1 : 0) + (dsack_owed ? 1 : 0));
        return wanted < fit ? wanted : fit;
    }

    /// Bytes of options on the next segment with text, SACK blocks included (G-13).
    std::uint16_t option_bytes() const {
        std::uint16_t bytes = timestamps ? 12 : 0;
        if (sack && sack_blocks() > 0) {
            bytes = static_cast<std::uint16_t>(bytes + 4 + 8 * sack_blocks());
        }
        return bytes;
    }
    std::uint16_t text_per_segment() const {
        return static_cast<std::uint16_t>(mss - option_bytes());
    }
};

/// Twice the largest MSS: what is still to be acknowledged is asked about up to here.
inline constexpr std::uint32_t kMostUnacked = (1U << 17) - 1;

static_assert(offsetof(Tcb, timers) + Timers::kHotBytes == Tcb::kHotBytes,
              "the hot part of a connection: two cache lines, docs/architecture.md");
static_assert(sizeof(Tcb) == 296, "docs/architecture.md says so");

}  // namespace lastack::tcp
