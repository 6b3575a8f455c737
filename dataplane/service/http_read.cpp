// Requests in: bytes become a request, its body is echoed or read to its end.
#include <algorithm>

#include "service/http_server.hpp"

namespace lastack::service {

/// Reads as far as it can; what is left stays with the connection. Every turn of the loop uses
/// bytes or changes the phase, or it ends.
std::size_t HttpServer::read(HttpConnection& http, Bytes bytes) {
    std::size_t used = 0;
    while (used < bytes.size()) {
        const Bytes rest = bytes.subspan(used);
        const Phase before = http.phase;
        std::size_t n = 0;
        switch (http.phase) {
            case Phase::idle:
            case Phase::head:
                n = read_head(http, rest);
                break;
            case Phase::body:
                n = read_body(http, rest);
                break;
            case Phase::delaying:
            case Phase::answering:
            case Phase::yielding:
                return used;
            case Phase::awaiting_peer:
            case Phase::lingering:
            case Phase::closed:
            case Phase::unused:
                return bytes.size();
        }
        used += n;
        if (n == 0 && http.phase == before) return used;
    }
    return used;
}

std::size_t HttpServer::read_head(HttpConnection& http, Bytes bytes) {
    const HttpRequest::Limits limits{.max_target_bytes = options_.max_target_bytes,
                                     .fields = {.max_bytes = options_.max_header_bytes,
                                                .max_fields = options_.max_header_fields}};
    const std::size_t used = http.request.feed(bytes, limits);
    switch (http.request.status()) {
        case HttpRequest::Status::reading:
            if (http.phase == Phase::idle) wait_for(http, kHeader);
            http.phase = Phase::head;
            break;
        case HttpRequest::Status::ready:
            begin_request(http);
            break;
        case HttpRequest::Status::refused:
            refuse(http, http.request.refusal(), After::linger);
            break;
    }
    return used;
}

/// The header is complete and sound.
void HttpServer::begin_request(HttpConnection& http) {
    ++counts_.requests;
    const HttpRequest& request = http.request;
    http.after = request.wants_keep_alive() && !draining_ ? After::keep_alive : After::close;
    http.route = route_of(request.method(), request.path(),
                          static_cast<std::uint64_t>(options_.max_delay.count()));
    const bool has_body = request.body() != HttpBody::none;
    if (http.route.kind == HttpRoute::Kind::refused) {
        // With a body under way the rest is refused too, rather than read for nothing.
        return refuse(http, http.route.status, has_body ? After::linger : http.after);
    }
    if (request.body() == HttpBody::length && request.content_length() > options_.max_body_bytes) {
        return refuse(http, 413, After::linger);
    }
    begin_body(http);
    if (!has_body) end_body(http);
}

void HttpServer::begin_body(HttpConnection& http) {
    http.phase = Phase::body;
    http.chunks.reset();
    http.body_left = http.request.content_length();
    http.body_seen = 0;
    http.chunk_left = 0;
    http.echo_begun = false;
    if (http.request.body() == HttpBody::none) return;
    wait_for(http, kStall);
    if (http.request.expects_continue()) {
        http.output.append("HTTP/1.1 100 Continue\r\n\r\n");
        http.output.flush(http.connection);
    }
}

std::size_t HttpServer::read_body(HttpConnection& http, Bytes bytes) {
    std::size_t used = 0;
    if (http.request.body() == HttpBody::chunked) {
        used = read_chunks(http, bytes);
    } else {
        used = use_body(http, bytes.first(std::min<std::uint64_t>(bytes.size(), http.body_left)));
        http.body_left -= used;
    }
    if (http.phase != Phase::body) return used;  // refused meanwhile
    if (used > 0) wait_for(http, kStall);
    if (body_complete(http)) end_body(http);
    return used;
}

/// One run of framing and the data behind it.
std::size_t HttpServer::read_chunks(HttpConnection& http, Bytes bytes) {
    std::size_t used = http.chunks.skip_framing(bytes);
    if (http.chunks.status() == HttpChunks::Status::malformed) {
        http.echo_begun ? abort_now(http) : refuse(http, 400, After::linger);
        return used;
    }
    const std::uint64_t available =
        std::min<std::uint64_t>(bytes.size() - used, http.chunks.data_left());
    if (http.body_seen + http.chunks.data_left() > options_.max_body_bytes) {
        http.echo_begun ? abort_now(http) : refuse(http, 413, After::linger);
        return used;
    }
    if (available == 0) return used;
    const std::size_t n = use_body(http, bytes.subspan(used, available));
    http.chunks.take_data(n);
    http.body_seen += n;
    return used + n;
}

/// Echoes data or, where the route has no use for a body, reads it to its end.
std::size_t HttpServer::use_body(HttpConnection& http, Bytes data) {
    return http.route.kind == HttpRoute::Kind::echo ? echo(http, data) : data.size();
}

bool HttpServer::body_complete(const HttpConnection& http) const {
    if (http.request.body() == HttpBody::chunked) {
        return http.chunks.status() == HttpChunks::Status::done;
    }
    return http.body_left == 0;
}

void HttpServer::end_body(HttpConnection& http) {
    if (http.route.kind == HttpRoute::Kind::echo) {
        end_echo(http);
    } else {
        reply(http);
    }
}

}  // namespace lastack::service
