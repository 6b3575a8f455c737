#include "service/http_fields.hpp"

#include <algorithm>
#include <limits>

#include "service/http_chars.hpp"

namespace lastack::service {

std::size_t HttpFields::feed(Bytes bytes, const Limits& limits) {
    std::size_t used = 0;
    while (used < bytes.size() && status_ == Status::reading) {
        if (bytes_ == limits.max_bytes) {
            status_ = Status::too_large;
            break;
        }
        // Values that mean nothing to us are most of a header: pass over them in one go.
        if (state_ == State::value && field_ == Field::other) {
            const std::size_t most =
                std::min<std::size_t>(bytes.size() - used, limits.max_bytes - bytes_);
            std::size_t n = 0;
            while (n < most && is_value(bytes[used + n])) ++n;
            used += n;
            bytes_ += static_cast<std::uint32_t>(n);
            if (n == most) continue;
        }
        take(bytes[used], limits);
        ++used;
        ++bytes_;
    }
    return used;
}

void HttpFields::take(std::byte c, const Limits& limits) {
    switch (state_) {
        case State::line_start:
            take_line_start(c, limits);
            return;
        case State::name:
            take_name(c);
            return;
        case State::value:
            take_value(c);
            return;
        case State::line_feed:
            state_ = State::line_start;
            if (c != kLf) status_ = Status::malformed;  // a bare CR
            return;
        case State::end_feed:
            status_ = c == kLf ? Status::done : Status::malformed;
            return;
    }
}

void HttpFields::take_line_start(std::byte c, const Limits& limits) {
    if (c == kCr) {
        state_ = State::end_feed;
    } else if (!is_token(c)) {
        status_ = Status::malformed;  // a blank here is a folded line, RFC 9112 5.2
    } else if (fields_ == limits.max_fields) {
        status_ = Status::too_large;
    } else {
        ++fields_;
        word_size_ = 0;
        word_broken_ = false;
        keep(c);
        state_ = State::name;
    }
}

void HttpFields::take_name(std::byte c) {
    if (is_token(c)) {
        keep(c);
        return;
    }
    if (c != std::byte{':'}) {
        status_ = Status::malformed;  // among others a blank before the colon, RFC 9112 5.1
        return;
    }
    field_ = field_named();
    if (field_ == Field::host && facts_.hosts < 255) ++facts_.hosts;
    if (field_ == Field::transfer_encoding) facts_.has_transfer_encoding = true;
    if (field_ == Field::content_length) {
        // Even an equal second one is refused: RFC 9112 6.3 allows it, and it keeps readers agreed.
        if (facts_.has_content_length) status_ = Status::malformed;
        facts_.has_content_length = true;
    }
    word_size_ = 0;
    word_broken_ = false;
    blank_after_word_ = false;
    state_ = State::value;
}

void HttpFields::take_value(std::byte c) {
    if (c == kCr) {
        end_value();
        state_ = State::line_feed;
        return;
    }
    if (!is_value(c)) {
        status_ = Status::malformed;  // NUL, a bare LF, another control character: RFC 9110 5.5
        return;
    }
    switch (field_) {
        case Field::other:
            return;
        case Field::host:
            take_host(c);
            return;
        case Field::content_length:
            take_digit(c);
            return;
        case Field::transfer_encoding:
        case Field::connection:
        case Field::expect:
            take_word(c);
            return;
    }
}

/// One host and nothing else; blanks may stand around it. It may be empty (RFC 9112 3.2).
void HttpFields::take_host(std::byte c) {
    if (is_blank(c)) {
        blank_after_word_ = word_size_ > 0;
        return;
    }
    if (!is_host(c) || blank_after_word_) facts_.bad_host = true;
    word_size_ = 1;  // it has begun
}

void HttpFields::take_digit(std::byte c) {
    if (is_blank(c)) {
        blank_after_word_ = word_size_ > 0;
        return;
    }
    if (!is_digit(c) || blank_after_word_) {
        status_ = Status::malformed;
        return;
    }
    word_size_ = 1;  // there is a digit
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    const auto digit = static_cast<std::uint64_t>(c) - '0';
    const bool overflows = facts_.content_length > (kMax - digit) / 10;
    facts_.content_length = overflows ? kMax : facts_.content_length * 10 + digit;
}

/// A comma-separated list of words; blanks stand around words, never inside one.
void HttpFields::take_word(std::byte c) {
    if (c == std::byte{','}) {
        end_word();
    } else if (is_blank(c)) {
        blank_after_word_ = word_size_ > 0;
    } else {
        if (blank_after_word_) word_broken_ = true;
        keep(c);
    }
}

void HttpFields::end_value() {
    switch (field_) {
        case Field::other:
        case Field::host:
            return;
        case Field::content_length:
            if (word_size_ == 0) status_ = Status::malformed;
            return;
        case Field::transfer_encoding:
        case Field::connection:
        case Field::expect:
            end_word();
            return;
    }
}

void HttpFields::end_word() {
    // A word that is broken or too long for word_ is none of those we know.
    const std::string_view word = word_broken_ ? "?" : std::string_view(word_.data(), word_size_);
    if (field_ == Field::connection) {
        if (word == "close") facts_.says_close = true;
        if (word == "keep-alive") facts_.says_keep_alive = true;
    } else if (field_ == Field::expect && !word.empty()) {
        (word == "100-continue" ? facts_.expects_continue : facts_.expects_other) = true;
    } else if (field_ == Field::transfer_encoding && !word.empty()) {
        end_coding(word);
    }
    word_size_ = 0;
    word_broken_ = false;
    blank_after_word_ = false;
}

void HttpFields::end_coding(std::string_view word) {
    if (facts_.chunked) facts_.repeated_chunked = true;
    facts_.chunked = word == "chunked";
    if (!facts_.chunked) facts_.unknown_coding = true;
}

void HttpFields::keep(std::byte c) {
    if (word_size_ == word_.size()) {
        word_broken_ = true;
        return;
    }
    word_[word_size_++] = lower(c);
}

HttpFields::Field HttpFields::field_named() const {
    const std::string_view name(word_.data(), word_size_);
    if (word_broken_) return Field::other;
    if (name == "host") return Field::host;
    if (name == "content-length") return Field::content_length;
    if (name == "transfer-encoding") return Field::transfer_encoding;
    if (name == "connection") return Field::connection;
    if (name == "expect") return Field::expect;
    return Field::other;
}

}  // namespace lastack::service
