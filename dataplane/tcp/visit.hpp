// A segment's visit to a compact record: what TIME-WAIT and a FIN-WAIT-2 whose application has gone
// do alike.
#pragma once

#include "tcp/arrive.hpp"

namespace lastack::tcp {

struct Visit {
    Env& env;
    TimeWaitRecord& record;
    const Segment& segment;
    TimeWaitVerdict verdict;

    bool in_time_wait() const { return record.state.is(State::TimeWait); }
    const std::optional<wire::Timestamps>& stamp() const {
        return segment.header.options.timestamps;
    }
};

/// The ACK of what the record has reached.
void answer(Visit& v);
/// The same, within E-9's limit.
void answer_throttled(Visit& v);
/// To something that is not acceptable. What occupies sequence space without SYN is always answered
/// (E-9).
void answer_invalid(Visit& v);
/// RFC 5961.
void challenge(Visit& v);

/// F-17.
bool ts_recent_is_old(const Visit& v);
/// PAWS would reject the segment.
bool stamp_is_stale(const Visit& v);
/// RFC 7323 4.3: TS.Recent follows segments that cover Last.ACK.sent, which is RCV.NXT here.
void take_stamp(Visit& v);
/// RFC 5961 5.2; false where the segment is not to be used.
bool check_ack_range(Visit& v);

/// FIN-WAIT-2: a segment whose flags and time stamp have been checked (arrive_fin_wait_2.cpp).
void take_in_fin_wait_2(Visit& v);

}  // namespace lastack::tcp
