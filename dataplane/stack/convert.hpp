// Between the public API's words and the core's: endpoints, options, reasons.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "lastack/core.hpp"
#include "lastack/options.hpp"
#include "tcp/config.hpp"
#include "tcp/tcb.hpp"
#include "wire/flow_key.hpp"

namespace lastack::stack {

inline Endpoint local_endpoint(const wire::FlowKey4& key) {
    return {Address::ipv4(key.local_address.value), key.local_port};
}
inline Endpoint remote_endpoint(const wire::FlowKey4& key) {
    return {Address::ipv4(key.remote_address.value), key.remote_port};
}

/// A four-tuple for keyed hashes: addresses, then ports.
inline std::array<std::uint64_t, 2> words_of(const wire::FlowKey4& key) {
    return {std::uint64_t{key.local_address.value} << 32 | key.remote_address.value,
            std::uint64_t{key.local_port} << 16 | key.remote_port};
}

inline CloseReason close_reason(tcp::End end) {
    switch (end) {
        case tcp::End::None:
        case tcp::End::Orderly:
            return CloseReason::orderly;
        case tcp::End::Reset:
        case tcp::End::BrokenPipe:
            return CloseReason::reset;
        case tcp::End::Refused:
            return CloseReason::refused;
        case tcp::End::TimedOut:
            return CloseReason::timed_out;
        case tcp::End::Unreachable:
        case tcp::End::NetUnreachable:
        case tcp::End::PortUnreachable:
        case tcp::End::ProtocolUnreachable:
            return CloseReason::unreachable;
        case tcp::End::Aborted:
            return CloseReason::aborted;
        case tcp::End::NoResources:
            return CloseReason::no_resources;
        case tcp::End::ShutDown:
            return CloseReason::shut_down;
    }
    return CloseReason::aborted;
}

/// A duration in the protocol's milliseconds; what exceeds 24 days is 24 days.
inline std::uint32_t to_ms(std::chrono::milliseconds duration) {
    constexpr std::int64_t kMost = 24LL * 24 * 3600 * 1000;
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(duration.count(), 0, kMost));
}

/// Section M: what the options say where the RFCs and Linux differ.
inline void take_conflicts(tcp::Config& config, const TcpOptions& options) {
    config.rfc1337 = options.rfc1337;
    config.answers_rejected_syn = options.tw_syn_reject == RejectedSyn::ack;
    config.new_timestamp_reopens = options.tw_syn_new_timestamp == NewTimestamp::accept;
    config.restarts_as_linux = options.tw_restart == TimeWaitRestart::linux_kernel;
    config.discards_for_orphan = options.orphan_data == OrphanData::discard;
    config.hard_error_aborts = options.icmp_hard == HardError::abort;
    config.soft_error_fails_open = options.icmp_soft_opening == SoftError::fail;
    config.takes_rst_after_fin = options.rst_after_fin;
    config.takes_rst_at_sack_edge = options.rst_at_sack_edge;
    config.close_wait_reset_is_epipe = options.close_wait_reset == CloseWaitReset::epipe;
    config.reset_flushes_unread = options.reset_unread == ResetUnread::flush;
    config.waits_after_reset = options.tw_after_reset;
    config.resets_half_open_on_syn = options.syn_received_syn == HalfOpenSyn::reset;
    config.needs_timestamp = options.missing_timestamp == MissingTimestamp::drop;
    config.takes_fin_at_shut_window = options.fin_at_zero_window == ShutWindowFin::accept;
    config.challenges_rst_in_tw = options.tw_rst_in_window == TimeWaitReset::ack;
    config.counts_passive_at_syn = options.passive_opens == PassiveOpen::syn;
    config.resets_orphan_exactly = options.orphan_data_reset == OrphanReset::seg_ack;
}

inline tcp::Config to_tcp_config(const TcpOptions& options) {
    tcp::Config config;
    config.msl_ms = to_ms(options.msl);
    config.fin_timeout_ms = to_ms(options.fin_timeout);
    config.fin_wait1_timeout_ms = to_ms(options.fin_wait1_timeout);
    config.closing_timeout_ms = to_ms(options.closing_timeout);
    config.last_ack_timeout_ms = to_ms(options.last_ack_timeout);
    config.close_wait_timeout_ms = to_ms(options.close_wait_timeout);
    config.user_timeout_ms = to_ms(options.user_timeout);
    config.syn_timeout_ms = to_ms(options.syn_timeout);
    config.synack_timeout_ms = to_ms(options.synack_timeout);
    config.rto_initial_ms = to_ms(options.rto_initial);
    config.rto_min_ms = to_ms(options.rto_min);
    config.rto_max_ms = to_ms(options.rto_max);
    config.delayed_ack_ms = to_ms(options.delayed_ack);
    config.persist_max_ms = to_ms(options.persist_max);
    config.keep_alive_idle_ms = to_ms(options.keep_alive_idle);
    config.keep_alive_interval_ms = to_ms(options.keep_alive_interval);
    config.keep_alive_count = options.keep_alive_count;
    config.invalid_rate_limit_ms = to_ms(options.invalid_rate_limit);
    config.syn_retries = options.syn_retries;
    config.syn_linear_timeouts = options.syn_linear_timeouts;
    config.synack_retries = options.synack_retries;
    config.retries1 = options.retries1;
    config.retries2 = options.retries2;
    config.orphan_retries = options.orphan_retries;
    config.receive_buffer_bytes = options.receive_buffer;
    config.send_buffer_bytes = options.send_buffer;
    config.timestamps = options.timestamps;
    config.window_scaling = options.window_scaling;
    config.sack = options.sack;
    config.dsack = options.dsack;
    config.abc_limit = options.abc_limit;
    config.nagle = options.nagle;
    config.mtu_probing = options.mtu_probing;
    take_conflicts(config, options);
    return config;
}

}  // namespace lastack::stack
