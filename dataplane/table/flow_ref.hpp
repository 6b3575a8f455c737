// What the connection table remembers of a connection: which record, and what kind it is.
//
// 32 bits, stored and loaded as one word, so that replacing a record by another (a SynRecord by a
// Tcb, a Tcb by a TimeWaitRecord) is one store and nobody sees neither or both.
//
//    31      30..29         28..0
//   +------+--------------+----------------------------+
//   |family| kind + 1     | index in the pool of kind  |        all zero: none
//   +------+--------------+----------------------------+
#pragma once

#include <cstdint>

#include "base/assert.hpp"

namespace lastack::table {

/// Which record a reference leads to. The phases of a life; see architecture.md, "Records".
enum class RecordKind : std::uint8_t { Syn, Tcb, TimeWait };

/// Which shape the record's key has. A record of one family is never compared with the other's key.
enum class Family : std::uint8_t { Ipv4, Ipv6 };

class FlowRef {
  public:
    static constexpr std::uint32_t kMaxIndex = (1U << 29) - 1;

    /// No record.
    constexpr FlowRef() = default;
    static constexpr FlowRef none() { return {}; }

    constexpr FlowRef(Family family, RecordKind kind, std::uint32_t index)
        : raw_(static_cast<std::uint32_t>(family) << 31 |
               (static_cast<std::uint32_t>(kind) + 1) << 29 | index) {
        LA_ASSERT(index <= kMaxIndex);
    }

    /// From what raw() gave.
    static constexpr FlowRef from_raw(std::uint32_t raw) {
        FlowRef ref;
        ref.raw_ = raw;
        return ref;
    }

    constexpr bool is_none() const { return raw_ == 0; }
    constexpr explicit operator bool() const { return raw_ != 0; }

    /// The three below: not of none().
    constexpr Family family() const { return static_cast<Family>(raw_ >> 31); }
    constexpr RecordKind kind() const { return static_cast<RecordKind>(((raw_ >> 29) & 3) - 1); }
    constexpr std::uint32_t index() const { return raw_ & kMaxIndex; }

    constexpr std::uint32_t raw() const { return raw_; }
    constexpr bool operator==(const FlowRef&) const = default;

  private:
    std::uint32_t raw_ = 0;
};
static_assert(sizeof(FlowRef) == 4);

}  // namespace lastack::table
