// What the network says of a Tcb's segments (RFC 9293 3.9.2.2; RFC 1191; RFC 5927).

#include <algorithm>

#include "tcp/arrival.hpp"
#include "tcp/call.hpp"
#include "tcp/path.hpp"
#include "tcp/waiting.hpp"

namespace lastack::tcp {

namespace {

// It explains a later timeout, and the application may want to know (MUST-47).
void note_soft_error(Tcb& tcb, End meaning) {
    if (tcb.soft_error == End::None) tcb.events.unreachable = true;
    tcb.soft_error = meaning;
}

// What the network says fails an open (M-12), and explains a later timeout.
Outcome take_unreachable(Env& env, Tcb& tcb, End meaning) {
    Outcome outcome;
    if (opening(tcb)) {
        arrival::finish(env, tcb, Cause::Abort, meaning);
        outcome.fate = Fate::Gone;
    } else {
        note_soft_error(tcb, meaning);
    }
    return outcome;
}

}  // namespace

// I-12: no neighbour answers for the next hop.
Outcome neighbour_failed(Env& env, Tcb& tcb) {
    return take_unreachable(env, tcb, End::Unreachable);
}

// RFC 9293 3.9.2.2; RFC 5927 4 and 5.
Outcome arrive(Env& env, Tcb& tcb, const NetworkError& error) {
    if (!error.quoted.in_window(tcb.snd.una, tcb.flight())) {
        env.count(Counter::OutOfWindowIcmps);  // B-12
        return {};
    }
    if (error.kind == NetworkError::Kind::TooBig) {
        // In SYN-SENT the peer has not said anything yet; our own link is the bound (SYNS.I02).
        const std::uint16_t bound =
            tcb.state.is(State::SynSent) ? std::min(env.config.offered_mss, tcb.path_mss) : tcb.mss;
        const auto mss = narrower_mss(env, error.next_hop_mtu, bound);
        if (!mss) return {};
        bound_path(env, tcb, *mss, kPathBelievedMs);
        if (!tcb.syn_unacked) tcb.snd.nxt = tcb.snd.una;  // send again in smaller pieces
        return {};
    }
    const bool hard = error.kind == NetworkError::Kind::Hard;
    const bool fails_open = opening(tcb) && (hard || env.config.soft_error_fails_open);
    if (hard && !opening(tcb) && env.config.hard_error_aborts) {  // M-11
        Outcome outcome;
        outcome.fate = Fate::Gone;
        arrival::finish(env, tcb, Cause::Abort, error.meaning);
        return outcome;
    }
    if (fails_open) return take_unreachable(env, tcb, error.meaning);  // I01, M-12
    env.count(hard ? Counter::IcmpHardIgnored : Counter::IcmpSoft);
    note_soft_error(tcb, error.meaning);
    return {};
}

}  // namespace lastack::tcp
