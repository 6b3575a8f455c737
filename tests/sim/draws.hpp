// What a world is like: everything that is drawn from its seed before anything happens.
#pragma once

#include <array>
#include <string_view>

#include "tests/sim/actor.hpp"
#include "tests/sim/dice.hpp"
#include "tests/support/link.hpp"

namespace lastack::test {

enum class Impairment : std::uint8_t {
    None,
    Loss,
    Duplication,
    Reordering,
    Delay,
    Corruption,
    TinyWindow,
    MtuChange,
    ClockStall,
    NoBuffers,
    All,
};
inline constexpr std::size_t kImpairments = 11;
std::string_view name(Impairment impairment);

/// Seeds take turns: seed % 11 is the kind.
constexpr Impairment impairment_of(std::uint64_t seed) {
    return static_cast<Impairment>(seed % kImpairments);
}

/// The nature of a world.
struct Nature {
    Impairment impairment = Impairment::None;
    Conditions conditions{};
    bool tiny_windows = false;
    bool mtu_changes = false;
    bool clock_stalls = false;
    bool no_buffers = false;   // for a while, again and again
    bool client_dies = false;  // and a second one has its address: the third host
    bool few_orphans = false;
    bool clean = false;  // nothing is late, nobody vanishes or resets: nothing need be sent twice
    std::size_t connections = 0;
    time::Duration arrivals{};  // all begin within

    /// Whether a connection may time out though both ends are polite.
    bool hard() const;
};

Nature draw_nature(Dice& dice, std::uint64_t seed);
stack::Config draw_config(Dice& dice, const Nature& nature, wire::Ipv4Address address,
                          const wire::MacAddress& mac);

/// The plans of the two ends of a connection.
struct Plans {
    Plan client;
    Plan server;
    bool polite = true;
};
Plans draw_plans(Dice& dice, const Nature& nature);

}  // namespace lastack::test
