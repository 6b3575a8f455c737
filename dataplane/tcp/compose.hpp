// The headers of outgoing segments, made from a Tcb: numbers, window, options.
#pragma once

#include "tcp/env.hpp"
#include "tcp/segment.hpp"
#include "tcp/tcb.hpp"

namespace lastack::tcp {

/// A segment at `seq` with ACK, the window and what was negotiated. Settles every ACK that is owed.
wire::TcpHeader compose(Env& env, Tcb& tcb, Seq seq, std::uint8_t flags);
/// The same into a header that is as new, where it will be read: what every segment with text does.
void compose(Env& env, Tcb& tcb, Seq seq, std::uint8_t flags, wire::TcpHeader& header);

/// <SEQ=SND.MAX><ACK=RCV.NXT><CTL=ACK>: ACK!, oACK and cACK alike (F-10).
wire::TcpHeader compose_ack(Env& env, Tcb& tcb);

/// SYN in SYN-SENT; SYN,ACK in SYN-RECEIVED and after.
wire::TcpHeader compose_syn(Env& env, Tcb& tcb);

/// RST(n): <SEQ=SND.MAX><ACK=RCV.NXT><CTL=RST,ACK>, a reset that we owe to our own decision.
wire::TcpHeader compose_reset(Env& env, Tcb& tcb);

/// RST(a): <SEQ=SEG.ACK><CTL=RST>, in answer to a segment with ACK; else
/// RST(0): <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> (RFC 9293 3.10.7.1).
wire::TcpHeader reset_for(const Segment& segment);

/// True where consuming `tcb`'s text has opened the window enough to tell the peer (SWS, H-27).
bool window_update_owed(const Env& env, const Tcb& tcb);

}  // namespace lastack::tcp
