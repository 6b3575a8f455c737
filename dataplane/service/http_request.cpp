#include "service/http_request.hpp"

#include <algorithm>

#include "service/http_chars.hpp"

namespace lastack::service {
namespace {

/// RFC 9112 2.2 asks for at least one empty line before a request to be ignored.
constexpr std::uint8_t kMaxEmptyLines = 4;

HttpMethod method_named(std::string_view word) {
    if (word == "GET") return HttpMethod::get;
    if (word == "HEAD") return HttpMethod::head;
    if (word == "POST") return HttpMethod::post;
    if (word == "PUT") return HttpMethod::put;
    for (const std::string_view known : {"DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}) {
        if (word == known) return HttpMethod::other;
    }
    return HttpMethod::unknown;
}

}  // namespace

std::size_t HttpRequest::feed(Bytes bytes, const Limits& limits) {
    std::size_t used = 0;
    while (used < bytes.size() && status_ == Status::reading) {
        const Bytes rest = bytes.subspan(used);
        if (state_ != State::fields) {
            used += take(rest, limits);
            continue;
        }
        used += fields_.feed(rest, limits.fields);
        switch (fields_.status()) {
            case HttpFields::Status::reading:
                break;
            case HttpFields::Status::malformed:
                refuse(400);
                break;
            case HttpFields::Status::too_large:
                refuse(431);
                break;
            case HttpFields::Status::done:
                judge_fields();
                break;
        }
    }
    return used;
}

/// Reads on in the present state, at least one byte.
std::size_t HttpRequest::take(Bytes bytes, const Limits& limits) {
    switch (state_) {
        case State::start:
            take_start(bytes[0]);
            return 1;
        case State::start_feed:
            state_ = State::start;
            if (bytes[0] != kLf) refuse(400);
            return 1;
        case State::method:
            take_method(bytes[0]);
            return 1;
        case State::target:
            return take_target(bytes, limits);
        case State::version:
            take_version(bytes[0]);
            return 1;
        case State::feed:
            state_ = State::fields;
            if (bytes[0] != kLf) refuse(400);
            return 1;
        case State::fields:
            break;  // feed() hands those bytes to fields_
    }
    return bytes.size();
}

void HttpRequest::take_start(std::byte c) {
    if (c == kCr && empty_lines_ < kMaxEmptyLines) {
        ++empty_lines_;
        state_ = State::start_feed;
        return;
    }
    state_ = State::method;
    take_method(c);
}

void HttpRequest::take_method(std::byte c) {
    if (is_token(c)) {
        // RFC 9112 3: a method longer than any we know is not implemented, whatever follows.
        if (word_size_ == word_.size()) return refuse(501);
        word_[word_size_++] = static_cast<char>(c);
        return;
    }
    if (c != std::byte{' '} || word_size_ == 0) return refuse(400);
    method_ = method_named({word_.data(), word_size_});
    state_ = State::target;
}

std::size_t HttpRequest::take_target(Bytes bytes, const Limits& limits) {
    const std::size_t most = limits.max_target_bytes - target_size_;
    const std::size_t n = run_of(bytes.first(std::min(most, bytes.size())), is_target);
    for (std::size_t i = 0; i < n && target_size_ + i < target_.size(); ++i) {
        target_[target_size_ + i] = static_cast<char>(bytes[i]);
    }
    target_size_ += static_cast<std::uint32_t>(n);
    if (n == bytes.size()) return n;
    if (bytes[n] == std::byte{' '} && target_size_ > 0) {
        word_size_ = 0;
        state_ = State::version;
    } else {
        refuse(is_target(bytes[n]) ? 414 : 400);
    }
    return n + 1;
}

void HttpRequest::take_version(std::byte c) {
    if (c == kCr) {
        state_ = State::feed;
        judge_version();
        return;
    }
    constexpr std::size_t kVersionSize = 8;  // "HTTP/1.1"
    if (word_size_ == kVersionSize) return refuse(400);
    word_[word_size_++] = static_cast<char>(c);
}

void HttpRequest::judge_version() {
    const std::string_view version(word_.data(), word_size_);
    const auto digit = [&version](std::size_t i) { return version[i] >= '0' && version[i] <= '9'; };
    const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") && digit(5) &&
                             version[6] == '.' && digit(7);
    if (!well_formed) return refuse(400);
    if (version[5] != '1') return refuse(505);
    // RFC 9110 2.5: a higher minor version is read as the highest one that we know.
    minor_ = version[7] == '0' ? 0 : 1;
}

void HttpRequest::judge_fields() {
    const HttpFacts& facts = fields_.facts();
    // RFC 9112 3.2: exactly one Host from 1.1 on; never two.
    if (facts.hosts > 1 || facts.bad_host || (!is_http_1_0() && facts.hosts == 0)) {
        return refuse(400);
    }
    if (facts.has_transfer_encoding) {
        // RFC 9112 6.1: both lengths, or a coding in 1.0, is how requests are smuggled.
        if (facts.has_content_length || is_http_1_0()) return refuse(400);
        if (facts.repeated_chunked || (!facts.chunked && !facts.unknown_coding)) {
            return refuse(400);
        }
        if (facts.unknown_coding) return refuse(501);
    }
    if (method_ == HttpMethod::unknown) return refuse(501);
    if (!is_http_1_0() && facts.expects_other) return refuse(417);
    status_ = Status::ready;
}

HttpBody HttpRequest::body() const {
    if (fields_.facts().chunked) return HttpBody::chunked;
    return fields_.facts().content_length > 0 ? HttpBody::length : HttpBody::none;
}

std::string_view HttpRequest::path() const {
    if (target_size_ > target_.size()) return {};
    std::string_view target(target_.data(), target_size_);
    // RFC 9112 3.2.2: a server accepts the absolute form too.
    constexpr std::string_view kScheme = "http://";
    if (target.starts_with(kScheme)) {
        target.remove_prefix(kScheme.size());
        const std::size_t slash = target.find_first_of("/?");
        if (slash == std::string_view::npos || target[slash] == '?') return "/";
        target.remove_prefix(slash);
    }
    return target.substr(0, target.find('?'));
}

}  // namespace lastack::service
