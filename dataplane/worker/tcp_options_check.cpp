#include "worker/tcp_options_check.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "worker/require.hpp"

namespace lastack::worker {

namespace {

using std::chrono::milliseconds;

// Under 2^31 ms, the farthest that an instant of 32 bits can be told to lie ahead.
constexpr milliseconds kFarthest = std::chrono::hours(24 * 24);

struct Span {
    milliseconds least;
    milliseconds most;
};

std::string text_of(milliseconds duration) {
    return std::to_string(duration.count()) + " ms";
}

void check_span(const std::string& name, milliseconds value, const Span& span) {
    require(value >= span.least && value <= span.most, "tcp." + name,
            text_of(value) + " is out of range",
            "give " + text_of(span.least) + " to " + text_of(span.most));
}

void check_spans(const TcpOptions& tcp) {
    constexpr milliseconds kZero{0};
    constexpr milliseconds kOne{1};
    check_span("msl", tcp.msl, {kOne, kFarthest / 2});               // 2MSL is waited for
    check_span("fin_timeout", tcp.fin_timeout, {kZero, kFarthest});  // 0: no limit (M-7)
    check_span("quiet_time", tcp.quiet_time, {kZero, kFarthest});
    check_span("fin_wait1_timeout", tcp.fin_wait1_timeout, {kZero, kFarthest});
    check_span("closing_timeout", tcp.closing_timeout, {kZero, kFarthest});
    check_span("last_ack_timeout", tcp.last_ack_timeout, {kZero, kFarthest});
    check_span("close_wait_timeout", tcp.close_wait_timeout, {kZero, kFarthest});
    check_span("syn_timeout", tcp.syn_timeout, {kZero, std::chrono::hours(1)});
    check_span("synack_timeout", tcp.synack_timeout, {kZero, std::chrono::hours(1)});
    check_span("user_timeout", tcp.user_timeout, {kZero, kFarthest});
    check_span("persist_max", tcp.persist_max, {kOne, kFarthest});
    check_span("keep_alive_idle", tcp.keep_alive_idle, {kOne, kFarthest});
    check_span("keep_alive_interval", tcp.keep_alive_interval, {kOne, kFarthest});
    check_span("tw_reuse_delay", tcp.tw_reuse_delay, {kOne, std::chrono::minutes(1)});
    check_span("invalid_rate_limit", tcp.invalid_rate_limit, {kZero, kFarthest});
    check_span("delayed_ack", tcp.delayed_ack, {kZero, milliseconds(499)});  // RFC 9293 MUST-40
}

void check_order(const char* low_name, milliseconds low, const char* high_name, milliseconds high) {
    require(low <= high, std::string("tcp.") + low_name,
            text_of(low) + " is above tcp." + high_name + " (" + text_of(high) + ")",
            "give rto_min <= rto_initial <= rto_max");
}

void check_retransmission(const TcpOptions& tcp) {
    check_span("rto_min", tcp.rto_min, {milliseconds(1), kFarthest});
    check_order("rto_min", tcp.rto_min, "rto_initial", tcp.rto_initial);
    check_order("rto_initial", tcp.rto_initial, "rto_max", tcp.rto_max);
    check_span("rto_max", tcp.rto_max, {milliseconds(1), std::chrono::hours(24)});
    struct Retries {
        const char* name;
        std::uint8_t count;
    };
    for (const Retries& retries :
         {Retries{"retries1", tcp.retries1}, Retries{"retries2", tcp.retries2},
          Retries{"orphan_retries", tcp.orphan_retries}}) {
        require((retries.count + 1) * tcp.rto_max <= kFarthest, std::string("tcp.") + retries.name,
                std::to_string(retries.count) + " retransmissions, up to " + text_of(tcp.rto_max) +
                    " apart, may take more than 24 days",
                "lower it, or tcp.rto_max");
    }
}

void check_buffer(const std::string& name, std::uint32_t bytes) {
    constexpr std::uint32_t kLeast = 2'048;
    constexpr std::uint32_t kMost = 65'535U << 14;  // RFC 7323 2.3: a shift of at most 14
    require(bytes >= kLeast && bytes <= kMost, "tcp." + name,
            std::to_string(bytes) + " is out of range",
            "give " + std::to_string(kLeast) + " to " + std::to_string(kMost));
}

void check_ports(const TcpOptions& tcp) {
    require(tcp.port_first >= 1 && tcp.port_first <= tcp.port_last, "tcp.port_first",
            "the range of local ports is empty", "give tcp.port_first <= tcp.port_last");
    const auto reserved = [&](std::uint32_t port) {
        return std::ranges::any_of(tcp.port_reserved, [port](const PortSpan& span) {
            return port >= span.first && port <= span.last;
        });
    };
    std::uint32_t port = tcp.port_first;
    while (port <= tcp.port_last && reserved(port)) ++port;
    require(port <= tcp.port_last, "tcp.port_reserved",
            "no port from tcp.port_first to tcp.port_last is left", "reserve fewer");
    require(tcp.port_probes >= 1, "tcp.port_probes", "it is 0", "give at least 1");
}

}  // namespace

void check_tcp_options(const TcpOptions& tcp) {
    check_spans(tcp);
    check_retransmission(tcp);
    check_buffer("receive_buffer", tcp.receive_buffer);
    check_buffer("send_buffer", tcp.send_buffer);
    check_ports(tcp);
    require(tcp.keep_alive_count >= 1, "tcp.keep_alive_count", "it is 0", "give at least 1");
}

}  // namespace lastack::worker
