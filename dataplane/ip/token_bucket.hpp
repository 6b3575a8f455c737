// A rate limit: so many per second, with a burst of one tenth of a second's worth.
//
// The bucket is kept as an instant: the moment at which it would be full again. Taking a token
// moves that moment later by one interval; it may not lie further ahead than the burst. No timer
// fills it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "time/instant.hpp"

namespace lastack::ip {

class TokenBucket {
  public:
    TokenBucket() = default;

    /// `per_second` 0 refuses everything.
    constexpr explicit TokenBucket(std::uint32_t per_second)
        : interval_(per_second == 0 ? time::Duration(0)
                                    : time::Duration(std::chrono::seconds(1)) / per_second),
          depth_(interval_ * std::max<std::int64_t>(1, per_second / 10)) {}

    /// True, and one token less; false where there is none.
    constexpr bool take(time::Instant now) {
        if (depth_ == time::Duration(0)) return false;
        const time::Instant full_at = std::max(full_at_, now) + interval_;
        if (full_at - now > depth_) return false;
        full_at_ = full_at;
        return true;
    }

  private:
    time::Duration interval_{0};
    time::Duration depth_{0};
    time::Instant full_at_{};
};

}  // namespace lastack::ip
