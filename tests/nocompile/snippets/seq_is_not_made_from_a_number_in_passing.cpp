// A length passed where a sequence number belongs is a mistake that must show.
// expect: could not convert
#include "wire/seq.hpp"

using lastack::wire::Seq;
constexpr std::uint32_t distance_to(Seq seq) {
    return Seq(0).distance(seq);
}
static_assert(distance_to(Seq(7)) == 7);

#ifdef MUST_NOT_COMPILE
static_assert(distance_to(7) == 7);
#endif
