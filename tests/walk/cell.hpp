// Section B of the requirements as data: 11 states x 32 events, one row or more for each cell.
//
// The tables (b1_*.cpp to b4_*.cpp) are texts, written by hand from section B, a row a line:
//
//     cell variant | given | event | answer | after | told | counters | timer
//
//  - cell: as in section B ("FW1.E11"); a variant where the cell says more than one thing.
//  - given: steps that lead to the state, separated by ';' (stage.hpp has their words).
//  - event: steps too; usually one.
//  - answer: the segments that leave, in order, separated by ','; "-" for none, "*" for any.
//  - after: the state of the connection after it; "=" where it stays. LISTEN: no record, a
//  listener.
//  - told: what the application hears, separated by ','; "-" for nothing.
//  - counters: those that move, by one each, or "Name*2"; "-" where none is named.
//  - timer: what is armed after it, and how long it has to run in milliseconds; "off"; "=" where
//    the event leaves it alone.
//
// A segment is written "flags seq ack text", numbers relative to what they are before the event:
// next = RCV.NXT, edge = the right edge of the window offered, una = SND.UNA, max = SND.MAX, irs,
// iss, isn = what the "isn" step has arranged. "FPA next una 4" has four bytes of text.
//
// A line that begins with a blank goes on with the row above it; one with '#' is a remark.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace lastack::test::walk {

struct Cell {
    std::string id;
    std::string variant;
    std::string given;
    std::string event;
    std::string answer;
    std::string after;
    std::string told;
    std::string counters;
    std::string timer;

    /// "FW1.E11 orphan"
    std::string name() const { return variant.empty() ? id : id + ' ' + variant; }
};

inline void PrintTo(const Cell& cell, std::ostream* out) {
    *out << cell.name() << ": given " << cell.given << ", event " << cell.event;
}

/// The parts of `text` between separators, blanks around them cut off; none for "-".
std::vector<std::string> parts_of(std::string_view text, char separator);

/// The rows of a table. Throws std::invalid_argument for a row that has not eight fields.
std::vector<Cell> read_table(std::string_view text);

/// A cell or variant of section B that cannot be walked yet, and why.
struct Waiting {
    const char* name;
    const char* reason;
};

extern const char* const kClosed;
extern const char* const kListen;
extern const char* const kSynSent;
extern const char* const kSynReceived;
extern const char* const kEstablished;
extern const char* const kCloseWait;
extern const char* const kFinWait1;
extern const char* const kFinWait2;
extern const char* const kClosing;
extern const char* const kLastAck;
extern const char* const kTimeWait;
extern const char* const kCloseMatrix;  // D-16: d16_close.cpp

}  // namespace lastack::test::walk
