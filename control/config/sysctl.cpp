#include "control/config/sysctl.hpp"

#include <array>

namespace lastack::control {
namespace {

using Unit = Sysctl::Unit;

constexpr std::array kSysctls{
    Sysctl{"tcp_fin_timeout", "tcp", "fin_timeout", Unit::fin_seconds},
    Sysctl{"tcp_max_tw_buckets", "limits", "max_time_wait", Unit::number},
    Sysctl{"tcp_rfc1337", "tcp", "rfc1337", Unit::flag},
    Sysctl{"tcp_syncookies", "tcp", "syn_cookies", Unit::cookies},
    Sysctl{"tcp_tw_reuse", "tcp", "tw_reuse", Unit::reuse},
    Sysctl{"tcp_tw_reuse_delay", "tcp", "tw_reuse_delay", Unit::milliseconds},
    Sysctl{"tcp_orphan_retries", "tcp", "orphan_retries", Unit::number},
    Sysctl{"tcp_max_orphans", "limits", "max_orphans", Unit::number},
    Sysctl{"tcp_retries1", "tcp", "retries1", Unit::number},
    Sysctl{"tcp_retries2", "tcp", "retries2", Unit::number},
    Sysctl{"tcp_syn_retries", "tcp", "syn_retries", Unit::number},
    Sysctl{"tcp_syn_linear_timeouts", "tcp", "syn_linear_timeouts", Unit::number},
    Sysctl{"tcp_synack_retries", "tcp", "synack_retries", Unit::number},
    Sysctl{"tcp_keepalive_time", "tcp", "keep_alive_idle", Unit::seconds},
    Sysctl{"tcp_keepalive_intvl", "tcp", "keep_alive_interval", Unit::seconds},
    Sysctl{"tcp_keepalive_probes", "tcp", "keep_alive_count", Unit::number},
    Sysctl{"tcp_rto_min_us", "tcp", "rto_min", Unit::microseconds},
    Sysctl{"tcp_rto_max_ms", "tcp", "rto_max", Unit::milliseconds},
    Sysctl{"tcp_max_syn_backlog", "limits", "max_half_open", Unit::number},
    Sysctl{"tcp_invalid_ratelimit", "tcp", "invalid_rate_limit", Unit::milliseconds},
    Sysctl{"tcp_timestamps", "tcp", "timestamps", Unit::flag},
    Sysctl{"tcp_sack", "tcp", "sack", Unit::flag},
    Sysctl{"tcp_dsack", "tcp", "dsack", Unit::flag},
    Sysctl{"tcp_window_scaling", "tcp", "window_scaling", Unit::flag},
    Sysctl{"tcp_mtu_probing", "tcp", "mtu_probing", Unit::flag},
    Sysctl{"ip_local_port_range", "tcp", "port_first", Unit::port_range},
    Sysctl{"ip_local_reserved_ports", "tcp", "port_reserved", Unit::port_list},
    Sysctl{"ip_default_ttl", "ip", "ttl", Unit::number},

    // Known to users of Linux, and not built: the answer says so instead of "unknown".
    Sysctl{"tcp_abort_on_overflow", "", "", Unit::number},
    Sysctl{"tcp_challenge_ack_limit", "", "", Unit::number},
    Sysctl{"tcp_ecn", "", "", Unit::number},
    Sysctl{"tcp_slow_start_after_idle", "", "", Unit::number},
    Sysctl{"tcp_fastopen", "", "", Unit::number},
    Sysctl{"tcp_congestion_control", "", "", Unit::number},
    Sysctl{"tcp_rmem", "", "", Unit::number},
    Sysctl{"tcp_wmem", "", "", Unit::number},
};

}  // namespace

std::span<const Sysctl> all_sysctls() {
    return kSysctls;
}

const Sysctl* find_sysctl(std::string_view name) {
    for (const Sysctl& sysctl : kSysctls) {
        if (sysctl.name == name) return &sysctl;
    }
    return nullptr;
}

Value from_sysctl(Sysctl::Unit unit, std::int64_t number) {
    constexpr std::int64_t kLongest = 1LL << 40;  // far beyond every range, and cannot overflow
    switch (unit) {
        case Unit::number:
        case Unit::milliseconds:
            return number;
        case Unit::seconds:
            if (number < -kLongest || number > kLongest) return {};
            return number * 1'000;
        case Unit::fin_seconds:
            // Linux's 0 is the shortest, and not, as ours, "without limit" (D-3 is its floor).
            if (number == 0) return std::int64_t{1};
            return from_sysctl(Unit::seconds, number);
        case Unit::flag:
            if (number != 0 && number != 1) return {};
            return number == 1;
        case Unit::cookies:
            if (number == 0) return std::string("never");
            if (number == 1) return std::string("when_full");
            if (number == 2) return std::string("always");
            return {};
        case Unit::reuse:
            if (number == 0) return std::string("never");
            if (number == 1) return std::string("any");
            if (number == 2) return std::string("loopback");
            return {};
        case Unit::microseconds:
            if (number < 0 || number > kLongest) return {};
            return (number + 999) / 1'000;
        case Unit::port_range:
        case Unit::port_list:
            break;
    }
    return {};
}

std::string_view sysctl_expectation(Sysctl::Unit unit) {
    switch (unit) {
        case Unit::number:
            return "a number";
        case Unit::microseconds:
            return "a number of microseconds";
        case Unit::seconds:
        case Unit::fin_seconds:
            return "a number of seconds";
        case Unit::milliseconds:
            return "a number of milliseconds";
        case Unit::flag:
            return "0 or 1";
        case Unit::cookies:
            return "0 (never), 1 (when the SYN queue is full) or 2 (always)";
        case Unit::reuse:
            return "0 (never), 1 (any destination) or 2 (loopback only)";
        case Unit::port_list:
            return "ports and ranges such as \"8080,9000-9100\"";
        case Unit::port_range:
            break;
    }
    return "two ports such as \"32768 60999\"";
}

}  // namespace lastack::control
