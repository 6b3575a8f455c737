// Sequence numbers as people count them: each side's SYN is 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "control/ladder/event.hpp"

namespace lastack::control::ladder {

class Numbers {
  public:
    explicit Numbers(const std::vector<Event>& events);

    std::uint32_t relative_seq(const Event& event) const;
    /// 0 for a segment without ACK.
    std::uint32_t relative_ack(const Event& event) const;

    /// Whether everything that events[index] carries had been sent in the same direction before.
    bool again(std::size_t index) const { return again_[index]; }

  private:
    /// The side that sends, and the other.
    wire::Seq base(bool ours) const { return ours ? own_base_ : peer_base_; }

    wire::Seq own_base_;
    wire::Seq peer_base_;
    std::vector<bool> again_;
};

}  // namespace lastack::control::ladder
