// What the protocol answers to its caller: the fate of the record, and a segment that leaves at
// once. Everything else that is owed waits in the record until the end of the turn.
#pragma once

#include <cstdint>
#include <optional>

#include "wire/tcp.hpp"

namespace lastack::tcp {

enum class Fate : std::uint8_t {
    Keep,      // the record stays what it is
    TimeWait,  // it goes on as a TimeWaitRecord: TIME-WAIT, or FIN-WAIT-2 without an owner
    Gone,      // CLOSED: out of the table with it
};

struct [[nodiscard]] Outcome {
    Fate fate = Fate::Keep;
    std::optional<wire::TcpHeader> answer;  // ports are the caller's to fill in
};

}  // namespace lastack::tcp
