// Events of one connection, written like a trace: local side 198.18.0.2:80, peer 198.18.0.1:41234.
// Our numbers start at 1000, the peer's at 5000. The builder follows our own state.
#pragma once

#include <optional>

#include "control/ladder/event.hpp"

namespace lastack::control::ladder {

inline constexpr std::uint8_t kSyn = wire::TcpFlags::kSyn;
inline constexpr std::uint8_t kAck = wire::TcpFlags::kAck;
inline constexpr std::uint8_t kFin = wire::TcpFlags::kFin;
inline constexpr std::uint8_t kRst = wire::TcpFlags::kRst;
inline constexpr std::uint8_t kPsh = wire::TcpFlags::kPsh;

struct Segment {
    std::uint32_t seq = 0;  ///< Relative to the sender's first number.
    std::uint32_t ack = 0;
    std::uint32_t text = 0;
};

class Script {
  public:
    explicit Script(tcp::State state) : state_(state) {}

    Script& after_us(std::int64_t us) {
        now_ += std::chrono::microseconds(us);
        return *this;
    }

    /// A segment of the peer's; `to` is our state after it, where it changes.
    Script& received(std::uint8_t flags, Segment segment,
                     std::optional<tcp::State> to = std::nullopt) {
        Event& event = add(Event::Kind::received, flags, segment, 5000, 1000);
        event.after = to.value_or(state_);
        state_ = event.after;
        return *this;
    }

    Script& sent(std::uint8_t flags, Segment segment) {
        add(Event::Kind::sent, flags, segment, 1000, 5000);
        return *this;
    }

    Script& changed(tcp::Cause cause, tcp::State to) {
        Event& event = add(Event::Kind::changed, 0, {}, 0, 0);
        event.cause = cause;
        event.after = to;
        state_ = to;
        return *this;
    }

    const std::vector<Event>& events() const { return events_; }
    Conversation conversation() const { return {events_}; }

  private:
    Event& add(Event::Kind kind, std::uint8_t flags, Segment segment, std::uint32_t seq_base,
               std::uint32_t ack_base) {
        Event& event = events_.emplace_back();
        event.at = now_;
        event.local = *Endpoint::parse("198.18.0.2:80");
        event.remote = *Endpoint::parse("198.18.0.1:41234");
        event.kind = kind;
        event.before = event.after = state_;
        event.flags.bits = flags;
        event.seq = wire::Seq(seq_base + segment.seq);
        event.ack = wire::Seq((flags & kAck) != 0 ? ack_base + segment.ack : 0);
        event.text_bytes = segment.text;
        return event;
    }

    std::vector<Event> events_;
    std::chrono::nanoseconds now_{std::chrono::hours(1)};
    tcp::State state_;
};

/// The three segments of a passive open, ours listening.
inline Script passive_open() {
    Script script(tcp::State::Listen);
    script.received(kSyn, {}, tcp::State::SynReceived)
        .after_us(20)
        .sent(kSyn | kAck, {.ack = 1})
        .after_us(80)
        .received(kAck, {.seq = 1, .ack = 1}, tcp::State::Established);
    return script;
}

/// And of an active open.
inline Script active_open() {
    Script script(tcp::State::Closed);
    script.changed(tcp::Cause::ActiveOpen, tcp::State::SynSent)
        .sent(kSyn, {})
        .after_us(80)
        .received(kSyn | kAck, {.ack = 1}, tcp::State::Established)
        .after_us(5)
        .sent(kAck, {.seq = 1, .ack = 1});
    return script;
}

}  // namespace lastack::control::ladder
