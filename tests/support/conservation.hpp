// Conservation (J-36), asked of a whole Stack between two turns: every record stands in the table,
// in its state's gauge and on the wheel; every piece in one queue; every reference in one piece;
// every run of text beyond a gap and of a scoreboard in one connection; half-open records with
// their listeners, orphans in their count.
#pragma once

#include "stack/fields.hpp"

namespace lastack::test {

/// RFC 9293 3.4: SND.UNA =< SND.NXT =< SND.MAX; nothing was sent or acknowledged that was not
/// given. nullptr where that holds, else what does not.
const char* numbers_fault(const tcp::Tcb& tcb);

/// Walks all records. `references` are those that the shell's buffers have; frames that wait for
/// ARP have some too, so it is compared only while there are none.
const char* conservation_fault(const stack::Stack& stack, time::Instant now,
                               std::uint64_t references);

}  // namespace lastack::test
