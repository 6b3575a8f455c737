// Which stretch of sequence space leaves next: the windows, silly window avoidance, Nagle
// (RFC 9293 3.7.4, 3.8.6.2.1). A plan changes nothing but SND.NXT, which steps over what the peer
// has already; transmit.cpp carries it out.
#pragma once

#include "tcp/env.hpp"
#include "tcp/tcb.hpp"

namespace lastack::tcp {

/// A stretch of sequence space that may leave now.
struct Plan {
    Seq seq;
    std::uint32_t text_bytes = 0;
    bool fin = false;
    bool rescue = false;  // RFC 6675 4, rule 4: HighRxt stays

    bool empty() const { return text_bytes == 0 && !fin; }
    Seq end() const { return seq + text_bytes + (fin ? 1U : 0U); }
};

/// What may leave at SND.NXT: new text, text that a timeout pulled SND.NXT back over, and the FIN.
Plan plan_next(const Env& env, Tcb& tcb);

/// The same for what has never been sent, at most `usable` numbers of it.
Plan plan_new(const Env& env, const Tcb& tcb, std::int64_t usable);

/// At most a segment of [from, to), which has been sent before: whatever the windows say.
Plan plan_again(const Tcb& tcb, Seq from, Seq to);

/// Fast retransmit: one segment from SND.UNA, up to what the peer has already.
Plan plan_first_again(const Env& env, const Tcb& tcb);

/// How much more the peer's window takes at SND.NXT; negative where it has shrunk (MUST-34).
inline std::int64_t window_left(const Tcb& tcb) {
    return static_cast<std::int64_t>(tcb.snd.wnd) -
           static_cast<std::int64_t>(tcb.snd.una.distance(tcb.snd.nxt));
}

}  // namespace lastack::tcp
