// The header section of an HTTP message: field lines, read byte by byte as they come.
//
// Nothing is copied but one short word at a time: of all fields only those that decide how a
// message is framed matter here, and of them only facts are kept. So the state is small and fixed,
// and how a header was cut into segments cannot change what it means.
//
//     line_start --token--> name --':'--> value --CR--> line_feed --LF--> line_start
//         |                                                                   |
//         +--CR--> end_feed --LF--> done            anything else --> failed--+
//
// Strict where two readers could differ (RFC 9112 2.2, 5.1, 5.2, 6.1, 6.3): lines end in CR LF and
// nothing else, no space before the colon, no folded lines, one Content-Length of digits only.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lastack/connection.hpp"

namespace lastack::service {

/// What the field lines said that decides about framing and persistence.
struct HttpFacts {
    std::uint64_t content_length = 0;  ///< Saturates at 2^64 - 1.
    bool has_content_length = false;
    bool has_transfer_encoding = false;
    bool chunked = false;           ///< "chunked" is the last transfer coding.
    bool unknown_coding = false;    ///< A transfer coding other than chunked.
    bool repeated_chunked = false;  ///< A coding after chunked, or chunked twice.
    bool says_close = false;        ///< Connection: close
    bool says_keep_alive = false;   ///< Connection: keep-alive
    bool expects_continue = false;  ///< Expect: 100-continue
    bool expects_other = false;
    bool bad_host = false;   ///< A character that no host can have.
    std::uint8_t hosts = 0;  ///< Host field lines, at most 255.
};

class HttpFields {
  public:
    enum class Status : std::uint8_t { reading, done, malformed, too_large };
    struct Limits {
        std::uint32_t max_bytes = 16'384;
        std::uint32_t max_fields = 100;
    };

    void reset() { *this = HttpFields(); }

    /// Reads on; returns how many bytes were used. It stops after the empty line, and at an error.
    std::size_t feed(Bytes bytes, const Limits& limits);

    Status status() const { return status_; }
    const HttpFacts& facts() const { return facts_; }

  private:
    enum class State : std::uint8_t { line_start, name, value, line_feed, end_feed };
    enum class Field : std::uint8_t {
        other,
        host,
        content_length,
        transfer_encoding,
        connection,
        expect
    };

    std::size_t take(Bytes bytes, const Limits& limits);
    void take_line_start(std::byte c, const Limits& limits);
    std::size_t take_name(Bytes bytes);
    void end_name();
    std::size_t take_value(Bytes bytes);
    void take_text(Bytes text);
    void take_host(std::byte c);
    void take_digit(std::byte c);
    void take_word(std::byte c);
    void end_value();
    void end_word();
    void end_coding(std::string_view word);
    void keep(std::byte c);
    Field field_named() const;

    HttpFacts facts_;
    std::uint32_t bytes_ = 0;
    std::uint32_t fields_ = 0;
    State state_ = State::line_start;
    Status status_ = Status::reading;
    Field field_ = Field::other;
    bool blank_after_word_ = false;  ///< Blank space after a word or number: it must be over.
    bool word_broken_ = false;       ///< Two words without a comma between, or one too long.
    std::uint8_t word_size_ = 0;
    std::array<char, 20> word_{};  ///< In lower case. "transfer-encoding" has 17 letters.
};

}  // namespace lastack::service
