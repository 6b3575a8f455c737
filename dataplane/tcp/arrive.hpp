// "A segment arrives": RFC 9293 3.10.7, one function per kind of record.
//
// For a Tcb in a synchronized state the steps of 3.10.7.4 stand in arrive.cpp as one line each.
// Where there is no record yet, arrive_closed() and arrive_listen() decide; TIME-WAIT and
// SYN-RECEIVED from LISTEN have small records and small functions of their own.
#pragma once

#include "tcp/env.hpp"
#include "tcp/outcome.hpp"
#include "tcp/segment.hpp"
#include "tcp/syn_record.hpp"
#include "tcp/tcb.hpp"
#include "tcp/time_wait.hpp"

namespace lastack::tcp {

/// SYN-SENT .. LAST-ACK. What the segment's text was not wanted for stays in `segment`.
Outcome arrive(Env& env, Tcb& tcb, Segment& segment);

/// 3.10.7.1: no record and no listener. The answer is a reset, or nothing to a reset.
std::optional<wire::TcpHeader> arrive_closed(Env& env, const Segment& segment);

/// 3.10.7.2: no record, but a listener. `isn_floor` is the old SND.NXT of a TIME-WAIT that the SYN
/// reopens (C-9).
struct ListenVerdict {
    enum class Kind : std::uint8_t { Drop, Reset, Open } kind = Kind::Drop;
    SynRecord record;                       // for Open
    std::optional<wire::TcpHeader> answer;  // RST, or the SYN,ACK
};
struct ListenFacts {
    Seq isn;  // from RFC 6528, by the caller
    std::optional<Seq> isn_floor;
    std::uint32_t ts_offset = 0;
};
/// The record that a SYN for a listener makes; it reads CLOSED.
SynRecord make_syn_record(const Env& env, const ListenFacts& facts, const Segment& syn);

ListenVerdict arrive_listen(Env& env, const ListenFacts& facts, const Segment& segment);

/// SYN-RECEIVED from LISTEN.
struct SynVerdict {
    enum class Kind : std::uint8_t {
        Keep,
        Open,  // the handshake is complete: make a Tcb with open(), then let it have the segment
        Gone,
        Return,  // back to the TIME-WAIT that it came from (C-11)
    } kind = Kind::Keep;
    std::optional<wire::TcpHeader> answer;
};
SynVerdict arrive(Env& env, SynRecord& record, Segment& segment);

/// TIME-WAIT, and FIN-WAIT-2 without an owner.
struct TimeWaitVerdict {
    enum class Kind : std::uint8_t {
        Keep,
        Restart,  // a fresh 2MSL from now on: arm it
        Reopen,   // the SYN is acceptable (C-7): let arrive_listen() have it with isn_floor
        Gone,
    } kind = Kind::Keep;
    std::optional<wire::TcpHeader> answer;
};
TimeWaitVerdict arrive(Env& env, TimeWaitRecord& record, const Segment& segment);

/// C-12: the SYN was acceptable, but nobody listens. The ACK of a refused SYN, within E-9's limit.
std::optional<wire::TcpHeader> refuse_reopen(Env& env, TimeWaitRecord& record,
                                             const Segment& segment);

/// A validated ICMP error about a segment of ours (RFC 9293 3.9.2.2, RFC 5927).
struct NetworkError {
    enum class Kind : std::uint8_t { Soft, Hard, TooBig } kind = Kind::Soft;
    End meaning = End::Unreachable;  // what an application would call it; not for TooBig
    Seq quoted;
    std::uint16_t next_hop_mtu = 0;  // TooBig
};
Outcome arrive(Env& env, Tcb& tcb, const NetworkError& error);
Outcome arrive(Env& env, SynRecord& record, const NetworkError& error);

}  // namespace lastack::tcp
