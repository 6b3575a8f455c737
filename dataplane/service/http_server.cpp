// The life of the HTTP server's connections.
#include "service/http_server.hpp"

#include "service/json.hpp"
#include "service/pattern.hpp"
#include "service/server.hpp"

namespace lastack::service {

bool HttpServer::start(Core& core, const std::function<void(std::string_view)>& complain) {
    core_ = &core;
    slots_.reserve(options_.max_connections);
    (void)pattern_at(0, 1);  // makes the pattern now, not under the first request
    deadlines_.start(core, *this, options_.max_connections,
                     {options_.idle_timeout, options_.header_timeout, options_.stall_timeout,
                      options_.close_wait, std::chrono::nanoseconds(0)});
    const ListenResult result = core.listen(options_.listen, *this, {.reuse_address = true});
    if (!result) {
        complain(listen_complaint("http", options_.listen, result.error));
        return false;
    }
    listener_ = result.listener;
    return true;
}

/// Idle connections are closed; the others after the answer under way.
void HttpServer::drain() {
    if (listener_.valid()) core_->stop_listening(listener_);
    listener_ = {};
    draining_ = true;
    for (HttpConnection& http : slots_.all()) {
        if (http.phase == Phase::idle) close_now(http);
    }
}

void HttpServer::on_open(Connection connection) {
    HttpConnection* http = slots_.acquire();
    if (http == nullptr) {
        ++counts_.refused;
        connection.abort();
        return;
    }
    ++counts_.accepted;
    const std::uint32_t generation = http->generation + 1;
    *http = HttpConnection();
    http->connection = connection;
    http->generation = generation;
    http->phase = Phase::idle;
    connection.set_context(http);
    // An answer's last, short segment shall not wait for the peer's delayed ACK (Nagle's
    // algorithm).
    connection.set_option(Option::no_delay, 1);
    wait_for(*http, kIdle);
}

std::size_t HttpServer::on_data(Connection connection, std::span<const Bytes> pieces) {
    auto* http = static_cast<HttpConnection*>(connection.context());
    if (http == nullptr) return total_bytes(pieces);
    in_data_ = true;
    http->left_unread = false;
    http->burst_left = options_.max_pipeline_burst;
    std::size_t used = 0;
    for (const Bytes piece : pieces) {
        const std::size_t n = read(*http, piece);
        used += n;
        if (n == piece.size()) continue;
        http->left_unread = true;
        break;
    }
    in_data_ = false;
    return used;
}

void HttpServer::on_writable(Connection connection) {
    auto* http = static_cast<HttpConnection*>(connection.context());
    if (http == nullptr) return;
    if (http->phase == Phase::answering) pump(*http);
    if (http->phase == Phase::body) http->output.flush(connection);
    ask_for_more(*http);
}

/// All that the peer sent has been read by now. A request that is not complete never will be.
void HttpServer::on_peer_closed(Connection connection) {
    auto* http = static_cast<HttpConnection*>(connection.context());
    if (http == nullptr) return;
    http->peer_closed = true;
    switch (http->phase) {
        case Phase::idle:
        case Phase::yielding:
        case Phase::awaiting_peer:
        case Phase::lingering:
            close_now(*http);
            return;
        case Phase::head:
            ++counts_.cut_short;
            refuse(*http, 400, After::close);
            return;
        case Phase::body:
            ++counts_.cut_short;
            if (!http->echo_begun) return refuse(*http, 400, After::close);
            return abort_now(*http);  // a FIN would look like the end of a complete answer
        case Phase::delaying:
        case Phase::answering:  // half-close: the answer still goes out, then we close
        case Phase::closed:
        case Phase::unused:
            return;
    }
}

void HttpServer::on_closed(Connection connection, CloseReason reason) {
    auto* http = static_cast<HttpConnection*>(connection.context());
    if (http == nullptr) return;  // refused in on_open
    ++counts_.ended[static_cast<std::size_t>(reason)];
    if (http->phase == Phase::delaying) core_->cancel_timer(http->delay);
    deadlines_.clear(slots_.index_of(http));
    http->phase = Phase::unused;
    http->connection = {};
    slots_.release(http);
}

void HttpServer::on_deadline(std::uint32_t slot, unsigned queue) {
    HttpConnection& http = slots_[slot];
    switch (static_cast<Queue>(queue)) {
        case kIdle:
            ++counts_.timeouts_idle;
            close_now(http);
            return;
        case kHeader:
            ++counts_.timeouts_header;
            refuse(http, 408, After::linger);
            return;
        case kStall:
            ++counts_.timeouts_stall;
            stalled(http);
            return;
        case kCloseWait:
            ++counts_.timeouts_close;
            close_now(http);
            return;
        case kYield:
            if (draining_ && !http.left_unread) return close_now(http);
            http.phase = Phase::idle;
            wait_for(http, kIdle);
            ask_for_more(http);
            return;
    }
}

/// No progress: the request's body stopped, or the peer does not take the answer.
void HttpServer::stalled(HttpConnection& http) {
    const bool answer_begun = http.phase != Phase::body || http.echo_begun || !http.output.empty();
    if (answer_begun) return abort_now(http);
    refuse(http, 408, After::linger);
}

/// The answer is in the send buffer, to its last byte.
void HttpServer::finish_answer(HttpConnection& http) {
    if (draining_ && http.after == After::keep_alive) {
        http.after = http.left_unread ? After::linger : After::close;
    }
    if (http.peer_closed || http.after != After::keep_alive) return end_connection(http);
    http.request.reset();
    http.phase = Phase::idle;
    if (in_data_ && --http.burst_left == 0) {
        http.phase = Phase::yielding;
        return wait_for(http, kYield);
    }
    wait_for(http, kIdle);
    ask_for_more(http);
}

void HttpServer::end_connection(HttpConnection& http) {
    if (http.peer_closed) return close_now(http);
    if (options_.first_closer == HttpOptions::FirstCloser::client) {
        http.phase = Phase::awaiting_peer;
    } else if (http.after == After::linger) {
        http.phase = Phase::lingering;
        http.connection.shutdown_write();
    } else {
        return close_now(http);
    }
    wait_for(http, kCloseWait);
    ask_for_more(http);  // to throw it away
}

void HttpServer::close_now(HttpConnection& http) {
    deadlines_.clear(slots_.index_of(&http));
    http.phase = Phase::closed;
    http.connection.close();
}

void HttpServer::abort_now(HttpConnection& http) {
    deadlines_.clear(slots_.index_of(&http));
    http.phase = Phase::closed;
    http.connection.abort();
}

void HttpServer::ask_for_more(HttpConnection& http) {
    if (!http.left_unread || in_data_) return;
    switch (http.phase) {
        case Phase::idle:
        case Phase::head:
        case Phase::body:
        case Phase::awaiting_peer:
        case Phase::lingering:
            http.connection.resume();
            return;
        case Phase::delaying:
        case Phase::answering:
        case Phase::yielding:
        case Phase::closed:
        case Phase::unused:
            return;
    }
}

std::string HttpServer::report() const {
    JsonObject ended;
    for (std::size_t i = 0; i < counts_.ended.size(); ++i) {
        if (counts_.ended[i] != 0) ended.add(name(static_cast<CloseReason>(i)), counts_.ended[i]);
    }
    return JsonObject()
        .add("service", "http")
        .add("listen", options_.listen.to_string())
        .add("open", slots_.in_use())
        .add("accepted", counts_.accepted)
        .add("refused", counts_.refused)
        .add("requests", counts_.requests)
        .add("answers", counts_.answers)
        .add("answers_2xx", counts_.by_class[2])
        .add("answers_4xx", counts_.by_class[4])
        .add("answers_5xx", counts_.by_class[5])
        .add("body_bytes_sent", counts_.bytes_sent)
        .add("idle_timeouts", counts_.timeouts_idle)
        .add("header_timeouts", counts_.timeouts_header)
        .add("stall_timeouts", counts_.timeouts_stall)
        .add("close_wait_timeouts", counts_.timeouts_close)
        .add("cut_short", counts_.cut_short)
        .add("ended", ended)
        .text();
}

ApplicationFactory make_http(HttpOptions options) {
    return [options](unsigned) { return std::make_unique<HttpServer>(options); };
}

}  // namespace lastack::service
