// The scenarios, by name: who opens, who may call what, and the bounds that all are explored with.
#pragma once

#include "tests/model/scenario.hpp"

namespace lastack::model {

/// Where a scenario's states are too many for CI, its bounds there are lower: `lowered`. A
/// sanitizer makes every step several times slower, and has bounds of its own.
struct Case {
    Scenario scenario;
    Bounds full{};
    Bounds lowered{};
    Bounds sanitized{.losses = 1, .duplicates = 1, .races = 0};
    bool sanitized_sends = true;  // false: no send() there
};

/// A client asks, a server answers; the client's FIN is first, and the answer may follow it.
Case client_closes_first();
/// The server's FIN is first.
Case server_closes_first();
/// Both close, in any order and at once.
Case simultaneous_close();
/// Both connect, in any order and at once, and close.
Case simultaneous_open();
/// Each may shut its direction down while the other still sends.
Case half_close_with_data();
/// The server closes in on_peer_closed, so that ACK and FIN are one segment.
Case three_segment_close();
/// Either end may abort at any moment, the opening included.
Case abort_at_any_time();
/// From ESTABLISHED on, any of the first segments of the close lost, up to six.
Case close_segments_lost();
/// The same with one end closing, so that roles are fixed.
Case active_close_segments_lost();
/// An application that reads nothing: its close is a reset.
Case unread_text();
/// Time stamps, SACK and window scaling on.
Case with_timestamps();
/// The network keeps segments for longer than MSL: nothing is promised but that all ends.
Case segments_outlive_msl();
/// Every call of the API on both ends: a client and a server.
Case every_call();
/// Every call of the API on both ends, and both connect.
Case every_call_both_connect();
/// Every call but send(), which leaves room for more of everything else.
Case every_call_without_text();

}  // namespace lastack::model
