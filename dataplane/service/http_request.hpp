// One HTTP request up to the end of its header, read as it comes, and judged.
//
//     empty lines* METHOD SP target SP HTTP/1.x CR LF  field lines  CR LF  -> ready |
//     refused(status)
//
// The parser keeps the target's beginning (longer ones than we serve are only counted) and the
// facts of the field lines. It does not allocate and does not look back: any split of the input
// gives the same.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "service/http_fields.hpp"

namespace lastack::service {

enum class HttpMethod : std::uint8_t {
    get,
    head,
    post,
    put,
    other,    ///< One that RFC 9110 or RFC 5789 names, and nothing here allows: 405.
    unknown,  ///< 501.
};

enum class HttpBody : std::uint8_t { none, length, chunked };

class HttpRequest {
  public:
    enum class Status : std::uint8_t { reading, ready, refused };
    struct Limits {
        std::uint32_t max_target_bytes = 4'096;
        HttpFields::Limits fields;
    };

    void reset() { *this = HttpRequest(); }

    /// Reads on; returns how many bytes were used. It stops after the header's end, and at an
    /// error.
    std::size_t feed(Bytes bytes, const Limits& limits);

    Status status() const { return status_; }
    /// Where refused: the answer's status code.
    unsigned refusal() const { return refusal_; }

    HttpMethod method() const { return method_; }
    /// The path without its query; empty where the target has none that could be one of ours.
    std::string_view path() const;
    bool is_http_1_0() const { return minor_ == 0; }
    /// RFC 9112 9.3: what the request says about the connection.
    bool wants_keep_alive() const {
        const HttpFacts& facts = fields_.facts();
        return !facts.says_close && (!is_http_1_0() || facts.says_keep_alive);
    }
    bool expects_continue() const { return !is_http_1_0() && fields_.facts().expects_continue; }
    HttpBody body() const;
    std::uint64_t content_length() const { return fields_.facts().content_length; }

  private:
    enum class State : std::uint8_t { start, start_feed, method, target, version, feed, fields };

    std::size_t take(Bytes bytes, const Limits& limits);
    void take_start(std::byte c);
    void take_method(std::byte c);
    std::size_t take_target(Bytes bytes, const Limits& limits);
    void take_version(std::byte c);
    void judge_method();
    void judge_version();
    void judge_fields();
    void refuse(unsigned status) {
        refusal_ = static_cast<std::uint16_t>(status);
        status_ = Status::refused;
    }

    HttpFields fields_;
    State state_ = State::start;
    Status status_ = Status::reading;
    HttpMethod method_ = HttpMethod::unknown;
    std::uint8_t minor_ = 1;
    std::uint8_t empty_lines_ = 0;
    std::uint8_t word_size_ = 0;  ///< Of the method, then of the version.
    std::uint16_t refusal_ = 0;
    std::uint32_t target_size_ = 0;  ///< All of it; target_ holds the beginning.
    std::array<char, 16> word_{};
    std::array<char, 96> target_{};
};

}  // namespace lastack::service
