#include "service/http_fields.hpp"

#include <algorithm>
#include <limits>

#include "service/http_chars.hpp"

namespace lastack::service {

std::size_t HttpFields::feed(Bytes bytes, const Limits& limits) {
    std::size_t used = 0;
    while (used < bytes.size() && status_ == Status::reading) {
        const std::size_t most = limits.max_bytes - std::min(bytes_, limits.max_bytes);
        if (most == 0) {
            status_ = Status::too_large;
            break;
        }
        const Bytes rest = bytes.subspan(used);
        const std::size_t n = take(rest.first(std::min(most, rest.size())), limits);
        used += n;
        bytes_ += static_cast<std::uint32_t>(n);
    }
    return used;
}

/// Reads on in the present state, at least one byte.
std::size_t HttpFields::take(Bytes bytes, const Limits& limits) {
    switch (state_) {
        case State::line_start:
            take_line_start(bytes[0], limits);
            return 1;
        case State::name:
            return take_name(bytes);
        case State::value:
            return take_value(bytes);
        case State::line_feed:
            state_ = State::line_start;
            if (bytes[0] != kLf) status_ = Status::malformed;  // a bare CR
            return 1;
        case State::end_feed:
            status_ = bytes[0] == kLf ? Status::done : Status::malformed;
            return 1;
    }
    return bytes.size();
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

std::size_t HttpFields::take_name(Bytes bytes) {
    const std::size_t n = run_of(bytes, is_token);
    for (const std::byte c : bytes.first(n)) keep(c);
    if (n == bytes.size()) return n;
    // Anything but a colon is malformed; among others a blank before it, RFC 9112 5.1.
    if (bytes[n] == std::byte{':'}) {
        end_name();
    } else {
        status_ = Status::malformed;
    }
    return n + 1;
}

void HttpFields::end_name() {
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

std::size_t HttpFields::take_value(Bytes bytes) {
    const std::size_t n = run_of(bytes, is_value);
    take_text(bytes.first(n));
    if (n == bytes.size() || status_ != Status::reading) return n;
    if (bytes[n] == kCr) {
        end_value();
        state_ = State::line_feed;
    } else {
        status_ = Status::malformed;  // NUL, a bare LF, another control character: RFC 9110 5.5
    }
    return n + 1;
}

void HttpFields::take_text(Bytes text) {
    switch (field_) {
        case Field::other:
            return;
        case Field::host:
            for (const std::byte c : text) take_host(c);
            return;
        case Field::content_length:
            for (const std::byte c : text) take_digit(c);
            return;
        case Field::transfer_encoding:
        case Field::connection:
        case Field::expect:
            for (const std::byte c : text) take_word(c);
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
    switch (name.size()) {
        case 4:
            return name == "host" ? Field::host : Field::other;
        case 6:
            return name == "expect" ? Field::expect : Field::other;
        case 10:
            return name == "connection" ? Field::connection : Field::other;
        case 14:
            return name == "content-length" ? Field::content_length : Field::other;
        case 17:
            return name == "transfer-encoding" ? Field::transfer_encoding : Field::other;
        default:  // any other length is any other name
            return Field::other;
    }
}

}  // namespace lastack::service
