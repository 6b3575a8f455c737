// What routers have said of the paths to some destinations (RFC 1191 5.2 and 6.3; I-10, I-23).
//
// A table of a few hundred destinations, each in the one slot that its address falls into: a newer
// one takes the place of an older one, and what is forgotten is learned again. An entry is believed
// for ten minutes, for a path may have become wider. Only what the protocol has accepted of an ICMP
// error comes here, so nobody can fill it from outside. One owner thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/arena.hpp"
#include "time/instant.hpp"
#include "wire/address.hpp"

namespace lastack::ip {

class PathMtu {
  public:
    static constexpr std::uint32_t kSlots = 512;
    static constexpr time::Duration kBelieved = std::chrono::minutes(10);

    explicit PathMtu(base::Arena& arena) : slots_(arena.carve<Slot>(kSlots)) {}

    void learn(wire::Ipv4Address destination, std::uint16_t mtu_bytes, time::Instant now) {
        slots_[index(destination)] = {destination, mtu_bytes, now + kBelieved};
        any_ = true;
    }

    /// What was said, in octets of IP datagram, and for how long it is still to be believed:
    /// whoever takes it over takes its age as well.
    struct Word {
        std::uint16_t mtu_bytes;
        time::Duration believed;
    };

    /// Nothing where nothing was said, or too long ago.
    std::optional<Word> of(wire::Ipv4Address destination, time::Instant now) const {
        if (!any_) return std::nullopt;  // the usual case costs no memory access
        const Slot& slot = slots_[index(destination)];
        if (slot.destination != destination || now >= slot.until) return std::nullopt;
        return Word{slot.mtu_bytes, slot.until - now};
    }

  private:
    struct Slot {
        wire::Ipv4Address destination{};
        std::uint16_t mtu_bytes = 0;
        time::Instant until{};
    };

    static std::uint32_t index(wire::Ipv4Address destination) {
        return (destination.value * 0x9e37'79b1U) >> 23;  // Fibonacci hashing, the top nine bits
    }
    static_assert(kSlots == 1U << 9);

    std::span<Slot> slots_;
    bool any_ = false;
};

}  // namespace lastack::ip
