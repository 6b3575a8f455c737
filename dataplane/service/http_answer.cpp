#include "service/http_answer.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include "service/http_chars.hpp"

namespace lastack::service {
namespace {

constexpr HttpFields::Limits kLimits{.max_bytes = 65'536, .max_fields = 200};
constexpr std::uint16_t kMaxStatusLine = 1'024;

}  // namespace

HttpAnswer::Step HttpAnswer::next(Bytes bytes) {
    constexpr std::uint64_t kEndless = std::numeric_limits<std::uint64_t>::max();
    Step step;
    while (step.used < bytes.size() && status_ == Status::reading) {
        const Bytes rest = bytes.subspan(step.used);
        Step part;
        switch (state_) {
            case State::status_line:
                take_status_line(rest[0]);
                part.used = 1;
                break;
            case State::line_feed:
                state_ = State::fields;
                if (rest[0] != kLf) status_ = Status::malformed;
                part.used = 1;
                break;
            case State::fields:
                part.used = fields_.feed(rest, kLimits);
                if (fields_.status() == HttpFields::Status::done) {
                    begin_body();
                } else if (fields_.status() != HttpFields::Status::reading) {
                    status_ = Status::malformed;
                }
                break;
            case State::length:
                part = take_body(rest, left_);
                left_ -= part.used;
                if (left_ == 0) status_ = Status::done;
                break;
            case State::chunks:
                part.used = chunks_.skip_framing(rest);
                if (part.used == 0) {
                    part = take_body(rest, chunks_.data_left());
                    chunks_.take_data(part.used);
                }
                if (chunks_.status() == HttpChunks::Status::done) status_ = Status::done;
                if (chunks_.status() == HttpChunks::Status::malformed) status_ = Status::malformed;
                break;
            case State::until_close:
                part = take_body(rest, kEndless);
                break;
        }
        step.used += part.used;
        step.body = part.body;
        if (!part.body.empty()) break;
    }
    return step;
}

void HttpAnswer::end_of_input() {
    if (status_ != Status::reading || state_ != State::until_close) return;
    status_ = Status::done;
}

void HttpAnswer::take_status_line(std::byte c) {
    if (c == kCr) return end_status_line();
    if (!is_value(c) || line_size_ == kMaxStatusLine) {
        status_ = Status::malformed;
        return;
    }
    if (line_size_ < line_.size()) line_[line_size_] = static_cast<char>(c);
    ++line_size_;
}

/// RFC 9112 4: HTTP-version SP status-code SP [reason]. The last blank is often left out.
void HttpAnswer::end_status_line() {
    state_ = State::line_feed;
    const std::string_view line(line_.data(), std::min<std::size_t>(line_size_, line_.size()));
    bool good = line.size() >= 12 && line.starts_with("HTTP/1.") && line[8] == ' ' &&
                (line.size() == 12 || line[12] == ' ');
    unsigned code = 0;
    for (std::size_t i = 9; good && i < 12; ++i) {
        good = line[i] >= '0' && line[i] <= '9';
        code = code * 10 + static_cast<unsigned>(line[i] - '0');
    }
    code_ = static_cast<std::uint16_t>(code);
    if (!good || code < 100) status_ = Status::malformed;
}

/// RFC 9112 6.3, for what a client may be sent.
void HttpAnswer::begin_body() {
    const HttpFacts& facts = fields_.facts();
    if (code_ < 200) return reset();  // the answer proper follows
    if (code_ == 204 || code_ == 304) {
        status_ = Status::done;
    } else if (facts.has_transfer_encoding) {
        const bool sound = facts.chunked && !facts.has_content_length && !facts.repeated_chunked &&
                           !facts.unknown_coding;
        state_ = State::chunks;
        if (!sound) status_ = Status::malformed;
    } else if (facts.has_content_length) {
        state_ = State::length;
        left_ = facts.content_length;
        if (left_ == 0) status_ = Status::done;
    } else {
        state_ = State::until_close;
    }
}

HttpAnswer::Step HttpAnswer::take_body(Bytes bytes, std::uint64_t most) {
    const std::size_t n = std::min<std::uint64_t>(bytes.size(), most);
    body_bytes_ += n;
    return {.used = n, .body = bytes.first(n)};
}

}  // namespace lastack::service
