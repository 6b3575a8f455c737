// The HTTP server of one core: connections, and how a request becomes an answer.
//
// A connection does one thing at a time; its phase says which. What arrives while an answer is
// under way is not read, holds the window shut, and is asked for again: that is what bounds
// pipelining.
//
//     idle -> head -> body (echo it, or read it to its end) -> answering -> idle
//       ^       \-> delaying (/delay) ------------------------^      |
//       |        \-> yielding <-- max_pipeline_burst answered        | close after this answer
//       \------------/                                               v
//                       close() at once | awaiting_peer (client closes first) | lingering
//
// lingering: the answer refused the rest of a request, so our FIN goes first and what still arrives
// is thrown away until the peer's FIN; to close with it unread would be a reset, which can destroy
// the answer on its way (RFC 9112 9.6). Both waits are bounded by close_wait.
//
// Files: http_server.cpp lives with connections, http_read.cpp reads requests, http_reply.cpp
// writes.
#pragma once

#include <array>
#include <cstdint>

#include "service/deadlines.hpp"
#include "service/http.hpp"
#include "service/http_chunks.hpp"
#include "service/http_request.hpp"
#include "service/http_route.hpp"
#include "service/http_text.hpp"
#include "service/slots.hpp"

namespace lastack::service {

/// One connection's state; a slot of a fixed pool.
struct HttpConnection {
    enum class Phase : std::uint8_t {
        unused,
        idle,
        head,
        body,
        delaying,
        answering,
        yielding,
        awaiting_peer,
        lingering,
        closed
    };
    /// How the connection goes on after the answer under way.
    enum class After : std::uint8_t { keep_alive, close, linger };

    Connection connection;
    Phase phase = Phase::unused;
    After after = After::keep_alive;
    bool peer_closed = false;
    bool left_unread = false;      ///< on_data left bytes; resume() when we can go on.
    bool echo_begun = false;       ///< The head of the echo's answer is written.
    std::uint32_t generation = 0;  ///< Of the slot: tells an old delay timer from a new one.
    std::uint32_t burst_left = 0;

    HttpRequest request;
    HttpRoute route;
    HttpChunks chunks;
    std::uint64_t body_left = 0;   ///< Of a body with Content-Length.
    std::uint64_t body_seen = 0;   ///< Of a chunked body.
    std::uint64_t chunk_left = 0;  ///< Of the echo's chunk under way, still to be sent.

    HttpOutput output;  ///< Goes first; then the text, then the pattern.
    Bytes text;
    std::uint64_t pattern_at = 0;
    std::uint64_t pattern_end = 0;
    Timer delay;
};

class HttpServer final : public Application,
                         public Handler,
                         public TimerHandler,
                         public DeadlineOwner {
  public:
    explicit HttpServer(const HttpOptions& options) : options_(options) {}

    bool start(Core& core, const std::function<void(std::string_view)>& complain) override;
    void drain() override;
    std::string report() const override;

    void on_open(Connection connection) override;
    std::size_t on_data(Connection connection, std::span<const Bytes> pieces) override;
    void on_writable(Connection connection) override;
    void on_peer_closed(Connection connection) override;
    void on_closed(Connection connection, CloseReason reason) override;
    void on_timer(std::uint64_t cookie) override;
    void on_deadline(std::uint32_t slot, unsigned queue) override;

  private:
    using Phase = HttpConnection::Phase;
    using After = HttpConnection::After;
    enum Queue : unsigned { kIdle, kHeader, kStall, kCloseWait, kYield };

    // http_server.cpp: the life of a connection
    void finish_answer(HttpConnection& http);
    void end_connection(HttpConnection& http);
    void close_now(HttpConnection& http);
    void abort_now(HttpConnection& http);
    void ask_for_more(HttpConnection& http);
    void stalled(HttpConnection& http);
    void wait_for(HttpConnection& http, Queue queue) {
        deadlines_.set(slots_.index_of(&http), queue);
    }

    // http_read.cpp: requests in
    std::size_t read(HttpConnection& http, Bytes bytes);
    std::size_t read_head(HttpConnection& http, Bytes bytes);
    std::size_t read_body(HttpConnection& http, Bytes bytes);
    std::size_t read_chunks(HttpConnection& http, Bytes bytes);
    std::size_t use_body(HttpConnection& http, Bytes data);
    void begin_request(HttpConnection& http);
    void begin_body(HttpConnection& http);
    bool body_complete(const HttpConnection& http) const;
    void end_body(HttpConnection& http);

    // http_reply.cpp: answers out
    void reply(HttpConnection& http);
    void reply_delayed(HttpConnection& http);
    void refuse(HttpConnection& http, unsigned status, After after);
    std::size_t echo(HttpConnection& http, Bytes data);
    void begin_echo(HttpConnection& http);
    void end_echo(HttpConnection& http);
    void pump(HttpConnection& http);
    HttpHead head_for(HttpConnection& http, unsigned status);
    void count_status(unsigned status);

    HttpOptions options_;
    Core* core_ = nullptr;
    Listener listener_;
    Slots<HttpConnection> slots_;
    Deadlines deadlines_;
    bool draining_ = false;
    bool in_data_ = false;  ///< Inside on_data: its loop reads on by itself.

    struct Counts {
        std::uint64_t accepted = 0;
        std::uint64_t refused = 0;
        std::uint64_t requests = 0;
        std::uint64_t answers = 0;
        std::array<std::uint64_t, 6> by_class{};  ///< [2]: 2xx, [4]: 4xx, [5]: 5xx
        std::uint64_t bytes_sent = 0;             ///< Of patterns and echoes.
        std::uint64_t timeouts_idle = 0;
        std::uint64_t timeouts_header = 0;
        std::uint64_t timeouts_stall = 0;
        std::uint64_t timeouts_close = 0;
        std::uint64_t cut_short = 0;           ///< The peer's FIN came inside a request.
        std::array<std::uint64_t, 8> ended{};  ///< By CloseReason.
    };
    Counts counts_;
};

}  // namespace lastack::service
