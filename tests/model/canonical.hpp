// The canonical form of a world's state: equal for two states from which the same can follow.
//
// It is written by the lists of fields (tcp/fields.hpp, stack/fields.hpp), with
//  - sequence numbers as distances from the ISS of the life they belong to;
//  - instants by how far ahead they are: that is by their order, and by what decides the order of
//    those to come. (By order alone, states would be 2 % fewer, and some of them falsely merged.)
//  - time stamps, which are instants of their senders' clocks, by how old they are;
//  - segments in flight as a set: places do not matter;
//  - queues as the bytes they hold;
//  - of applications what may still matter: who has closed will not send any more;
//  - the ends without their names, where both have the same program: two states that differ by an
//    exchange of the ends are one.
// 128 bits of hash stand for the form; among ten million states the chance that any two collide is
// one in 10^24.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "tests/model/world.hpp"

namespace lastack::model {

struct Digest {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    auto operator<=>(const Digest&) const = default;
};

Digest canonical(const World& world);

/// The fields of both ends by name, for a counterexample.
std::string dump(const World& world);

}  // namespace lastack::model
