// Sequence numbers are points on a circle: no order among them is transitive (RFC 9293 3.4).
// expect: no match for 'operator<'
#include "wire/seq.hpp"

using lastack::wire::Seq;
constexpr bool right(Seq a, Seq b) {
    return a.before(b);
}

#ifdef MUST_NOT_COMPILE
constexpr bool wrong(Seq a, Seq b) {
    return a < b;
}
#endif
