#include "service/http_chunks.hpp"

#include <algorithm>

#include "service/http_chars.hpp"

namespace lastack::service {
namespace {

constexpr HttpFields::Limits kTrailerLimits{.max_bytes = 4'096, .max_fields = 32};
/// 15 hexadecimal digits: sizes stay below 2^60, and sums of them cannot wrap unnoticed.
constexpr std::uint8_t kMaxDigits = 15;
constexpr std::uint8_t kMaxExtensionBytes = 200;

int hex_value(std::byte c) {
    if (is_digit(c)) return static_cast<int>(c) - '0';
    const char letter = lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace

std::size_t HttpChunks::skip_framing(Bytes bytes) {
    std::size_t used = 0;
    while (used < bytes.size() && status_ == Status::reading && state_ != State::data) {
        if (state_ != State::trailers) {
            take(bytes[used++]);
            continue;
        }
        used += trailers_.feed(bytes.subspan(used), kTrailerLimits);
        switch (trailers_.status()) {
            case HttpFields::Status::reading:
                break;
            case HttpFields::Status::done:
                status_ = Status::done;
                break;
            case HttpFields::Status::malformed:
            case HttpFields::Status::too_large:
                status_ = Status::malformed;
                break;
        }
    }
    return used;
}

void HttpChunks::take_data(std::uint64_t n) {
    left_ -= std::min(n, left_);
    if (left_ == 0) state_ = State::data_return;
}

void HttpChunks::take(std::byte c) {
    bool good = true;
    switch (state_) {
        case State::size:
            take_size(c);
            return;
        case State::extension:
            if (c == kCr) {
                state_ = State::size_feed;
            } else {
                good = is_value(c) && ++extension_bytes_ <= kMaxExtensionBytes;
            }
            break;
        case State::size_feed:
            good = c == kLf;
            state_ = left_ == 0 ? State::trailers : State::data;
            break;
        case State::data_return:
            good = c == kCr;
            state_ = State::data_feed;
            break;
        case State::data_feed:
            good = c == kLf;
            state_ = State::size;
            digits_ = 0;
            extension_bytes_ = 0;
            break;
        case State::data:
        case State::trailers:
            return;  // skip_framing() does not come here with them
    }
    if (!good) status_ = Status::malformed;
}

void HttpChunks::take_size(std::byte c) {
    const int value = hex_value(c);
    if (value >= 0 && digits_ < kMaxDigits) {
        left_ = left_ << 4 | static_cast<std::uint64_t>(value);
        ++digits_;
    } else if (digits_ > 0 && c == kCr) {
        state_ = State::size_feed;
    } else if (digits_ > 0 && c == std::byte{';'}) {
        state_ = State::extension;
    } else {
        status_ = Status::malformed;
    }
}

}  // namespace lastack::service
