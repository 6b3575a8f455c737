// The keys of [tcp]. Letters and numbers in brackets name rows of the requirements.
#include <array>

#include "control/config/tables.hpp"

namespace lastack::control {
namespace {

/// The largest window that a shift of 14 can offer (RFC 7323 2.3).
constexpr std::int64_t kMaxWindowBytes = 65'535LL << 14;

constexpr std::array<std::string_view, 3> kCookieNames{"never", "when_full", "always"};
constexpr std::array<std::string_view, 2> kOverflowNames{"evict_oldest", "drop_new"};
constexpr std::array<std::string_view, 3> kReuseNames{"never", "any", "loopback"};

constexpr std::array kTcp{
    duration_key<&TcpOptions::msl>(
        "msl", {1, kDayMs},
        "Maximum segment lifetime; TIME-WAIT lasts twice this (RFC 9293 MUST-13)."),
    duration_key<&TcpOptions::fin_timeout>(
        "fin_timeout", {1, kDayMs},
        "How long an orphan waits in FIN-WAIT-2 for the peer's FIN. Not TIME-WAIT: see msl."),
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
    boolean_key<&TcpOptions::mtu_probing>(
        "mtu_probing", "At retries1 try smaller segments: the path may swallow large ones."),
    duration_key<&TcpOptions::invalid_rate_limit>(
        "invalid_rate_limit", {0, 60'000},
        "Least time between two ACKs that answer unacceptable segments of a connection."),
    integer_key<&TcpOptions::rst_rate_limit>(
        "rst_rate_limit", {0, 0xffff'ffff},
        "RSTs per second and worker in answer to segments of unknown connections."),
    boolean_key<&TcpOptions::timestamps>("timestamps", "Offer timestamps (RFC 7323)."),
    boolean_key<&TcpOptions::window_scaling>("window_scaling", "Offer window scaling (RFC 7323)."),
    boolean_key<&TcpOptions::sack>("sack", "Offer selective acknowledgment (RFC 2018)."),
    boolean_key<&TcpOptions::nagle>(
        "nagle", "Nagle's algorithm, where an application does not switch it off."),
    boolean_key<&TcpOptions::rfc1337>(
        "rfc1337", "Ignore RST in TIME-WAIT (RFC 1337); Linux's default is false."),
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
        "tw_reuse_delay", {1, kDayMs},
        "How old a TIME-WAIT must be to be reused: at least a tick of the peer's timestamps."),
    boolean_key<&TcpOptions::tw_reuse_bound_port>(
        "tw_reuse_bound_port",
        "As Linux: an open from a port of the application's choice may reuse at any age."),
    size_key<&TcpOptions::receive_buffer>("receive_buffer", {2'048, kMaxWindowBytes},
                                          "Largest window a connection offers."),
    size_key<&TcpOptions::send_buffer>("send_buffer", {2'048, kMaxWindowBytes},
                                       "Most text a connection holds unacknowledged."),
    integer_key<&TcpOptions::port_first>("port_first", {1, 65'535},
                                         "First local port of connections we open."),
    integer_key<&TcpOptions::port_last>("port_last", {1, 65'535},
                                        "Last local port of connections we open."),
};

}  // namespace

std::span<const Key> tcp_keys() {
    return kTcp;
}

}  // namespace lastack::control
