// The words of HTTP answers: status phrases, heads, the page at "/".
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lastack/core.hpp"

namespace lastack::service {

/// Bytes that must go out before anything else does: heads, chunk framing, short bodies. One of
/// fixed size per connection; what is put in is bounded by the program, not by the peer.
class HttpOutput {
  public:
    void append(std::string_view text);
    void append_number(std::uint64_t number, int base = 10);

    /// Sends as much as is accepted; true when nothing is left.
    bool flush(Connection connection);
    bool empty() const { return sent_ == size_; }
    void clear() { sent_ = size_ = 0; }

  private:
    std::uint16_t sent_ = 0;
    std::uint16_t size_ = 0;
    std::array<char, 380> bytes_;
};

/// What an answer's head says.
struct HttpHead {
    enum class Persistence : std::uint8_t { implied, says_keep_alive, says_close };
    unsigned status = 200;
    std::string_view content_type;
    std::string_view allow;  ///< 405: the methods that are allowed.
    Persistence persistence = Persistence::implied;
    bool chunked = false;
    std::uint64_t content_length = 0;  ///< Unless chunked.
};

/// Appends the status line, the fields and the empty line.
void append_head(HttpOutput& output, const HttpHead& head);

/// "Not Found"; the statuses that the server gives have one.
std::string_view http_phrase(unsigned status);

/// The body of an answer that refuses: one line that says what is wrong and what would be right.
std::string_view http_refusal_text(unsigned status);

/// The page at "/", in HTML.
std::string_view http_page();

}  // namespace lastack::service
