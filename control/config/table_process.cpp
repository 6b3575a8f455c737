// The keys of [limits], [worker], [debug] and [control].
#include <array>

#include "control/config.hpp"
#include "control/config/tables.hpp"

namespace lastack::control {
namespace {

constexpr std::int64_t kMostRecords = 1LL << 28;

constexpr std::array kLimits{
    integer_key<&LimitOptions::max_connections>(
        "max_connections", {1, kMostRecords}, "Connections from SYN-SENT to LAST-ACK, per worker."),
    integer_key<&LimitOptions::max_time_wait>(
        "max_time_wait", {1, kMostRecords},
        "Records in TIME-WAIT, per worker; the oldest makes room for a new one."),
    integer_key<&LimitOptions::max_half_open>(
        "max_half_open", {1, kMostRecords},
        "Connections in SYN-RECEIVED from a listener, per worker."),
    integer_key<&LimitOptions::max_orphans>(
        "max_orphans", {0, kMostRecords},
        "Connections that no application owns any more, per worker; beyond it close() resets."),
    integer_key<&LimitOptions::max_listeners>("max_listeners", {1, 65'535},
                                              "Listeners, per worker."),
    integer_key<&LimitOptions::max_timers>("max_timers", {0, 1 << 24},
                                           "Timers of applications, per worker."),
    integer_key<&LimitOptions::mbufs>("mbufs", {512, 1 << 26},
                                      "Buffers for receiving, per worker."),
    integer_key<&LimitOptions::trace_events>(
        "trace_events", {0, 1 << 24},
        "Segments and state changes remembered, per worker; 0 switches the trace off."),
};

constexpr std::array<std::string_view, 2> kIdleNames{"busy", "adaptive"};

constexpr std::array kWorker{
    choice_key<&WorkerOptions::idle, kIdleNames>(
        "idle", "What to do without work: spin (busy), or spin, pause, then sleep (adaptive)."),
    integer_key<&WorkerOptions::burst>("burst", {1, 256}, "Frames per receive call."),
    integer_key<&WorkerOptions::expire_budget>("expire_budget", {1, 1 << 20},
                                               "Timers that one turn lets expire at most."),
    integer_key<&WorkerOptions::core>("core", {0, 1'023},
                                      "The CPU to run on; chosen at start where not set."),
};

constexpr std::array kDebug{
    boolean_key<&DebugOptions::replay>(
        "replay", "Fixed secrets, and time from the capture; only with net_pcap ports."),
};

constexpr std::array<std::string_view, 4> kLevelNames{"debug", "info", "warning", "error"};

constexpr std::array kControl{
    text_key<&ControlOptions::socket>("socket", "a path of at most 107 characters",
                                      "The unix socket (mode 0600) that lastackctl speaks to."),
    duration_key<&ControlOptions::drain_patience>(
        "drain_patience", {0, kDayMs}, "How long SIGTERM and drain let open connections finish."),
    choice_key<&ControlOptions::log_level, kLevelNames>("log_level",
                                                        "The least important message to log."),
};

}  // namespace

std::span<const Key> limit_keys() {
    return kLimits;
}
std::span<const Key> worker_keys() {
    return kWorker;
}
std::span<const Key> debug_keys() {
    return kDebug;
}
std::span<const Key> control_keys() {
    return kControl;
}

}  // namespace lastack::control
