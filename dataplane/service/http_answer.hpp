// One HTTP answer, read by a client as it comes.
//
//     status line  field lines  CR LF  body (Content-Length | chunked | until the server closes)
//
// Interim answers (1xx) are passed over. Only answers to GET and POST are read: those to HEAD,
// which announce a body that does not come, are not asked for here.
#pragma once

#include <array>
#include <cstdint>

#include "service/http_chunks.hpp"
#include "service/http_fields.hpp"

namespace lastack::service {

class HttpAnswer {
  public:
    enum class Status : std::uint8_t { reading, done, malformed };

    /// `used` bytes of the input were read; `body` is the part of them that is body.
    struct Step {
        std::size_t used = 0;
        Bytes body;
    };

    void reset() { *this = HttpAnswer(); }

    /// Reads on, to the end of the input, of a run of body, or of the answer.
    Step next(Bytes bytes);

    /// The server sent FIN: that ends a body without a length, and cuts any other short.
    void end_of_input();

    Status status() const { return status_; }
    unsigned code() const { return code_; }
    std::uint64_t body_bytes() const { return body_bytes_; }

  private:
    enum class State : std::uint8_t { status_line, line_feed, fields, length, chunks, until_close };

    void take_status_line(std::byte c);
    void end_status_line();
    void begin_body();
    Step take_body(Bytes bytes, std::uint64_t most);

    HttpFields fields_;
    HttpChunks chunks_;
    std::uint64_t left_ = 0;
    std::uint64_t body_bytes_ = 0;
    State state_ = State::status_line;
    Status status_ = Status::reading;
    std::uint16_t code_ = 0;
    std::uint16_t line_size_ = 0;
    std::array<char, 13> line_{};  ///< "HTTP/1.1 200 ", the rest is only counted.
};

}  // namespace lastack::service
