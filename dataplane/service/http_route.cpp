#include "service/http_route.hpp"

#include <charconv>
#include <optional>

namespace lastack::service {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 40;

HttpRoute refused(unsigned status, std::string_view allow = {}) {
    return {.kind = HttpRoute::Kind::refused, .number = 0, .status = status, .allow = allow};
}

/// A decimal number of digits only, at most `max`.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t max) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, value);
    if (text.empty() || problem != std::errc{} || stop != end || value > max) return std::nullopt;
    return value;
}

HttpRoute numbered(HttpRoute::Kind kind, std::string_view text, std::uint64_t max) {
    const auto number = parse_number(text, max);
    if (!number) return refused(400);
    return {.kind = kind, .number = *number, .status = 200, .allow = {}};
}

/// The route that the path names, whatever the method.
HttpRoute route_of_path(std::string_view path, std::uint64_t max_delay_ms) {
    constexpr std::string_view kBytes = "/bytes/";
    constexpr std::string_view kDelay = "/delay/";
    if (path == "/")
        return {.kind = HttpRoute::Kind::page, .number = 0, .status = 200, .allow = {}};
    if (path == "/echo") {
        return {.kind = HttpRoute::Kind::echo, .number = 0, .status = 200, .allow = {}};
    }
    if (path.starts_with(kBytes)) {
        return numbered(HttpRoute::Kind::bytes, path.substr(kBytes.size()), kMaxBytes);
    }
    if (path.starts_with(kDelay)) {
        return numbered(HttpRoute::Kind::delay, path.substr(kDelay.size()), max_delay_ms);
    }
    return refused(404);
}

}  // namespace

HttpRoute route_of(HttpMethod method, std::string_view path, std::uint64_t max_delay_ms) {
    // RFC 9110 9.3.7: "OPTIONS *" is about the server; it has no options to tell.
    if (path == "*") return method == HttpMethod::other ? refused(405, "GET, HEAD") : refused(400);
    const HttpRoute route = route_of_path(path, max_delay_ms);
    if (route.kind == HttpRoute::Kind::refused) return route;
    const bool takes_body = route.kind == HttpRoute::Kind::echo;
    switch (method) {
        case HttpMethod::get:
        case HttpMethod::head:
            if (takes_body) return refused(405, "POST, PUT");
            return route;
        case HttpMethod::post:
        case HttpMethod::put:
            if (!takes_body) return refused(405, "GET, HEAD");
            return route;
        case HttpMethod::other:
        case HttpMethod::unknown:
            return refused(405, takes_body ? "POST, PUT" : "GET, HEAD");
    }
    return refused(501);
}

}  // namespace lastack::service
