// Answers out: heads, the page, patterns, echoes and refusals.
#include <algorithm>

#include "service/http_server.hpp"
#include "service/pattern.hpp"

namespace lastack::service {
namespace {

Bytes as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

/// The slot and its generation in one word, for a delay's timer.
std::uint64_t cookie_of(std::uint32_t slot, std::uint32_t generation) {
    return std::uint64_t{slot} << 32 | generation;
}

}  // namespace

/// Answers a request whose body, if any, has been read.
void HttpServer::reply(HttpConnection& http) {
    if (http.route.kind == HttpRoute::Kind::delay) return reply_delayed(http);
    const bool with_body = http.request.method() != HttpMethod::head;
    HttpHead head = head_for(http, 200);
    if (http.route.kind == HttpRoute::Kind::page) {
        head.content_type = "text/html; charset=utf-8";
        head.content_length = http_page().size();
        if (with_body) http.text = as_bytes(http_page());
    } else {
        head.content_type = "application/octet-stream";
        head.content_length = http.route.number;
        http.pattern_at = 0;
        http.pattern_end = with_body ? http.route.number : 0;
    }
    append_head(http.output, head);
    http.phase = Phase::answering;
    pump(http);
}

void HttpServer::reply_delayed(HttpConnection& http) {
    const auto delay = std::chrono::milliseconds(http.route.number);
    const std::uint32_t slot = slots_.index_of(&http);
    http.delay = core_->start_timer(delay, *this, cookie_of(slot, http.generation));
    if (!http.delay.valid()) return refuse(http, 503, http.after);
    deadlines_.clear(slot);
    http.phase = Phase::delaying;
}

void HttpServer::on_timer(std::uint64_t cookie) {
    HttpConnection& http = slots_[static_cast<std::uint32_t>(cookie >> 32)];
    const bool ours =
        http.phase == Phase::delaying && http.generation == static_cast<std::uint32_t>(cookie);
    if (!ours) return;
    constexpr std::string_view kText = "You waited as long as you had asked.\n";
    HttpHead head = head_for(http, 200);
    head.content_length = kText.size();
    append_head(http.output, head);
    if (http.request.method() != HttpMethod::head) http.text = as_bytes(kText);
    http.phase = Phase::answering;
    pump(http);
}

/// Answers with an error. After::linger: the rest of the request is not read.
void HttpServer::refuse(HttpConnection& http, unsigned status, After after) {
    http.after = after;
    const std::string_view text = http_refusal_text(status);
    HttpHead head = head_for(http, status);
    head.content_length = text.size();
    head.allow = http.route.kind == HttpRoute::Kind::refused ? http.route.allow : "";
    append_head(http.output, head);
    if (http.request.method() != HttpMethod::head) http.text = as_bytes(text);
    http.phase = Phase::answering;
    pump(http);
}

/// Sends body bytes back as they come; returns how many of them were taken. In chunks, a chunk is
/// announced for the data at hand, which stays with the connection until all of it has been sent.
std::size_t HttpServer::echo(HttpConnection& http, Bytes data) {
    begin_echo(http);
    const bool chunked = http.request.body() == HttpBody::chunked;
    if (chunked && http.chunk_left == 0) {
        if (!http.output.flush(http.connection)) return 0;
        http.output.append_number(data.size(), 16);
        http.output.append("\r\n");
        http.chunk_left = data.size();
    }
    if (!http.output.flush(http.connection)) return 0;
    if (chunked) data = data.first(std::min<std::uint64_t>(data.size(), http.chunk_left));
    const std::size_t sent = http.connection.send(data);
    counts_.bytes_sent += sent;
    if (chunked) {
        http.chunk_left -= sent;
        if (http.chunk_left == 0) http.output.append("\r\n");
    }
    return sent;
}

void HttpServer::begin_echo(HttpConnection& http) {
    if (http.echo_begun) return;
    http.echo_begun = true;
    HttpHead head = head_for(http, 200);
    head.content_type = "application/octet-stream";
    head.chunked = http.request.body() == HttpBody::chunked;
    head.content_length = http.request.content_length();
    append_head(http.output, head);
}

void HttpServer::end_echo(HttpConnection& http) {
    begin_echo(http);
    if (http.request.body() == HttpBody::chunked) http.output.append("0\r\n\r\n");
    http.phase = Phase::answering;
    pump(http);
}

/// Sends what there is room for, in order; on_writable calls again until the answer is out.
void HttpServer::pump(HttpConnection& http) {
    bool all = http.output.flush(http.connection);
    if (all && !http.text.empty()) {
        http.text = http.text.subspan(http.connection.send(http.text));
        all = http.text.empty();
    }
    if (all && http.pattern_at < http.pattern_end) {
        const std::uint64_t left = http.pattern_end - http.pattern_at;
        const std::uint64_t sent = send_pattern(http.connection, http.pattern_at, left);
        http.pattern_at += sent;
        counts_.bytes_sent += sent;
        all = sent == left;
    }
    if (all) return finish_answer(http);
    wait_for(http, kStall);  // it is called where there is room, so this is progress
}

/// What every head says: the status, and how the connection goes on.
HttpHead HttpServer::head_for(HttpConnection& http, unsigned status) {
    count_status(status);
    HttpHead head{.status = status,
                  .content_type = "text/plain; charset=utf-8",
                  .allow = {},
                  .persistence = HttpHead::Persistence::implied,
                  .chunked = false,
                  .content_length = 0};
    if (http.after != After::keep_alive) {
        head.persistence = HttpHead::Persistence::says_close;
    } else if (http.request.is_http_1_0()) {
        head.persistence = HttpHead::Persistence::says_keep_alive;
    }
    return head;
}

void HttpServer::count_status(unsigned status) {
    ++counts_.answers;
    ++counts_.by_class[status / 100];
}

}  // namespace lastack::service
