// The peer's state, inferred from the segments between us.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "control/ladder/event.hpp"

namespace lastack::control::ladder {

/// What happened to a segment of ours that carries SYN or FIN, judged by what the peer sent later.
enum class Fate : std::uint8_t {
    arrived,     ///< The peer acknowledges it.
    crossed,     ///< The peer acknowledges it, and had sent its own SYN or FIN before it came.
    unanswered,  ///< Sent again, or never acknowledged.
};

Fate fate_of(const std::vector<Event>& events, std::size_t index);

/// Walks RFC 9293's diagram for the peer, one event at a time.
class PeerWalk {
  public:
    explicit PeerWalk(const std::vector<Event>& events);

    std::optional<tcp::State> state() const { return state_; }

    /// events[index] has happened. To be called for each index in turn.
    void step(std::size_t index);

    /// The event just stepped over let a segment of ours meet the peer that had been sent earlier:
    /// "the two FINs cross". True once; the caller shows the state before and after cross().
    bool crossing_is_due() const { return crossing_.has_value(); }
    void cross();

  private:
    void sent_by_peer(const Event& event);
    void met_by_peer(const Event& event);
    bool loses_ack_of_fin(std::size_t index) const;
    void move(tcp::Cause cause);

    const std::vector<Event>& events_;
    std::optional<tcp::State> state_;
    std::optional<wire::Seq> syn_end_;    ///< Behind the peer's SYN.
    std::optional<wire::Seq> fin_end_;    ///< Behind the peer's FIN.
    std::optional<std::size_t> waiting_;  ///< A segment of ours that crosses the peer's next one.
    std::optional<std::size_t> crossing_;
    bool has_our_fin_ = false;
};

}  // namespace lastack::control::ladder
