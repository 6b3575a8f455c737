#include "control/ladder/numbers.hpp"

#include <array>

namespace lastack::control::ladder {
namespace {

/// The number of the side's SYN; where that is not in the list, such that the first number seen
/// of it, sent or acknowledged, becomes 1.
wire::Seq find_base(const std::vector<Event>& events, Event::Kind side) {
    std::optional<wire::Seq> first;
    for (const Event& event : events) {
        if (!event.is_segment()) continue;
        if (event.kind == side && event.flags.syn()) return event.seq;
        if (first || event.flags.rst()) continue;
        if (event.kind == side) first = event.seq;
        if (event.kind != side && event.flags.ack()) first = event.ack;
    }
    return first ? *first - 1 : wire::Seq(0);
}

}  // namespace

Numbers::Numbers(const std::vector<Event>& events)
    : own_base_(find_base(events, Event::Kind::sent)),
      peer_base_(find_base(events, Event::Kind::received)),
      again_(events.size()) {
    std::array<std::optional<wire::Seq>, 2> ends;  // of the peer, of us
    std::array<bool, 2> synchronized{};            // has sent an ACK
    for (std::size_t i = 0; i < events.size(); ++i) {
        const Event& event = events[i];
        if (!event.is_segment() || event.length() == 0 || event.flags.rst()) continue;
        const std::size_t side = event.kind == Event::Kind::sent ? 1 : 0;
        std::optional<wire::Seq>& end = ends[side];
        const bool answers = event.flags.syn() && event.flags.ack();  // more than a bare SYN
        again_[i] = end && event.end().at_or_before(*end) && (!answers || synchronized[side]);
        if (!again_[i]) end = event.end();
        synchronized[side] = synchronized[side] || event.flags.ack();
    }
}

std::uint32_t Numbers::relative_seq(const Event& event) const {
    return base(event.kind == Event::Kind::sent).distance(event.seq);
}

std::uint32_t Numbers::relative_ack(const Event& event) const {
    if (!event.flags.ack()) return 0;
    return base(event.kind != Event::Kind::sent).distance(event.ack);
}

}  // namespace lastack::control::ladder
