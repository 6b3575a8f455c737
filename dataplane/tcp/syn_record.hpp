// SYN-RECEIVED from LISTEN: all that is kept of a connection until its third segment (G-26).
#pragma once

#include <cstdint>
#include <optional>

#include "tcp/env.hpp"
#include "tcp/outcome.hpp"
#include "tcp/segment.hpp"
#include "tcp/tcb.hpp"
#include "tcp/timers.hpp"

namespace lastack::tcp {

struct SynRecord {
    Seq iss;
    Seq irs;
    std::uint32_t ts_recent = 0;
    std::uint32_t ts_offset = 0;
    std::uint32_t sent_at_us = 0;  // the first SYN,ACK, for the round trip
    std::uint32_t deadline_ms = 0;
    std::uint32_t peer_window = 0;
    AnswerStamp answer;
    std::uint16_t peer_mss = 536;     // RFC 9293 3.7.1: what an absent option means
    std::uint16_t path_mss = 0xffff;  // what a router on the way has said (SYNR.I02)
    StateCell state;
    Origin origin = Origin::Passive;
    std::uint8_t retransmits = 0;
    std::uint8_t peer_shift : 4 = 0;
    bool timestamps : 1 = false;
    bool sack : 1 = false;
    bool scaling : 1 = false;
    bool from_cookie : 1 = false;  // nobody knows when its SYN,ACK left
};

static_assert(sizeof(SynRecord) == 44, "a flood of SYNs is paid for in these");

/// The SYN,ACK: always the same ISS and options, a fresh TSval (G-19).
wire::TcpHeader compose_syn_ack(const Env& env, const SynRecord& record);

/// The SYN,ACK timer. Answers with the SYN,ACK again, or Fate::Gone after the last (G-18).
Outcome timeout(Env& env, SynRecord& record);

/// Makes `tcb`, which is as new, what continues `record`, which reads CLOSED afterwards. It is
/// still in SYN-RECEIVED: the segment that completed the handshake goes to arrive(Tcb) next, and
/// moves it to ESTABLISHED.
void open(Env& env, SynRecord& record, Tcb& tcb);

}  // namespace lastack::tcp
