// Lists too long for one answer, a page at a time.
//
// A page ends when it is full, or when as many records as one request may look at have been looked
// at; then "next" says where to go on, and is null at the end. A connection that is alive
// throughout is listed at least once; one that changes its kind of record meanwhile may appear
// twice. "changed" is how many changes of state there have been under the listing so far, of all
// connections.
#pragma once

#include "control/server/message.hpp"
#include "control/server/rows.hpp"

namespace lastack::control {

/// /v1/connections: rows that match state, src, dst, sport, dport; cursor and limit.
Json list_connections(worker::Inspector& inspector, const Request& request);

/// /v1/trace: events of one worker from number `from` on that match src, dst, sport, dport. All
/// that the trace, of `capacity` events, held at this question have numbers below "until": a reader
/// that stops there comes to an end, however busy the worker is.
Json list_trace(worker::Inspector& inspector, std::uint32_t capacity, const Request& request);

}  // namespace lastack::control
