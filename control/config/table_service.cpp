// The keys of [[service]], by kind.
#include <array>

#include "control/config/service_table.hpp"
#include "control/config/tables.hpp"

namespace lastack::control {
namespace {

using service::ChargenOptions;
using service::DiscardOptions;
using service::EchoOptions;
using service::HttpOptions;
using service::LoadOptions;

constexpr std::string_view kEndpointExpected = "an endpoint such as \"198.18.0.2:80\" or \":80\"";
constexpr Range kConnections{1, 1LL << 28};
constexpr Range kWaitMs{1, kDayMs};
constexpr Range kAnyCount{0, 1LL << 62};

template <auto Member>
constexpr Key listen_key() {
    return text_key<Member>("listen", kEndpointExpected,
                            "Where to listen; without an address, on all of ours.");
}

template <auto Member>
constexpr Key connections_key() {
    return integer_key<Member>(
        "max_connections", kConnections,
        "Connections per worker, limits.max_connections at most; more are reset "
        "and counted.");
}

template <auto Member>
constexpr Key keep_alive_key() {
    return boolean_key<Member>("keep_alive", "TCP keep-alive, so that dead peers are noticed.");
}

constexpr std::array<std::string_view, 2> kHttpCloser{"server", "client"};

constexpr std::array kHttp{
    listen_key<&HttpOptions::listen>(),
    choice_key<&HttpOptions::first_closer, kHttpCloser>(
        "first_closer", "Who sends the first FIN; TIME-WAIT sits at that side."),
    connections_key<&HttpOptions::max_connections>(),
    size_key<&HttpOptions::max_target_bytes>("max_target_bytes", {16, 1 << 20},
                                             "Longest request target."),
    size_key<&HttpOptions::max_header_bytes>("max_header_bytes", {64, 1 << 20},
                                             "Longest header of a request."),
    integer_key<&HttpOptions::max_header_fields>("max_header_fields", {1, 10'000},
                                                 "Most fields in a request's header."),
    size_key<&HttpOptions::max_body_bytes>("max_body_bytes", kAnyCount, "Longest body."),
    duration_key<&HttpOptions::max_delay>("max_delay", {0, kDayMs}, "Longest /delay/MS."),
    duration_key<&HttpOptions::idle_timeout>("idle_timeout", kWaitMs,
                                             "How long an idle connection is kept."),
    duration_key<&HttpOptions::header_timeout>("header_timeout", kWaitMs,
                                               "How long a request's header may take."),
    duration_key<&HttpOptions::stall_timeout>("stall_timeout", kWaitMs,
                                              "How long a body may make no progress."),
    duration_key<&HttpOptions::close_wait>("close_wait", kWaitMs,
                                           "How long to wait for the client's FIN."),
    integer_key<&HttpOptions::max_pipeline_burst>("max_pipeline_burst", {1, 1 << 20},
                                                  "Requests answered in one go."),
};

constexpr std::array kEcho{
    listen_key<&EchoOptions::listen>(),
    connections_key<&EchoOptions::max_connections>(),
    keep_alive_key<&EchoOptions::keep_alive>(),
};

constexpr std::array kDiscard{
    listen_key<&DiscardOptions::listen>(),
    connections_key<&DiscardOptions::max_connections>(),
    keep_alive_key<&DiscardOptions::keep_alive>(),
};

constexpr std::array kChargen{
    listen_key<&ChargenOptions::listen>(),
    connections_key<&ChargenOptions::max_connections>(),
    keep_alive_key<&ChargenOptions::keep_alive>(),
};

constexpr std::array<std::string_view, 2> kLoadMode{"http", "echo"};
constexpr std::array<std::string_view, 2> kLoadCloser{"client", "server"};

constexpr std::array kLoad{
    choice_key<&LoadOptions::mode, kLoadMode>("mode", "What to speak."),
    text_key<&LoadOptions::target>("target", "an endpoint such as \"198.18.0.1:80\"",
                                   "The server to measure."),
    choice_key<&LoadOptions::first_closer, kLoadCloser>(
        "first_closer", "Who sends the first FIN; TIME-WAIT sits at that side."),
    integer_key<&LoadOptions::rate>("rate", {0, 100'000'000},
                                    "Connections begun per second; 0: as fast as they end."),
    integer_key<&LoadOptions::concurrency>(
        "concurrency", kConnections, "Without a rate: connections open at once; 1 where not set."),
    integer_key<&LoadOptions::max_connections>(
        "max_connections", kConnections,
        "With a rate: connections open at once, at most; limits.max_connections where not set."),
    integer_key<&LoadOptions::count>("count", kAnyCount, "Connections to measure; 0: no limit."),
    duration_key<&LoadOptions::duration>("duration", {0, 30 * kDayMs},
                                         "How long to measure; 0s: no limit."),
    duration_key<&LoadOptions::warm_up>("warm_up", {0, kDayMs},
                                        "How long to run before measuring."),
    list_key<&LoadOptions::local_addresses>(
        "local_addresses", "a list of addresses such as \"198.18.0.2\"",
        "Our addresses to open connections from, in turn; chosen where empty."),
    text_key<&LoadOptions::path>("path", "a path such as \"/bytes/1000\"", "What to ask for."),
    integer_key<&LoadOptions::requests_per_connection>("requests_per_connection", {1, 1 << 30},
                                                       "Exchanges on each connection."),
    boolean_key<&LoadOptions::post>("post", "POST payload_bytes instead of GET."),
    size_key<&LoadOptions::payload_bytes>("payload_bytes", {0, 1 << 30},
                                          "Bytes sent in each exchange."),
    duration_key<&LoadOptions::timeout>("timeout", kWaitMs,
                                        "How long one open, exchange or close may take."),
    boolean_key<&LoadOptions::abortive_close>(
        "abortive_close", "Close with RST in place of FIN (linger 0); needs first_closer client."),
    boolean_key<&LoadOptions::stay>("stay",
                                    "Go on running when this load is over, to be asked about it."),
    integer_key<&LoadOptions::max_burst>("max_burst", {0, 1 << 20},
                                         "Connections begun in one turn at most; 0: chosen."),
};

template <class T>
Section service_section(std::string_view kind, std::span<const Key> keys, std::string_view help) {
    return {.name = "service",
            .service_kind = kind,
            .repeated = true,
            .keys = keys,
            .help = help,
            .count = [](const Config& config) { return config.services.size(); },
            .at = [](Config& config, std::size_t index) -> void* {
                return std::get_if<T>(&config.services[index].options);
            },
            .append = [](Config& config) { config.services.push_back({.options = T()}); }};
}

}  // namespace

std::span<const Section> service_sections() {
    static const std::array sections{
        service_section<HttpOptions>("http", kHttp, "An HTTP/1.1 server."),
        service_section<EchoOptions>("echo", kEcho, "Sends back what it receives (RFC 862)."),
        service_section<DiscardOptions>("discard", kDiscard, "Reads and forgets (RFC 863)."),
        service_section<ChargenOptions>("chargen", kChargen, "Sends characters (RFC 864)."),
        service_section<LoadOptions>("load", kLoad, "A client that measures a server."),
    };
    return sections;
}

std::string_view ServiceConfig::kind() const {
    return service_sections()[options.index()].service_kind;
}

const Endpoint* ServiceConfig::listen() const {
    if (const auto* http = std::get_if<HttpOptions>(&options)) return &http->listen;
    if (const auto* echo = std::get_if<EchoOptions>(&options)) return &echo->listen;
    if (const auto* discard = std::get_if<DiscardOptions>(&options)) return &discard->listen;
    if (const auto* chargen = std::get_if<ChargenOptions>(&options)) return &chargen->listen;
    return nullptr;
}

}  // namespace lastack::control
