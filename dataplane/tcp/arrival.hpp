// Internal to arrive*.cpp: one segment on its way through the steps of 3.10.7.4.
#pragma once

#include "tcp/arrive.hpp"
#include "tcp/compose.hpp"

namespace lastack::tcp::arrival {

struct Arrival {
    Env& env;
    Tcb& tcb;
    Segment& segment;
    Outcome outcome;
    bool filled_gap = false;   // the text closed a gap: the ACK is not delayed (5681 4.2)
    bool fin_is_next = false;  // the segment has the peer's FIN, and all that is ahead of it
};

/// A step: true where the next one has something to look at.
bool check_ack(Arrival& a);    // fifth
void take_urgent(Arrival& a);  // sixth, where the segment has URG
bool take_text(Arrival& a);    // seventh
void check_fin(Arrival& a);    // eighth

/// Cuts off what lies outside the window (F-7): the front first, then the back with its FIN.
void trim(Arrival& a);

/// Text or a FIN arrived that we have already: the next segment reports it (RFC 2883, H-15).
void note_repeated(Env& env, Tcb& tcb, const wire::SackBlock& block);

/// The same of what of the segment lies below RCV.NXT. A SYN has no place in a SACK block.
void note_old(Arrival& a);

/// SYN-SENT, RFC 9293 3.10.7.3. True where text and FIN are to be looked at.
bool arrive_syn_sent(Arrival& a);

/// ESTABLISHED by `cause`, with all that begins there.
void establish(Arrival& a, Cause cause);

/// What the peer's SYN says about the connection (RFC 9293 3.7.1, RFC 7323 2.2 and 3.2).
void take_syn_options(Env& env, Tcb& tcb, const wire::TcpHeader& syn);

/// RFC 7323 5.5: a TS.Recent of 24 days ago says nothing any more.
bool ts_recent_is_old(const Arrival& a);

void take_window(Tcb& tcb, const Segment& segment, std::uint32_t window);

/// The connection is over: the application hears `end`, queues are dropped (text that arrived stays
/// readable, M-24), timers stop.
void finish(Env& env, Tcb& tcb, Cause cause, End end);

/// A reset by our own decision: RST(n) and the end.
void abort_with_reset(Arrival& a, Counter why, End end);

/// Text or a FIN for an application that has gone (D-11): a reset, and the end.
void reset_orphan(Arrival& a);

/// An answer to something invalid, at most one per E-9's interval; `skipped` counts the others.
/// True where it was granted.
bool answer_throttled(Arrival& a, Counter skipped);

/// RFC 5961: a challenge ACK, throttled. True where it was granted.
bool challenge(Arrival& a);

/// TIME-WAIT: nothing is owed but the last ACK, which leaves now.
void enter_time_wait(Arrival& a, Cause cause);

}  // namespace lastack::tcp::arrival
