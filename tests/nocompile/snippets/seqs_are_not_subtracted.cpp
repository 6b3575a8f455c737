// The difference of two sequence numbers is a named question, distance(), with a direction.
// expect: no match for 'operator-'
#include "wire/seq.hpp"

using lastack::wire::Seq;
constexpr std::uint32_t right(Seq a, Seq b) {
    return a.distance(b);
}

#ifdef MUST_NOT_COMPILE
constexpr auto wrong(Seq a, Seq b) {
    return b - a;
}
#endif
