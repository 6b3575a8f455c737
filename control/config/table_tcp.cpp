// The keys of [tcp]. Letters and numbers in brackets name rows of the requirements.
#include <array>

#include "control/config/tables.hpp"

namespace lastack::control {
namespace {

/// The largest window that a shift of 14 can offer (RFC 7323 2.3).
constexpr std::int64_t kMaxWindowBytes = 65'535LL << 14;

constexpr std::array<std::string_view, 3> kCookieNames{"never", "when_full", "always"};
constexpr std::array<std::string_view, 2> kCloseWaitResetNames{"econnreset", "epipe"};
constexpr std::array<std::string_view, 2> kResetUnreadNames{"offer", "flush"};
constexpr std::array<std::string_view, 2> kClosingReceiveNames{"drain", "refuse"};
constexpr std::array<std::string_view, 2> kOverflowNames{"evict_oldest", "drop_new"};
constexpr std::array<std::string_view, 3> kReuseNames{"never", "any", "loopback"};
constexpr std::array<std::string_view, 3> kProfileNames{"lastack", "linux", "rfc"};
constexpr std::array<std::string_view, 2> kRejectedSynNames{"ack", "drop"};
constexpr std::array<std::string_view, 2> kNewTimestampNames{"accept", "larger_seq"};
constexpr std::array<std::string_view, 2> kRestartNames{"rfc", "linux"};
constexpr std::array<std::string_view, 2> kTimeWaitResetNames{"ignore", "ack"};
constexpr std::array<std::string_view, 2> kOrphanDataNames{"reset", "discard"};
constexpr std::array<std::string_view, 2> kOrphanResetNames{"seg_ack", "snd_nxt"};
constexpr std::array<std::string_view, 2> kHardErrorNames{"soft", "abort"};
constexpr std::array<std::string_view, 2> kSoftErrorNames{"fail", "retry"};
constexpr std::array<std::string_view, 2> kHalfOpenSynNames{"drop", "reset"};
constexpr std::array<std::string_view, 2> kMissingTimestampNames{"drop", "accept"};
constexpr std::array<std::string_view, 2> kShutWindowFinNames{"accept", "reject"};
constexpr std::array<std::string_view, 2> kPassiveOpenNames{"established", "syn"};

constexpr std::array kTcp{
    choice_key<&TcpOptions::profile, kProfileNames>(
        "profile",
        "Whose habits the defaults follow where the RFCs and Linux differ (section M); a key that "
        "is set wins over it, wherever it stands."),
    duration_key<&TcpOptions::msl>(
        "msl", {1, kDayMs},
        "Maximum segment lifetime; TIME-WAIT lasts twice this (RFC 9293 MUST-13)."),
    duration_key<&TcpOptions::fin_timeout>(
        "fin_timeout", {0, kDayMs},
        "How long an orphan waits in FIN-WAIT-2 for the peer's FIN; 0s: without limit (M-7). Not "
        "TIME-WAIT: see msl."),
    duration_key<&TcpOptions::fin_wait1_timeout>(
        "fin_wait1_timeout", {0, 24 * kDayMs},
        "Longest stay in FIN-WAIT-1, then RST; 0s leaves it to the retries."),
    duration_key<&TcpOptions::closing_timeout>(
        "closing_timeout", {0, 24 * kDayMs},
        "Longest stay in CLOSING; 0s leaves it to the retries."),
    duration_key<&TcpOptions::last_ack_timeout>(
        "last_ack_timeout", {0, 24 * kDayMs},
        "Longest stay in LAST-ACK; 0s leaves it to the retries."),
    duration_key<&TcpOptions::close_wait_timeout>(
        "close_wait_timeout", {0, 24 * kDayMs},
        "Longest stay in CLOSE-WAIT, then RST: a guard against applications that never close; 0s "
        "is no limit."),
    duration_key<&TcpOptions::user_timeout>(
        "user_timeout", {0, 7 * kDayMs},
        "How long text may stay unacknowledged (RFC 5482); 0s leaves it to retries2."),
    duration_key<&TcpOptions::rto_initial>(
        "rto_initial", {1, 60'000}, "Retransmission timeout before a round trip was measured."),
    duration_key<&TcpOptions::rto_min>("rto_min", {1, 60'000}, "Smallest retransmission timeout."),
    duration_key<&TcpOptions::rto_max>("rto_max", {1, kDayMs},
                                       "Largest retransmission timeout (RFC 6298: at least 60s)."),
    duration_key<&TcpOptions::delayed_ack>(
        "delayed_ack", {0, 499},
        "How long an ACK may wait for company; under 500ms (RFC 9293 MUST-40)."),
    duration_key<&TcpOptions::persist_max>("persist_max", {1, kDayMs},
                                           "Longest pause between zero-window probes."),
    duration_key<&TcpOptions::keep_alive_idle>(
        "keep_alive_idle", {1, 24 * kDayMs},
        "Silence before the first keep-alive probe, where an application asked for them."),
    duration_key<&TcpOptions::keep_alive_interval>("keep_alive_interval", {1, kDayMs},
                                                   "Pause between keep-alive probes."),
    integer_key<&TcpOptions::keep_alive_count>("keep_alive_count", {1, 127},
                                               "Keep-alive probes without an answer that end it."),
    integer_key<&TcpOptions::syn_retries>("syn_retries", {0, 127},
                                          "How often a SYN is sent again with back-off."),
    integer_key<&TcpOptions::syn_linear_timeouts>(
        "syn_linear_timeouts", {0, 127},
        "How often a SYN is sent again before that, rto_initial apart."),
    duration_key<&TcpOptions::syn_timeout>(
        "syn_timeout", {0, 3'600'000},
        "How long a SYN is sent again, in place of the counts; 3min is RFC 9293's (MUST-23), 0s "
        "leaves it to the counts."),
    integer_key<&TcpOptions::synack_retries>("synack_retries", {0, 127},
                                             "How often a SYN-ACK is sent again."),
    duration_key<&TcpOptions::synack_timeout>(
        "synack_timeout", {0, 3'600'000},
        "How long a SYN-ACK is sent again, in place of the count; 0s leaves it to the count."),
    integer_key<&TcpOptions::retries1>(
        "retries1", {0, 255},
        "Retransmissions, and as much elapsed time, before the neighbour is asked again and the "
        "application hears of it (RFC 9293's R1)."),
    integer_key<&TcpOptions::retries2>(
        "retries2", {0, 255},
        "Retransmissions before a connection is given up, counted as elapsed time."),
    integer_key<&TcpOptions::orphan_retries>(
        "orphan_retries", {0, 255},
        "Retransmissions before a connection that no application owns is given up; 0 is 8 while "
        "the timeout is below rto_max, and none from there on."),
    duration_key<&TcpOptions::invalid_rate_limit>(
        "invalid_rate_limit", {0, 60'000},
        "Least time between two ACKs that answer unacceptable segments of a connection."),
    integer_key<&TcpOptions::rst_rate_limit>(
        "rst_rate_limit", {0, 0xffff'ffff},
        "RSTs per second and worker in answer to segments of unknown connections."),
    boolean_key<&TcpOptions::timestamps>("timestamps", "Offer timestamps (RFC 7323)."),
    boolean_key<&TcpOptions::window_scaling>("window_scaling", "Offer window scaling (RFC 7323)."),
    boolean_key<&TcpOptions::sack>("sack", "Offer selective acknowledgment (RFC 2018)."),
    boolean_key<&TcpOptions::dsack>(
        "dsack", "Report text that arrived twice in a SACK block (RFC 2883); needs sack."),
    integer_key<&TcpOptions::abc_limit>(
        "abc_limit", {1, 2},
        "Full segments that one ACK may add to the congestion window in slow start: 1 (RFC 5681) "
        "or 2 (RFC 3465)."),
    boolean_key<&TcpOptions::nagle>(
        "nagle", "Nagle's algorithm, where an application does not switch it off."),
    boolean_key<&TcpOptions::rfc1337>(
        "rfc1337", "Ignore RST in TIME-WAIT (RFC 1337); Linux's default is false."),
    boolean_key<&TcpOptions::mtu_probing>("mtu_probing",
                                          "Try smaller segments where large ones are sent again in "
                                          "vain (RFC 4821), for ten minutes."),
    choice_key<&TcpOptions::close_wait_reset, kCloseWaitResetNames>(
        "close_wait_reset",
        "The error that a RST in CLOSE-WAIT gives an application: econnreset, or epipe as Linux."),
    choice_key<&TcpOptions::reset_unread, kResetUnreadNames>(
        "reset_unread",
        "Unread bytes when a RST arrives: offered before the error (offer), or gone (flush, RFC "
        "9293)."),
    choice_key<&TcpOptions::closing_receive, kClosingReceiveNames>(
        "closing_receive",
        "Reading what was left in CLOSING, LAST-ACK and TIME-WAIT: drain, or refuse (RFC 9293)."),
    choice_key<&TcpOptions::syn_cookies, kCookieNames>(
        "syn_cookies",
        "Answer SYNs without remembering them (RFC 4987): never, when the SYN queue is full, or "
        "always."),
    choice_key<&TcpOptions::tw_overflow, kOverflowNames>(
        "tw_overflow",
        "At limits.max_time_wait: the oldest record makes room (evict_oldest), or the connection "
        "goes to CLOSED at once as in Linux (drop_new)."),
    choice_key<&TcpOptions::tw_reuse, kReuseNames>(
        "tw_reuse",
        "Whether connections we open may take a four-tuple in TIME-WAIT; timestamps are needed."),
    duration_key<&TcpOptions::tw_reuse_delay>(
        "tw_reuse_delay", {1, 60'000},
        "How old a TIME-WAIT must be to be reused: at least a tick of the peer's timestamps."),
    boolean_key<&TcpOptions::tw_reuse_bound_port>(
        "tw_reuse_bound_port",
        "As Linux: an open from a port of the application's choice may reuse at any age."),
    choice_key<&TcpOptions::tw_syn_reject, kRejectedSynNames>(
        "tw_syn_reject",
        "A SYN that cannot reopen a TIME-WAIT: ack (RFC 9293, Linux) or drop (RFC 6191) (M-2)."),
    choice_key<&TcpOptions::tw_syn_new_timestamp, kNewTimestampNames>(
        "tw_syn_new_timestamp",
        "A SYN with a timestamp for a TIME-WAIT without: accept (RFC 6191), or larger_seq, only "
        "with a greater number, as Linux (M-3)."),
    choice_key<&TcpOptions::tw_restart, kRestartNames>(
        "tw_restart",
        "What starts 2MSL anew: the FIN again (rfc), or nearly every segment with ACK (linux) "
        "(M-4)."),
    choice_key<&TcpOptions::tw_rst_in_window, kTimeWaitResetNames>(
        "tw_rst_in_window",
        "A RST in TIME-WAIT in the window, not at RCV.NXT: ignore, or ack (RFC 5961) (M-22)."),
    boolean_key<&TcpOptions::tw_return>(
        "tw_return",
        "TIME-WAIT comes back where the SYN that reopened it was an old one (RFC 9293 MAY-2; "
        "Linux: false; M-6)."),
    boolean_key<&TcpOptions::tw_after_reset>(
        "tw_after_reset", "TIME-WAIT also after a RST of our own (RFC 9293 3.5.2; M-16)."),
    choice_key<&TcpOptions::orphan_data, kOrphanDataNames>(
        "orphan_data",
        "Text that arrives after close(): reset (RFC 9293 SHLD-3), or discard, acknowledging it "
        "(M-10)."),
    choice_key<&TcpOptions::orphan_data_reset, kOrphanResetNames>(
        "orphan_data_reset",
        "The number of that RST in FIN-WAIT-1: seg_ack (exact for the peer) or snd_nxt (M-26)."),
    choice_key<&TcpOptions::icmp_hard, kHardErrorNames>(
        "icmp_hard",
        "A hard ICMP error of a synchronized connection: soft (RFC 5927) or abort (RFC 9293 "
        "SHLD-26) (M-11)."),
    choice_key<&TcpOptions::icmp_soft_opening, kSoftErrorNames>(
        "icmp_soft_opening",
        "A soft ICMP error of a connection being opened: fail (RFC 5461), or retry (RFC 9293 "
        "MUST-56) (M-12)."),
    boolean_key<&TcpOptions::rst_after_fin>(
        "rst_after_fin",
        "Behind the peer's FIN, a RST with that FIN's number counts (Linux; RFC 5961: false; "
        "M-13)."),
    boolean_key<&TcpOptions::rst_at_sack_edge>(
        "rst_at_sack_edge",
        "A RST at the right edge of the highest block we have acknowledged selectively counts "
        "(Linux; M-13)."),
    choice_key<&TcpOptions::syn_received_syn, kHalfOpenSynNames>(
        "syn_received_syn",
        "A new SYN in the window of a half-open connection ends it: drop (silently, RFC 9293) or "
        "reset (Linux) (M-17)."),
    choice_key<&TcpOptions::missing_timestamp, kMissingTimestampNames>(
        "missing_timestamp",
        "A segment without the timestamp agreed on: drop (RFC 7323) or accept (Linux) (M-18)."),
    choice_key<&TcpOptions::fin_at_zero_window, kShutWindowFinNames>(
        "fin_at_zero_window",
        "A bare FIN while our window is shut: accept (Linux) or reject (RFC 9293 3.4) (M-19)."),
    choice_key<&TcpOptions::passive_opens, kPassiveOpenNames>(
        "passive_opens",
        "When a connection counts in PassiveOpens: established (Linux) or syn (RFC 4022) "
        "(M-25)."),
    size_key<&TcpOptions::receive_buffer>("receive_buffer", {2'048, kMaxWindowBytes},
                                          "Largest window a connection offers."),
    size_key<&TcpOptions::send_buffer>("send_buffer", {2'048, kMaxWindowBytes},
                                       "Most text a connection holds unacknowledged."),
    integer_key<&TcpOptions::port_first>("port_first", {1, 65'535},
                                         "First local port of connections we open."),
    integer_key<&TcpOptions::port_last>("port_last", {1, 65'535},
                                        "Last local port of connections we open."),
    list_key<&TcpOptions::port_reserved>(
        "port_reserved", "a list of ports and ranges such as [\"8080\", \"9000-9100\"]",
        "Local ports that are never chosen for connections we open; who names one may have it."),
    integer_key<&TcpOptions::port_probes>(
        "port_probes", {1, 65'535},
        "How many local ports one open looks at before it says that none is free; the next goes "
        "on where it stopped."),
    duration_key<&TcpOptions::quiet_time>(
        "quiet_time", {0, kDayMs},
        "After the start nothing is opened or answered for so long (RFC 9293 3.4.3: an MSL); 0s, "
        "the default, trusts in new numbers being random."),
};

}  // namespace

std::span<const Key> tcp_keys() {
    return kTcp;
}

}  // namespace lastack::control
